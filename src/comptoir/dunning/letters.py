"""What a reminder says, before it is a mail or a paper, and the paper that it is kept on."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.catalog.queries import products
from comptoir.customers.papers import ways_of
from comptoir.customers.queries import billing_emails
from comptoir.customers.recipients import who_agreed
from comptoir.documents import operations as documents
from comptoir.documents.data import OverdueInvoice
from comptoir.documents.rendering import render
from comptoir.invoicing.queries import InvoiceRow, invoices_by_ids
from comptoir.kit.dates import format_date
from comptoir.kit.money import format_money
from comptoir.notices import links
from comptoir.notices.composing import Reached
from comptoir.notices.papers import party
from comptoir.notices.reminders import Follows, Written, reminder_document
from comptoir.tenancy.queries import CompanyRow, VendorRow, companies_by_ids

from .announcing import Announced, DueStep, announced
from .calculation.steps import StepKind
from .facts import CompanyFacts
from .papers import IN_THE_POST, paper_reference
from .texts import Words, texts_to_send, written


@dataclass(slots=True)
class Desk:
    """What all who are written to at once have in common, and where each of them is reached."""

    vendor: VendorRow
    on: date
    buyers: Mapping[int, CompanyRow]
    reached: Mapping[int, Reached]
    ways: Mapping[int, str]
    product_names: Mapping[int, str]
    _texts: dict[tuple[int, str, Follows], Mapping[Written, Words]] = field(default_factory=dict)

    def words(self, kind: Written, *, policy_id: int, language: str, follows: Follows) -> Words:
        """Return what a policy's step says in a language, by what follows for who does not pay."""
        key = policy_id, language, follows
        if key not in self._texts:
            self._texts[key] = texts_to_send(policy_id, language=language, follows=follows)
        return self._texts[key][kind]


def desk_for(company_ids: Iterable[int], *, vendor: VendorRow, on: date) -> Desk:
    """Return what is needed to write to some of a vendor's companies on a day."""
    ids = list(company_ids)
    emails, others = billing_emails(ids), who_agreed(ids)
    return Desk(
        vendor=vendor,
        on=on,
        buyers=companies_by_ids(ids),
        reached={each: Reached(vendor, emails.get(each, ""), others.get(each, [])) for each in ids},
        ways=ways_of(ids),
        product_names={row.id: row.name for row in products(vendor.id)},
    )


@dataclass(frozen=True, slots=True)
class Letter:
    """What is written: to whom, its words, and the invoices that it lists.

    ``closes_from`` is the first day on which it lets something be closed: None where it is no final notice, or nothing
    is closed.
    """

    buyer: CompanyRow
    words: Words
    rows: Sequence[InvoiceRow]
    amount: str
    closes_from: date | None

    def reference(self, notice: UUID) -> str:
        """Return what its paper is kept under: another one where it says anything else."""
        listed = [(row.number, row.due_date, row.open_minor) for row in self.rows]
        said = (self.words.subject, self.words.words, listed, self.buyer.name, self.buyer.address_lines)
        return f"{paper_reference(notice)}:{hashlib.sha256(repr(said).encode()).hexdigest()[:16]}"


def write_letter(
    facts: CompanyFacts,
    *,
    due: Sequence[DueStep],
    kind: StepKind,
    desk: Desk,
    fee_minor: int,
    on_paper: bool,
    named: date | None = None,
) -> Letter:
    """Write what a step says, about all that is due, not only what has come to this step; and what it costs.

    A letter ``on_paper`` allows for its days in the post. ``named`` is the day that it named when it was written
    before: it stands while it is far enough.
    """
    buyer = desk.buyers[facts.company_id]
    mentioned = {step.invoice.facts.id for step in due}
    listed = [
        row.facts
        for row in facts.invoices
        if not row.facts.is_being_paid and (row.facts.due_on <= desk.on or row.facts.id in mentioned)
    ]
    by_id = invoices_by_ids([row.id for row in listed])
    rows = sorted(by_id.values(), key=lambda row: (row.due_date, row.id))
    amount = _money(sum(row.open_minor for row in listed), buyer=buyer, desk=desk)
    in_the_post = IN_THE_POST if on_paper else timedelta(0)
    follows = announced(facts, due=due, on=desk.on, in_the_post=in_the_post, named=named)
    words = desk.words(
        written(kind),
        policy_id=facts.policy.id,
        language=buyer.language,
        follows=follows.follows if follows else "nothing",
    )
    filled = words.filled(
        {
            "company": buyer.name,
            "vendor": desk.vendor.name,
            "amount": amount,
            "since": format_date(day=rows[0].due_date, language=buyer.language),
            **(_closing(follows, desk=desk, language=buyer.language) if follows else {}),
        }
    )
    if fee_minor:
        filled = filled.followed_by(_of_fee(_money(fee_minor, buyer=buyer, desk=desk), language=buyer.language))
    return Letter(buyer, filled, rows, amount, follows.closes_from if follows and kind == "final_notice" else None)


def keep_paper(letter: Letter, *, notice: UUID, desk: Desk) -> str:
    """Make a letter's PDF and keep it, once; return what it is kept under. Runs in the transaction of its notice."""
    buyer, reference = letter.buyer, letter.reference(notice)
    document = reminder_document(
        vendor=desk.vendor,
        bill_to=party(buyer),
        invoices=[
            OverdueInvoice(number=row.number, due_on=row.due_date, open_minor=row.open_minor)
            for row in letter.rows
            if row.due_date <= desk.on
        ],
        portal_url=links.start_url(),
        today=desk.on,
        language=buyer.language,
        subject=letter.words.subject,
        paragraphs=letter.words.paragraphs,
    )
    with translation.override(buyer.language):
        filename = _("Reminder {number}.pdf").format(number=buyer.number)
    documents.store(
        vendor_id=desk.vendor.id,
        company_id=buyer.id,
        reference=reference,
        filename=filename,
        content=render(document),
    )
    return reference


def _closing(follows: Announced, *, desk: Desk, language: str) -> dict[str, str]:
    """What words say of products that may be closed or limited, and from when on."""
    return {
        "until": format_date(day=follows.until, language=language),
        "products": ", ".join(sorted(desk.product_names[each] for each in follows.effects)),
    }


def _of_fee(fee: str, *, language: str) -> str:
    with translation.override(language):
        return _(
            "A late fee of {fee} is charged for this reminder, plus tax where it is due; it is on your next invoice."
        ).format(fee=fee)


def _money(amount_minor: int, *, buyer: CompanyRow, desk: Desk) -> str:
    return format_money(amount_minor=amount_minor, currency=desk.vendor.currency, language=buyer.language)
