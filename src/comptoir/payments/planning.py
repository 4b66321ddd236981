"""When automatic payment takes an invoice, or why it does not: one answer for the bank, the mail and every page."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from comptoir.invoicing.queries import InvoiceRow, due_for_autopay
from comptoir.kit.lookups import Ids
from comptoir.kit.together import Question, ask_together

from .banking_days import next_banking_day
from .gateways.least import least_minor
from .models import (
    Authorisation,
    AutopayInstruction,
    AutopayLimit,
    DebitNotice,
    InstructionKind,
    MethodKind,
    Payment,
    PaymentItem,
    PaymentMethod,
    PaymentOrigin,
    PaymentStatus,
    PlannedRetry,
    RefundItem,
    RefundStatus,
)

# Who debits another amount than the last time under the same consent says so ten days before: Regulation E,
# 12 CFR 1005.10(d)(1), and the Nacha Operating Rules after it. It is a consumer's right; everybody has it here.
NOTICE_DAYS = timedelta(days=10)

State = Literal["planned", "needs_approval", "called_off", "again", "refused", "disputed", "refunded", "too_small"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of an invoice under automatic payment.

    ``planned`` and ``again`` (another attempt after a refusal) name the day. ``refused``: the bank said no, and nobody
    tries again. ``refunded``: a person gave back what was paid, and nobody takes it again unasked. ``disputed``: a
    payment from that method is, and nothing more is taken from it meanwhile. ``too_small``: the processor takes so
    little by no payment of its own, so that it is taken with the next one. ``varies_from_minor``: what was debited
    last, where the whole debit of that day differs from it.
    """

    invoice: InvoiceRow
    method: PaymentMethod
    state: State
    on: date | None
    varies_from_minor: int | None = None


class Word(NamedTuple):
    """What a member said of an invoice last: its kind, and up to which amount in minor units."""

    kind: str
    amount_minor: int


class Consent(NamedTuple):
    """Since when a company agrees to be debited, and from which method."""

    active_since: datetime
    method: PaymentMethod


def plans(invoices: Sequence[InvoiceRow], *, today: date) -> list[Plan]:
    """Return the plan of each of the invoices of which something is payable and whose company is on autopay.

    ``today`` is the business date: nothing is planned before it.
    """
    payable = [invoice for invoice in invoices if invoice.payable_minor > 0]
    if not payable:
        return []
    ids, company_ids = Ids(invoice.id for invoice in payable), Ids({invoice.company_id for invoice in payable})
    said, agreed, limited = _said(invoice_ids=ids), _agreed(company_ids=company_ids), limits(company_ids=company_ids)
    refused, made, told = _refused(invoice_ids=ids), _made(company_ids=company_ids), _told(invoice_ids=ids)
    back, in_dispute = _given_back(invoice_ids=ids), _in_dispute(company_ids=company_ids)
    begun = _begun(company_ids=company_ids, on=min(_own_day(invoice) for invoice in payable))
    ask_together(said, agreed, limited, refused, made, told, back, in_dispute, begun)
    consents, words, most = agreed.read(), said.read(), limited.read()
    if not consents:
        return []
    tried = refused.read()
    disputed, refunded = in_dispute.read(), back.read()
    found: list[Plan] = []
    days: defaultdict[tuple[int, str, date], list[InvoiceRow]] = defaultdict(list)
    for invoice in payable:
        consent = consents.get(invoice.company_id)
        if consent is None:
            continue
        method = consent.method
        word = words.get(invoice.id)
        if method.id in disputed:
            found.append(Plan(invoice=invoice, method=method, state="disputed", on=None))
        elif word is not None and word.kind == InstructionKind.CALL_OFF:
            found.append(Plan(invoice=invoice, method=method, state="called_off", on=None))
        elif invoice.id in refunded:
            found.append(Plan(invoice=invoice, method=method, state="refunded", on=None))
        elif (invoice.id, method.id) in tried:
            again = tried[invoice.id, method.id]
            found.append(Plan(invoice=invoice, method=method, state="again" if again else "refused", on=again))
        else:
            day = debit_day(max(_own_day(invoice), today), kind=method.kind)
            days[invoice.company_id, invoice.currency, day].append(invoice)
    lasts = _last_amounts(made.read(), consents=consents)
    _join_next(days)
    found += _asked_first(days, consents=consents, words=words, limits=most, begun=begun.read())
    planned = _told_in_time(days, consents=consents, words=words, lasts=lasts, told=told.read(), today=today)
    return found + _large_enough(planned)


def not_begun(company_ids: Collection[int], *, vendor_id: int, on: date) -> dict[int, date]:
    """Return which invoices of some companies, by id, are due on a business date and yet to be taken by automatic
    payment, though nothing keeps it from doing so but a day on which banks rest, or that a debit of another amount than
    the last was told and is not made before its ten days are over; and the day on which it is.

    What was not told yet is not among them: it would be put off from day to day.
    """
    due = due_for_autopay(vendor_id=vendor_id, on=on, company_ids=company_ids)
    planned = [plan for plan in plans(due, today=on) if plan.state == "planned"]
    told = _told(invoice_ids=Ids(plan.invoice.id for plan in planned)).read() if planned else {}
    return {
        plan.invoice.id: plan.on
        for plan in planned
        if plan.on is not None
        and (
            plan.on == debit_day(on, kind=plan.method.kind)
            or any(most >= plan.invoice.payable_minor for _sent, most in told.get(plan.invoice.id, ()))
        )
    }


def debit_day(day: date, *, kind: str) -> date:
    """Return the first day from ``day`` on which a method of a kind can be debited: cards on any."""
    return next_banking_day(day) if kind == MethodKind.BANK_ACCOUNT else day


def called_off(invoice_ids: Iterable[int]) -> set[int]:
    """Return those of the invoices whose automatic payment was called off, and not approved since."""
    words = _said(invoice_ids=Ids(invoice_ids)).read()
    return {invoice_id for invoice_id, word in words.items() if word.kind == InstructionKind.CALL_OFF}


def given_back(invoice_ids: Iterable[int]) -> set[int]:
    """Return those of the invoices that are open again because a person gave back what had paid them."""
    return _given_back(invoice_ids=Ids(invoice_ids)).read()


def disputed_methods(method_ids: Iterable[int | None]) -> set[int]:
    """Return those of the methods from which a payment is disputed, and not decided yet."""
    known = [method_id for method_id in method_ids if method_id is not None]
    found = Payment.objects.filter(method_id__in=known, status=PaymentStatus.DISPUTED)
    return {method_id for method_id in found.values_list("method_id", flat=True) if method_id is not None}


def _told_in_time(
    days: Mapping[tuple[int, str, date], Sequence[InvoiceRow]],
    *,
    consents: Mapping[int, Consent],
    words: Mapping[int, Word],
    lasts: Mapping[int, int],
    told: Mapping[int, Sequence[tuple[date, int]]],
    today: date,
) -> list[Plan]:
    """Plan what is debited together on a day; where the sum differs from the last, what was told ten days before.

    What a member approved by its amount was agreed to, and need not be told.
    """
    found: list[Plan] = []
    for (company_id, _currency, day), together in days.items():
        method, last = consents[company_id].method, lasts.get(company_id)
        varies = last is not None and sum(invoice.payable_minor for invoice in together) != last
        for invoice in together:
            on = day
            if varies and _approved_minor(words.get(invoice.id)) < invoice.payable_minor:
                sent_on = min((sent for sent, most in told[invoice.id] if most >= invoice.payable_minor), default=today)
                on = debit_day(max(day, sent_on + NOTICE_DAYS), kind=method.kind)
            found.append(
                Plan(
                    invoice=invoice,
                    method=method,
                    state="planned",
                    on=on,
                    varies_from_minor=last if varies else None,
                )
            )
    return found


def _join_next(days: dict[tuple[int, str, date], list[InvoiceRow]]) -> None:
    """Move what is too little for a debit of its own to the company's next one, where there is one."""
    for key in sorted(days):
        company_id, currency, day = key
        if sum(invoice.payable_minor for invoice in days[key]) < least_minor(currency):
            later = [each for each in days if each[:2] == (company_id, currency) and each[2] > day]
            if later:
                days[min(later)] += days.pop(key)


def _large_enough(planned: Sequence[Plan]) -> list[Plan]:
    """Take the day off what would be too little for a debit of its own, after all has been told in time."""
    totals: defaultdict[tuple[int, str, date | None], int] = defaultdict(int)
    for plan in planned:
        totals[plan.invoice.company_id, plan.invoice.currency, plan.on] += plan.invoice.payable_minor
    return [
        replace(plan, state="too_small", on=None, varies_from_minor=None)
        if totals[plan.invoice.company_id, plan.invoice.currency, plan.on] < least_minor(plan.invoice.currency)
        else plan
        for plan in planned
    ]


def _asked_first(
    days: Mapping[tuple[int, str, date], list[InvoiceRow]],
    *,
    consents: Mapping[int, Consent],
    words: Mapping[int, Word],
    limits: Mapping[int, int | None],
    begun: Mapping[tuple[int, str], Sequence[tuple[date, int]]],
) -> list[Plan]:
    """Take out of the days what waits for a member's word: all that has none, of a debit that is above the limit.

    What was taken of the same day before counts towards it: the rest would else go after it, on the next round.
    """
    found: list[Plan] = []
    for (company_id, currency, _day), together in days.items():
        limit_minor = limits.get(company_id)
        if limit_minor is None:
            continue
        since = min(_own_day(invoice) for invoice in together)
        taken_minor = sum(minor for on, minor in begun.get((company_id, currency), ()) if on >= since)
        if taken_minor + sum(invoice.payable_minor for invoice in together) <= limit_minor:
            continue
        for invoice in list(together):
            if _approved_minor(words.get(invoice.id)) < invoice.payable_minor:
                together.remove(invoice)
                method = consents[company_id].method
                found.append(Plan(invoice=invoice, method=method, state="needs_approval", on=None))
    return found


def _own_day(invoice: InvoiceRow) -> date:
    """The day on which an invoice would be taken, if nothing kept it from being."""
    return max(invoice.due_date, invoice.issue_date)


def _approved_minor(word: Word | None) -> int:
    return word.amount_minor if word is not None and word.kind == InstructionKind.APPROVE else 0


METHOD = tuple(field.attname for field in PaymentMethod._meta.concrete_fields)


def _consents(company_ids: Ids) -> QuerySet[Authorisation, tuple[Any, ...]]:
    found = Authorisation.objects.filter(
        company_id__any=company_ids,
        active_since__isnull=False,
        ended_at=None,
        method__removed_at=None,
        method__unusable_reason="",
    )
    return found.values_list("company_id", "active_since", *(f"method__{name}" for name in METHOD))


def _refunds(invoice_ids: Ids) -> QuerySet[RefundItem, tuple[int]]:
    gone = (RefundStatus.PROCESSING, RefundStatus.SUCCEEDED)
    return RefundItem.objects.filter(invoice_id__any=invoice_ids, refund__status__in=gone).values_list("invoice_id")


def _read_consents(rows: list[tuple[Any, ...]]) -> dict[int, Consent]:
    return {
        company_id: Consent(active_since, PaymentMethod.from_db("default", METHOD, method))
        for company_id, active_since, *method in rows
    }


def _words(invoice_ids: Ids) -> QuerySet[AutopayInstruction, tuple[int, str, int]]:
    found = AutopayInstruction.objects.filter(invoice_id__any=invoice_ids).order_by("id")  # the latest counts
    return found.values_list("invoice_id", "kind", "amount_minor")


def _in_vain(invoice_ids: Ids) -> QuerySet[PaymentItem, tuple[int, int | None, date | None]]:
    again = PlannedRetry.objects.filter(after=OuterRef("payment"), made=None, dropped_at=None).values("planned_on")
    found = PaymentItem.objects.filter(
        invoice_id__any=invoice_ids,
        payment__origin=PaymentOrigin.AUTOPAY,
        payment__status__in=[PaymentStatus.FAILED, PaymentStatus.RETURNED],
    )
    return found.order_by("payment_id").values_list("invoice_id", "payment__method_id", Subquery(again))


def _since(company_ids: Ids, on: date) -> QuerySet[Payment, tuple[int, str, date, int]]:
    found = Payment.objects.filter(
        company_id__any=company_ids,
        company__autopaylimit__limit_minor__isnull=False,
        origin=PaymentOrigin.AUTOPAY,
        initiated_on__gte=on,
    )
    taken = found.exclude(status__in=[PaymentStatus.FAILED, PaymentStatus.RETURNED, PaymentStatus.CANCELED])
    return taken.values_list("company_id", "currency", "initiated_on", "amount_minor")


def _read_since(rows: list[tuple[Any, ...]]) -> dict[tuple[int, str], list[tuple[date, int]]]:
    begun: defaultdict[tuple[int, str], list[tuple[date, int]]] = defaultdict(list)
    for company_id, currency, initiated_on, amount_minor in rows:
        begun[company_id, currency].append((initiated_on, amount_minor))
    return begun


def _latest(company_ids: Ids) -> QuerySet[Payment, tuple[int, int | None, datetime, int]]:
    found = Payment.objects.filter(company_id__any=company_ids, origin=PaymentOrigin.AUTOPAY, re_presents=None)
    latest = found.exclude(status=PaymentStatus.CANCELED).order_by("company_id", "-id").distinct("company_id")
    return latest.values_list("company_id", "method_id", "created_at", "amount_minor")


def _read_told(rows: list[tuple[Any, ...]]) -> defaultdict[int, list[tuple[date, int]]]:
    told: defaultdict[int, list[tuple[date, int]]] = defaultdict(list)
    for invoice_id, sent_on, amount_minor in rows:
        told[invoice_id].append((sent_on, amount_minor))
    return told


_agreed = Question(_consents, _read_consents)
_said = Question(_words, lambda rows: {invoice_id: Word(kind, minor) for invoice_id, kind, minor in rows})
# Above how much each company is asked first, in minor units; None: it never is.
limits: Question[dict[int, int | None]] = Question(
    lambda company_ids: AutopayLimit.objects.filter(company_id__any=company_ids).values_list(
        "company_id", "limit_minor"
    ),
    lambda rows: dict(rows),
)
# Which invoices were debited from which method in vain, and when that is tried again: the latest counts.
_refused: Question[dict[tuple[int, int | None], date | None]] = Question(
    _in_vain, lambda rows: {(invoice_id, method_id): again for invoice_id, method_id, again in rows}
)
_in_dispute = Question(
    lambda company_ids: Payment.objects.filter(company_id__any=company_ids, status=PaymentStatus.DISPUTED).values_list(
        "method_id"
    ),
    lambda rows: {method_id for (method_id,) in rows},
)
_given_back = Question(_refunds, lambda rows: {invoice_id for (invoice_id,) in rows})
_made = Question(_latest, lambda rows: rows)
# What automatic payment took since a day, or is about to, of companies that have a limit; by company and currency.
_begun = Question(_since, _read_since)
_told = Question(
    lambda invoice_ids: DebitNotice.objects.filter(invoice_id__any=invoice_ids).values_list(
        "invoice_id", "sent_on", "amount_minor"
    ),
    _read_told,
)


def _last_amounts(latest: Sequence[tuple[Any, ...]], *, consents: Mapping[int, Consent]) -> dict[int, int]:
    """What was debited last under each company's consent, in minor units."""
    return {
        company_id: amount_minor
        for company_id, method_id, created_at, amount_minor in latest
        if (consent := consents.get(company_id)) is not None
        and method_id == consent.method.id
        and created_at >= consent.active_since
    }
