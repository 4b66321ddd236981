"""When automatic payment takes an invoice, or why it does not: one answer for the bank, the mail and every page."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from comptoir.invoicing.queries import InvoiceRow

from .banking_days import next_banking_day
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

State = Literal["planned", "needs_approval", "called_off", "again", "refused", "disputed", "refunded"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of an invoice under automatic payment.

    ``planned`` and ``again`` (another attempt after a refusal) name the day. ``refused``: the bank said no, and nobody
    tries again. ``refunded``: a person gave back what was paid, and nobody takes it again unasked. ``disputed``: a
    payment from that method is, and nothing more is taken from it meanwhile. ``varies_from_minor``: what was debited
    last, where the whole debit of that day differs from it.
    """

    invoice: InvoiceRow
    method: PaymentMethod
    state: State
    on: date | None
    varies_from_minor: int | None = None


def plans(invoices: Sequence[InvoiceRow], *, today: date) -> list[Plan]:
    """Return the plan of each of the invoices of which something is payable and whose company is on autopay.

    ``today`` is the business date: nothing is planned before it.
    """
    payable = [invoice for invoice in invoices if invoice.payable_minor > 0]
    consents = _consents({invoice.company_id for invoice in payable})
    ids = [invoice.id for invoice in payable]
    words, limits, tried = _words(ids), _limits(consents), _tried(ids)
    disputed, refunded = disputed_methods({consent.method_id for consent in consents.values()}), _refunded(ids)
    found: list[Plan] = []
    days: defaultdict[tuple[int, str, date], list[InvoiceRow]] = defaultdict(list)
    for invoice in payable:
        consent = consents.get(invoice.company_id)
        if consent is None or consent.method is None:
            continue
        method = consent.method
        state = _asked_state(invoice, word=words.get(invoice.id), limit_minor=limits.get(invoice.company_id))
        if method.id in disputed:
            found.append(Plan(invoice=invoice, method=method, state="disputed", on=None))
        elif state is not None:
            found.append(Plan(invoice=invoice, method=method, state=state, on=None))
        elif invoice.id in refunded:
            found.append(Plan(invoice=invoice, method=method, state="refunded", on=None))
        elif (invoice.id, method.id) in tried:
            again = tried[invoice.id, method.id]
            found.append(Plan(invoice=invoice, method=method, state="again" if again else "refused", on=again))
        else:
            day = debit_day(max(invoice.due_date, invoice.issue_date, today), kind=method.kind)
            days[invoice.company_id, invoice.currency, day].append(invoice)
    return found + _told_in_time(days, consents=consents, words=words, today=today)


def debit_day(day: date, *, kind: str) -> date:
    """Return the first day from ``day`` on which a method of a kind can be debited: cards on any."""
    return next_banking_day(day) if kind == MethodKind.BANK_ACCOUNT else day


def called_off(invoice_ids: Iterable[int]) -> set[int]:
    """Return those of the invoices whose automatic payment was called off, and not approved since."""
    return {
        invoice_id for invoice_id, word in _words(list(invoice_ids)).items() if word.kind == InstructionKind.CALL_OFF
    }


def disputed_methods(method_ids: Iterable[int | None]) -> set[int]:
    """Return those of the methods from which a payment is disputed, and not decided yet."""
    known = [method_id for method_id in method_ids if method_id is not None]
    found = Payment.objects.filter(method_id__in=known, status=PaymentStatus.DISPUTED)
    return {method_id for method_id in found.values_list("method_id", flat=True) if method_id is not None}


def _told_in_time(
    days: Mapping[tuple[int, str, date], Sequence[InvoiceRow]],
    *,
    consents: Mapping[int, Authorisation],
    words: Mapping[int, AutopayInstruction],
    today: date,
) -> list[Plan]:
    """Plan what is debited together on a day; where the sum differs from the last, what was told ten days before.

    What a member approved by its amount was agreed to, and need not be told.
    """
    found: list[Plan] = []
    lasts = _last_amounts(consents)
    told = _told([invoice.id for together in days.values() for invoice in together])
    for (company_id, _currency, day), together in days.items():
        method, last = consents[company_id].method, lasts.get(company_id)
        assert method is not None  # noqa: S101  plans leaves out who has none
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


def _asked_state(
    invoice: InvoiceRow, *, word: AutopayInstruction | None, limit_minor: int | None
) -> Literal["called_off", "needs_approval"] | None:
    if word is not None and word.kind == InstructionKind.CALL_OFF:
        return "called_off"
    if limit_minor is not None and invoice.payable_minor > max(limit_minor, _approved_minor(word)):
        return "needs_approval"
    return None


def _approved_minor(word: AutopayInstruction | None) -> int:
    return word.amount_minor if word is not None and word.kind == InstructionKind.APPROVE else 0


def _consents(company_ids: set[int]) -> dict[int, Authorisation]:
    active = Authorisation.objects.filter(
        company_id__in=company_ids,
        active_since__isnull=False,
        ended_at=None,
        method__removed_at=None,
        method__unusable_reason="",
    ).select_related("method")
    return {consent.company_id: consent for consent in active}


def _words(invoice_ids: list[int]) -> dict[int, AutopayInstruction]:
    said = AutopayInstruction.objects.filter(invoice_id__in=invoice_ids).order_by("id")
    return {word.invoice_id: word for word in said}


def _limits(company_ids: Iterable[int]) -> dict[int, int | None]:
    return dict(AutopayLimit.objects.filter(company_id__in=list(company_ids)).values_list("company_id", "limit_minor"))


def _tried(invoice_ids: list[int]) -> dict[tuple[int, int | None], date | None]:
    """Which invoices were debited from which method in vain, and when that is tried again."""
    in_vain = PaymentItem.objects.filter(
        invoice_id__in=invoice_ids,
        payment__origin=PaymentOrigin.AUTOPAY,
        payment__status__in=[PaymentStatus.FAILED, PaymentStatus.RETURNED],
    ).order_by("payment_id")
    tried = list(in_vain.values_list("invoice_id", "payment__method_id", "payment_id"))
    again = dict(
        PlannedRetry.objects.filter(
            after_id__in={payment_id for _invoice, _method, payment_id in tried}, made=None, dropped_at=None
        ).values_list("after_id", "planned_on")
    )
    return {(invoice_id, method_id): again.get(payment_id) for invoice_id, method_id, payment_id in tried}


def _refunded(invoice_ids: list[int]) -> set[int]:
    """Which invoices are open again because a person gave back what had paid them."""
    gone = (RefundStatus.PROCESSING, RefundStatus.SUCCEEDED)
    found = RefundItem.objects.filter(invoice_id__in=invoice_ids, refund__status__in=gone)
    return set(found.values_list("invoice_id", flat=True))


def _last_amounts(consents: Mapping[int, Authorisation]) -> dict[int, int]:
    """What was debited last under each company's consent, in minor units."""
    latest = (
        Payment.objects.filter(company_id__in=list(consents), origin=PaymentOrigin.AUTOPAY, re_presents=None)
        .exclude(status=PaymentStatus.CANCELED)
        .order_by("company_id", "-id")
        .distinct("company_id")
    )
    return {
        payment.company_id: payment.amount_minor
        for payment in latest
        if payment.method_id == consents[payment.company_id].method_id
        and payment.created_at >= (consents[payment.company_id].active_since or payment.created_at)
    }


def _told(invoice_ids: list[int]) -> defaultdict[int, list[tuple[date, int]]]:
    told: defaultdict[int, list[tuple[date, int]]] = defaultdict(list)
    for invoice_id, sent_on, amount_minor in DebitNotice.objects.filter(invoice_id__in=invoice_ids).values_list(
        "invoice_id", "sent_on", "amount_minor"
    ):
        told[invoice_id].append((sent_on, amount_minor))
    return told
