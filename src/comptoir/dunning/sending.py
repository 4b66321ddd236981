"""Writing what is to be written to a vendor's customers on a day: each step once, one message a company."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.catalog.queries import products
from comptoir.customers.papers import ways_of
from comptoir.customers.queries import billing_email
from comptoir.invoicing.queries import InvoiceRow, invoices_by_ids
from comptoir.kit.dates import format_date
from comptoir.kit.money import format_money
from comptoir.mailer.models import Message
from comptoir.notices import links
from comptoir.notices.composing import write_to_company
from comptoir.subscriptions.terms import NewCharge, charge_once
from comptoir.tenancy.audit import system
from comptoir.tenancy.models import Company
from comptoir.tenancy.queries import CompanyRow, VendorRow, company, vendor

from .calculation.standing import overdue
from .calculation.steps import STEP_KINDS, StepKind, next_step, planned_days
from .facts import CompanyFacts, InvoiceFacts, companies_concerned, facts_of
from .models import Notice, NoticeItem
from .papers import keep_paper
from .texts import Words, texts_of, written

log = logging.getLogger(__name__)

RULE = system("dunning")
COMPANIES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step that an invoice has come to."""

    invoice: InvoiceFacts
    kind: StepKind


def send_notices(*, vendor_id: int, on: date, now: datetime) -> int:
    """Write to each of a vendor's companies what a business date brings; return how many could not be written to.

    Each in a transaction of its own: killed, it goes on where it was, and nobody gets a message twice. One that cannot
    be written to holds up no other; it is tried again with the next run.
    """
    seller = vendor(vendor_id)
    held_up = 0
    for facts in in_slices(companies_concerned(vendor_id=vendor_id, on=on), vendor=seller, on=on):
        if not due_steps(facts, on=on):
            continue
        try:
            with transaction.atomic():
                _send(facts.company_id, vendor=seller, on=on, now=now)
        except Exception:  # whatever is wrong with one company must not keep the mail of the others
            log.exception("company %s could not be reminded", facts.company_id)
            held_up += 1
    return held_up


def in_slices(company_ids: Sequence[int], *, vendor: VendorRow, on: date) -> Iterator[CompanyFacts]:
    """Yield the facts of companies, read for some hundred at once."""
    for first in range(0, len(company_ids), COMPANIES_AT_ONCE):
        yield from facts_of(company_ids[first : first + COMPANIES_AT_ONCE], vendor=vendor, on=on)


def due_steps(facts: CompanyFacts, *, on: date) -> list[DueStep]:
    """Return what a company is to be written to about on a day: nothing while anything pauses it.

    An invoice that a payment is under way for waits for it; below the policy's least amount nobody is reminded.
    """
    if facts.pauses:
        return []
    late = {row.id for row in overdue(facts.facts, terms=facts.policy.terms, today=on)}
    late_minor = sum(row.facts.open_minor for row in facts.invoices if row.facts.id in late) - facts.credit_minor
    found = []
    for row in facts.invoices:
        kind = next_step(due_on=row.facts.due_on, told=row.facts.told, steps=facts.policy.ladder, today=on)
        if kind is None or row.facts.coming_minor:
            continue
        if kind != "due_soon" and (row.facts.id not in late or late_minor <= 0):
            continue
        if kind != "due_soon" and late_minor < facts.policy.least_overdue_minor:
            continue
        if kind == "due_soon" and (late or facts.is_told_anyway):
            continue
        found.append(DueStep(row, kind))
    return found


def _send(company_id: int, *, vendor: VendorRow, on: date, now: datetime) -> None:
    Company.objects.select_for_update(no_key=True).get(id=company_id)
    (facts,) = facts_of([company_id], vendor=vendor, on=on)
    due = due_steps(facts, on=on)
    if not due or Notice.objects.filter(company_id=company_id, sent_on=on).exists():
        return
    kind = max((step.kind for step in due), key=STEP_KINDS.index)
    step, buyer, to = facts.policy.step(kind), company(company_id), billing_email(company_id)
    assert step is not None  # noqa: S101  it came from the policy
    public_id = uuid4()
    letter = _letter(facts, due=due, kind=kind, buyer=buyer, vendor=vendor, on=on)
    with_paper = kind != "due_soon" and (not to or step.on_paper_too or ways_of([company_id])[company_id] != "email")
    message = _mail(letter, public_id=public_id, buyer=buyer) if to else None
    notice = Notice.objects.create(
        public_id=public_id,
        vendor_id=vendor.id,
        company_id=company_id,
        kind=kind,
        sent_on=on,
        sent_at=now,
        sent_to=to or "",
        message=message,
        has_paper=with_paper,
        charge_id=_fee(facts, amount_minor=step.fee_minor, buyer=buyer, on=on) if step.fee_minor else None,
    )
    NoticeItem.objects.bulk_create(
        NoticeItem(
            notice=notice, invoice_id=each.invoice.facts.id, kind=each.kind, open_minor=each.invoice.facts.open_minor
        )
        for each in due
    )
    if with_paper:
        keep_paper(notice.public_id, buyer=buyer, vendor=vendor, invoices=letter.rows, words=letter.words, on=on)


def send_returned_on_paper(*, vendor_id: int, on: date) -> None:
    """Put each final notice whose mail came back on paper, about what is still open of it.

    One that bounced proves nothing.
    """
    seller = vendor(vendor_id)
    returned = Notice.objects.filter(
        Q(message__returned_at__isnull=False) | Q(message__failed_at__isnull=False),
        vendor_id=vendor_id,
        kind="final_notice",
        has_paper=False,
    )
    for notice in returned.order_by("id"):
        with transaction.atomic():
            (facts,) = facts_of([notice.company_id], vendor=seller, on=on)
            about = set(notice.items.filter(kind="final_notice").values_list("invoice_id", flat=True))
            due = [DueStep(row, "final_notice") for row in facts.invoices if row.facts.id in about]
            if not due or not Notice.objects.filter(id=notice.id, has_paper=False).update(has_paper=True):
                continue
            buyer = company(notice.company_id)
            letter = _letter(facts, due=due, kind="final_notice", buyer=buyer, vendor=seller, on=on)
            keep_paper(notice.public_id, buyer=buyer, vendor=seller, invoices=letter.rows, words=letter.words, on=on)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is written, before it is a mail or a paper: its words, and the invoices that it lists."""

    words: Words
    rows: Sequence[InvoiceRow]
    amount: str


def _letter(
    facts: CompanyFacts, *, due: Sequence[DueStep], kind: StepKind, buyer: CompanyRow, vendor: VendorRow, on: date
) -> Letter:
    """Write what a step says, about all that is due, not only what has come to this step."""
    mentioned = {step.invoice.facts.id for step in due}
    listed = [
        row.facts
        for row in facts.invoices
        if not row.facts.coming_minor and (row.facts.due_on <= on or row.facts.id in mentioned)
    ]
    by_id = invoices_by_ids([row.id for row in listed])
    rows = sorted(by_id.values(), key=lambda row: (row.due_date, row.id))
    amount = _money(sum(row.open_minor for row in listed), buyer=buyer, vendor=vendor)
    words = texts_of(facts.policy.id, language=buyer.language)[written(kind)].filled(
        {
            "company": buyer.name,
            "vendor": vendor.name,
            "amount": amount,
            "since": format_date(day=rows[0].due_date, language=buyer.language),
            "until": format_date(day=_threatened(facts, due=due, on=on), language=buyer.language),
            "products": _product_names(facts, vendor=vendor, language=buyer.language),
        }
    )
    return Letter(words, rows, amount)


def _threatened(facts: CompanyFacts, *, due: Sequence[DueStep], on: date) -> date:
    """The day from which a product may be closed, if this message is received today."""
    days = [
        planned_days(
            due_on=step.invoice.facts.due_on,
            told={**step.invoice.facts.told, step.kind: on},
            steps=facts.policy.ladder,
        ).get("suspension", on)
        for step in due
    ]
    return max(min(days), date.fromordinal(on.toordinal() + facts.policy.notice_days))


def _product_names(facts: CompanyFacts, *, vendor: VendorRow, language: str) -> str:
    names = {row.id: row.name for row in products(vendor.id)}
    threatened = [
        names[product_id]
        for product_id, code in facts.products.items()
        if facts.policy.rule_for(product_id, code=code).effect != "never"
    ]
    with translation.override(language):
        return ", ".join(sorted(threatened)) or _("our products")


def _mail(letter: Letter, *, public_id: UUID, buyer: CompanyRow) -> Message:
    write_to_company(
        name="dunning",
        key=f"dunning:{public_id}",
        buyer=buyer,
        facts={
            "subject": letter.words.subject,
            "paragraphs": letter.words.paragraphs,
            "company": buyer.name,
            "amount": letter.amount,
            "invoices": [
                {
                    "number": row.number,
                    "due_on": format_date(day=row.due_date, language=buyer.language),
                    "amount": format_money(amount_minor=row.open_minor, currency=row.currency, language=buyer.language),
                    "url": links.invoice_url(company_public_id=buyer.public_id, invoice_public_id=row.public_id),
                }
                for row in letter.rows
            ],
            "url": links.pay_url(
                company_public_id=buyer.public_id, invoice_public_ids=[row.public_id for row in letter.rows]
            ),
        },
        to_others=True,
    )
    return Message.objects.get(key=f"dunning:{public_id}")


def _fee(facts: CompanyFacts, *, amount_minor: int, buyer: CompanyRow, on: date) -> int:
    assert facts.policy.fee_product_id is not None  # noqa: S101  no fee is set without it
    with translation.override(buyer.language):
        description = _("Late fee of {day}").format(day=format_date(day=on, language=buyer.language))
    return charge_once(
        company_id=buyer.id,
        charge=NewCharge(
            product_id=facts.policy.fee_product_id,
            location_id=None,
            description=description,
            amount_minor=amount_minor,
            charge_on=on,
        ),
        actor=RULE,
    )


def _money(amount_minor: int, *, buyer: CompanyRow, vendor: VendorRow) -> str:
    return format_money(amount_minor=amount_minor, currency=vendor.currency, language=buyer.language)
