"""What to look at before a wave is sent: who would get what, and what is in the way of whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.customers.queries import billing_emails
from comptoir.invoicing.due import Due, reckon_due
from comptoir.invoicing.problems import in_words
from comptoir.kit.money import format_money
from comptoir.mailer.queries import marked_among
from comptoir.payments.disputes.queries import companies_in_dispute
from comptoir.subscriptions.calculation.periods import add_months
from comptoir.tenancy.queries import vendor

from .balances import owed_there
from .company_list import CompanyFilter, matching_ids
from .comparison.deciding import may_not_move
from .letter_texts import only_shipped
from .models import Move
from .waves import WaveRow

FindingKind = Literal[
    "cannot_be_billed",
    "unreachable",
    "on_paper",
    "mail_came_back",
    "nothing_due",
    "catches_up",
    "owes_there",
    "brings_balance",
    "dispute",
    "not_fitting",
    "shipped_words",
    "unexplained",
]
BLOCKING: frozenset[FindingKind] = frozenset({"cannot_be_billed", "unreachable", "unexplained"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at. ``words`` say what it is where the kind alone does not."""

    kind: FindingKind
    words: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """A company of a planned wave: its address, and what it would be billed, with what to look at.

    ``due_minor`` is what falls due by the wave's month, in minor units.
    """

    public_id: UUID
    number: str
    name: str
    language: str
    email: str
    due_minor: int
    findings: tuple[Finding, ...]

    @property
    def is_blocked(self) -> bool:
        """Whether the wave cannot be sent with it as it is."""
        return any(finding.kind in BLOCKING for finding in self.findings)


def planned_companies(row: WaveRow) -> list[Planned]:
    """Return a planned wave's companies with what to look at before it is sent, by number."""
    moves = list(Move.objects.filter(wave_id=row.id).select_related("company").order_by("company__number"))
    company_ids = [move.company_id for move in moves]
    emails = billing_emails(company_ids)
    marked = marked_among(vendor_id=row.vendor_id, addresses=emails.values())
    unexplained = may_not_move(company_ids)
    disputed = companies_in_dispute(company_ids)
    fitting, seller, owed = _fitting(row), vendor(row.vendor_id), owed_there(company_ids)
    shipped = only_shipped(vendor_id=row.vendor_id)
    through = add_months(row.first_invoice_month, months=1, anchor_day=1) - timedelta(days=1)
    due = reckon_due(seller=seller, company_ids=company_ids, through=through, issue_date=row.first_invoice_month)
    planned = []
    for move in moves:
        email, found = emails.get(move.company_id, ""), list[Finding]()
        if not email:
            found.append(Finding("on_paper" if move.company.address_lines else "unreachable"))
        elif email.lower() in marked:
            found.append(Finding("mail_came_back"))
        if move.company_id in unexplained:
            found.append(Finding("unexplained"))
        if owes := sum(one.open_minor for one in owed.get(move.company_id, ())):
            kind: FindingKind = "brings_balance" if row.brings_balances else "owes_there"
            found.append(Finding(kind, _amount(owes, seller.currency)))
        if move.company_id in disputed:
            found.append(Finding("dispute"))
        if fitting is not None and move.company_id not in fitting:
            found.append(Finding("not_fitting"))
        if move.company.language in shipped:
            found.append(Finding("shipped_words"))
        planned.append(
            Planned(
                public_id=move.company.public_id,
                number=move.company.number,
                name=move.company.name,
                language=move.company.language,
                email=email,
                due_minor=_due_minor(due, move.company_id),
                findings=(*_about_invoice(due, move.company_id, month=row.first_invoice_month), *found),
            )
        )
    return planned


def fitting_ids(row: WaveRow) -> list[UUID]:
    """Return the companies in no wave that fit a wave's criteria; none for a hand-picked one."""
    if not row.criteria:
        return []
    wanted = CompanyFilter(**{**row.criteria, "moved": "free"})
    return [public_id for public_id, _id in matching_ids(vendor_id=row.vendor_id, wanted=wanted, but_not=row.id)]


def _fitting(row: WaveRow) -> set[int] | None:
    if not row.criteria:
        return None
    wanted = CompanyFilter(**{**row.criteria, "moved": ""})
    return {company_id for _public_id, company_id in matching_ids(vendor_id=row.vendor_id, wanted=wanted)}


def _amount(minor: int, currency: str) -> str:
    return format_money(amount_minor=minor, currency=currency, language=get_language() or "en")


def _due_minor(due: Due, company_id: int) -> int:
    return sum(invoice.net_minor + invoice.tax_minor for invoice in due.invoices.get(company_id, ()))


def _about_invoice(due: Due, company_id: int, *, month: date) -> Sequence[Finding]:
    if problem := due.problems.get(company_id):
        return [Finding("cannot_be_billed", in_words(problem))]
    invoices = due.invoices.get(company_id, ())
    if not _due_minor(due, company_id):
        return [Finding("nothing_due")]
    starts = [line.days.starts_on for invoice in invoices for line in invoice.lines if line.days]
    return [Finding("catches_up")] if any(day < month for day in starts) else []


def finding_words() -> Mapping[FindingKind, str]:
    """Return what each kind of finding is called."""
    return {
        "cannot_be_billed": _("Cannot be billed"),
        "unreachable": _("Neither an e-mail nor a postal address"),
        "on_paper": _("No e-mail address: the letter goes on paper"),
        "mail_came_back": _("Mail to its address came back"),
        "nothing_due": _("Nothing due by then"),
        "catches_up": _("Catches up earlier months"),
        "unexplained": _("The comparison with its old invoice is not settled"),
        "owes_there": _("Owes in the old system, which goes on collecting it"),
        "brings_balance": _("What it owes in the old system is collected here from the move on"),
        "dispute": _("A payment is in dispute"),
        "not_fitting": _("Does not fit the wave’s criteria any more"),
        "shipped_words": _("Nobody wrote your own letter in its language: the one that Comptoir brings goes out"),
    }
