"""Writing what is to be written to a vendor's customers on a day: each step once, one message a company."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.catalog.queries import products
from comptoir.customers.papers import ways_of
from comptoir.customers.queries import billing_emails
from comptoir.customers.recipients import who_agreed
from comptoir.invoicing.queries import InvoiceRow, invoices_by_ids
from comptoir.kit.dates import format_date
from comptoir.kit.money import format_money
from comptoir.mailer.models import Message
from comptoir.notices import links
from comptoir.notices.composing import Reached, write_to
from comptoir.notices.reminders import Follows, Written
from comptoir.subscriptions.terms import NewCharge, charge_once
from comptoir.tenancy.audit import system
from comptoir.tenancy.queries import CompanyRow, VendorRow, companies_by_ids

from .announcing import Announced, DueStep, announced
from .calculation.standing import overdue, owed_minor
from .calculation.steps import STEP_KINDS, StepKind, next_step
from .facts import FURTHEST_AHEAD, CompanyFacts, companies_that_owe, facts_of, in_slices, lock, slices
from .models import Notice, NoticeItem
from .papers import have_somebody_call, keep_paper
from .texts import Words, texts_to_send, written

log = logging.getLogger(__name__)

RULE = system("dunning")
# Written in one transaction, for whose end the news of a payment of theirs waits.
LETTERS_AT_ONCE = 50


def send_notices(*, seller: VendorRow, on: date, now: datetime) -> int:
    """Write to each of a vendor's companies what a business date brings; return how many could not be written to.

    Some at a time, each transaction whole: killed, it goes on where it was, and nobody gets a message twice. One that
    cannot be written to holds up no other; it is tried again with the next run.
    """
    owing = companies_that_owe(vendor_id=seller.id, due_by=on + FURTHEST_AHEAD)
    come = [facts.company_id for facts in in_slices(owing, vendor=seller, on=on) if due_steps(facts, on=on)]
    held_up = 0
    for some in slices(come, of=LETTERS_AT_ONCE):
        with transaction.atomic():
            held_up += _send_some(some, vendor=seller, on=on, now=now)
    return held_up


def due_steps(facts: CompanyFacts, *, on: date) -> list[DueStep]:
    """Return what a company is to be written to about on a day: nothing while anything pauses it.

    An invoice that a payment is under way for waits for it; below the policy's least amount nobody is reminded.
    """
    if facts.pauses:
        return []
    overdue_ones = overdue(facts.facts, terms=facts.policy.terms, today=on)
    late = {row.id for row in overdue_ones}
    owes = owed_minor(overdue_ones, facts=facts.facts, terms=facts.policy.terms) > 0
    found = []
    for row in facts.invoices:
        kind = next_step(due_on=row.facts.due_on, told=row.facts.told, steps=facts.policy.ladder, today=on)
        if kind is None or row.facts.coming_minor:
            continue
        if kind != "due_soon" and not (owes and row.facts.id in late):
            continue
        if kind == "due_soon" and (late or facts.is_told_anyway):
            continue
        found.append(DueStep(row, kind))
    return found


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


def _desk(company_ids: Iterable[int], *, vendor: VendorRow, on: date) -> Desk:
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


def _send_some(company_ids: Sequence[int], *, vendor: VendorRow, on: date, now: datetime) -> int:
    lock(company_ids)
    written_to = Notice.objects.filter(company_id__in=company_ids, sent_on=on).values_list("company_id", flat=True)
    left = sorted(set(company_ids) - set(written_to))
    desk = _desk(left, vendor=vendor, on=on)
    held_up = 0
    for facts in facts_of(left, vendor=vendor, on=on):
        if not (due := due_steps(facts, on=on)):
            continue
        try:
            with transaction.atomic():
                _send(facts, due=due, desk=desk, now=now)
        except Exception:  # whatever is wrong with one company must not keep the mail of the others
            log.exception("company %s could not be reminded", facts.company_id)
            held_up += 1
    return held_up


def _send(facts: CompanyFacts, *, due: Sequence[DueStep], desk: Desk, now: datetime) -> None:
    company_id = facts.company_id
    kind = max((step.kind for step in due), key=STEP_KINDS.index)
    step, buyer, reached = facts.policy.step(kind), desk.buyers[company_id], desk.reached[company_id]
    assert step is not None  # noqa: S101  it came from the policy
    if not reached.to and not buyer.address_lines:
        if kind != "due_soon":
            have_somebody_call(vendor_id=desk.vendor.id, company_id=company_id, now=now)
        return
    public_id = uuid4()
    letter = _letter(facts, due=due, kind=kind, buyer=buyer, desk=desk)
    on_paper = not reached.to or step.on_paper_too or desk.ways[company_id] != "email"
    with_paper = on_paper and kind != "due_soon" and bool(buyer.address_lines)
    message = _mail(letter, public_id=public_id, buyer=buyer, reached=reached) if reached.to else None
    notice = Notice.objects.create(
        public_id=public_id,
        vendor_id=desk.vendor.id,
        company_id=company_id,
        kind=kind,
        sent_on=desk.on,
        sent_at=now,
        sent_to=reached.to,
        message=message,
        has_paper=with_paper,
        closes_from=letter.closes_from,
        charge_id=_fee(facts, amount_minor=step.fee_minor, buyer=buyer, on=desk.on) if step.fee_minor else None,
    )
    NoticeItem.objects.bulk_create(
        NoticeItem(
            notice=notice, invoice_id=each.invoice.facts.id, kind=each.kind, open_minor=each.invoice.facts.open_minor
        )
        for each in due
    )
    if with_paper:
        _keep_paper(notice, letter=letter, buyer=buyer, desk=desk)


def _keep_paper(notice: Notice, *, letter: "Letter", buyer: CompanyRow, desk: Desk) -> None:
    keep_paper(notice.public_id, buyer=buyer, vendor=desk.vendor, invoices=letter.rows, words=letter.words, on=desk.on)


def send_returned_on_paper(*, seller: VendorRow, on: date, now: datetime) -> int:
    """Put each final notice whose mail came back, or was kept back, on paper, about what is still open of it.

    It proves nothing as it is. While anything pauses its company it waits; where there is no address, somebody calls.
    Return how many could not be written; they hold up no other.
    """
    returned = Notice.objects.filter(
        Q(message__returned_at__isnull=False) | Q(message__failed_at__isnull=False) | Q(message__held_at__isnull=False),
        vendor_id=seller.id,
        kind="final_notice",
        has_paper=False,
        items__invoice__balance__open_minor__gt=0,
    )
    held_up = 0
    for notice in returned.distinct().order_by("id"):
        try:
            with transaction.atomic():
                _put_on_paper(notice, vendor=seller, on=on, now=now)
        except Exception:  # as above
            log.exception("notice %s could not be put on paper", notice.id)
            held_up += 1
    return held_up


def _put_on_paper(notice: Notice, *, vendor: VendorRow, on: date, now: datetime) -> None:
    lock([notice.company_id])
    (facts,) = facts_of([notice.company_id], vendor=vendor, on=on)
    if facts.pauses:
        return
    about = set(notice.items.filter(kind="final_notice").values_list("invoice_id", flat=True))
    due = [
        DueStep(row, "final_notice") for row in facts.invoices if row.facts.id in about and not row.facts.coming_minor
    ]
    if not due:
        return
    desk = _desk([notice.company_id], vendor=vendor, on=on)
    buyer = desk.buyers[notice.company_id]
    if not buyer.address_lines:
        have_somebody_call(vendor_id=vendor.id, company_id=buyer.id, now=now)
        return
    letter = _letter(facts, due=due, kind="final_notice", buyer=buyer, desk=desk)
    if not Notice.objects.filter(id=notice.id, has_paper=False).update(has_paper=True, closes_from=letter.closes_from):
        return
    _keep_paper(notice, letter=letter, buyer=buyer, desk=desk)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is written, before it is a mail or a paper: its words, and the invoices that it lists.

    ``closes_from`` is the first day on which it lets something be closed: None where it is no final notice, or nothing
    is closed.
    """

    words: Words
    rows: Sequence[InvoiceRow]
    amount: str
    closes_from: date | None


def _letter(facts: CompanyFacts, *, due: Sequence[DueStep], kind: StepKind, buyer: CompanyRow, desk: Desk) -> Letter:
    """Write what a step says, about all that is due, not only what has come to this step."""
    mentioned = {step.invoice.facts.id for step in due}
    listed = [
        row.facts
        for row in facts.invoices
        if not row.facts.coming_minor and (row.facts.due_on <= desk.on or row.facts.id in mentioned)
    ]
    by_id = invoices_by_ids([row.id for row in listed])
    rows = sorted(by_id.values(), key=lambda row: (row.due_date, row.id))
    amount = format_money(
        amount_minor=sum(row.open_minor for row in listed), currency=desk.vendor.currency, language=buyer.language
    )
    follows = announced(facts, due=due, on=desk.on)
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
    return Letter(filled, rows, amount, follows.closes_from if follows and kind == "final_notice" else None)


def _closing(follows: Announced, *, desk: Desk, language: str) -> dict[str, str]:
    """What words say of products that may be closed or limited, and from when on."""
    return {
        "until": format_date(day=follows.until, language=language),
        "products": ", ".join(sorted(desk.product_names[each] for each in follows.effects)),
    }


def _mail(letter: Letter, *, public_id: UUID, buyer: CompanyRow, reached: Reached) -> Message:
    write_to(
        reached,
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
