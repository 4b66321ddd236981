"""What automatic payment is going to do for a company, as its pages and its vendor's team show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from comptoir.invoicing.queries import InvoiceRow, invoices
from comptoir.kit.lookups import Ids

from .models import AutopayInstruction, DebitNotice
from .planning import Plan, State, limits, plans
from .queries import method_label


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What becomes of an invoice: see ``planning.Plan``; amounts in minor units."""

    invoice: InvoiceRow
    state: State
    on: date | None
    method_label: str
    varies_from_minor: int | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """All of it at a glance: how many wait for a word, when the next debit is, how many the customer has to pay.

    ``joins_next``: how many are too small to be taken alone, and are taken with the next debit.
    """

    needs_approval: int
    left_to_payer: int
    next_on: date | None
    is_another_attempt: bool
    joins_next: int = 0


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """That the amount and day of a debit were told: to which address, on which business date, and when."""

    invoice_id: int
    kind: str
    amount_minor: int
    debit_on: date
    sent_to: str
    sent_on: date
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class WordRow:
    """What a member said of an invoice's automatic payment, and when."""

    invoice_id: int
    kind: str
    amount_minor: int
    given_by: str
    given_at: datetime


def upcoming(company_id: int, *, today: date) -> list[Upcoming]:
    """Return what becomes of each invoice of a company on autopay of which something is payable, the oldest first."""
    return upcoming_of(invoices(company_id=company_id, open_only=True), today=today)


def upcoming_of(rows: Sequence[InvoiceRow], *, today: date) -> list[Upcoming]:
    """Return the same of these invoices; of each company, all that are due by some day."""
    found = sorted(plans(rows, today=today), key=lambda plan: (plan.invoice.due_date, plan.invoice.id))
    return [_row(plan) for plan in found]


def outlook(rows: Sequence[Upcoming]) -> Outlook:
    """Return what a first page says of it."""
    days = sorted((row.on, row.state == "again") for row in rows if row.on is not None)
    return Outlook(
        needs_approval=sum(1 for row in rows if row.state == "needs_approval"),
        left_to_payer=sum(1 for row in rows if row.state in ("called_off", "refused", "disputed", "refunded")),
        next_on=days[0][0] if days else None,
        is_another_attempt=days[0][1] if days else False,
        joins_next=sum(1 for row in rows if row.state == "too_small"),
    )


def autopay_limit(company_id: int) -> int | None:
    """Return the amount above which a company is asked first, in minor units; None: it never is."""
    return limits(company_ids=Ids([company_id])).read().get(company_id)


def notices_of(company_id: int, *, limit: int = 50) -> list[NoticeRow]:
    """Return the evidence of what was announced to a company, the newest first."""
    found = DebitNotice.objects.filter(company_id=company_id).order_by("-id")[:limit]
    return [
        NoticeRow(row.invoice_id, row.kind, row.amount_minor, row.debit_on, row.sent_to, row.sent_on, row.sent_at)
        for row in found
    ]


def words_of(company_id: int, *, limit: int = 50) -> list[WordRow]:
    """Return what members said of single invoices, the newest first."""
    found = AutopayInstruction.objects.filter(company_id=company_id).order_by("-id")
    told = found.values_list("invoice_id", "kind", "amount_minor", "given_by__name", "given_by__email", "given_at")
    return [
        WordRow(invoice_id, kind, amount_minor, name or email, given_at)
        for invoice_id, kind, amount_minor, name, email, given_at in told[:limit]
    ]


def _row(plan: Plan) -> Upcoming:
    return Upcoming(
        invoice=plan.invoice,
        state=plan.state,
        on=plan.on,
        method_label=method_label(plan.method),
        varies_from_minor=plan.varies_from_minor,
    )
