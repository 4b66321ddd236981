"""What others may know of payment methods, consents and payments."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from comptoir.kit.together import Question

from .entry_classes import entry_class
from .errors import MethodNotFound, PaymentNotFound, SetupNotFound
from .models import (
    Authorisation,
    BankVerification,
    GatewayAccount,
    MethodRelease,
    Payment,
    PaymentItem,
    PaymentMethod,
    PaymentOrigin,
    PaymentStatus,
    SetupSession,
)

PaysBy = Literal["autopay", "manual", "check"]
EXPIRES_SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class MethodRow:
    """A saved method. ``expires_on``: a card's first day out of date; ``unusable_reason``: a final refusal's code.

    ``label`` begins with the nickname that its owner gave it, if any. ``holder_type`` says whose bank account it is.
    """

    id: int
    public_id: UUID
    kind: str
    label: str
    last4: str
    expires_on: date | None
    unusable_reason: str
    autopay: bool
    nickname: str
    holder_type: str
    is_default: bool

    @property
    def last_valid_on(self) -> date | None:
        """The last day on which a card is good."""
        return self.expires_on - timedelta(days=1) if self.expires_on else None

    @property
    def entry_class(self) -> str:
        """Under which class of NACHA's its debits go; empty for a card."""
        return entry_class(kind=self.kind, holder_type=self.holder_type)

    def has_expired(self, today: date) -> bool:
        """Return whether a card is out of date."""
        return self.expires_on is not None and self.expires_on <= today

    def expires_soon(self, today: date) -> bool:
        """Return whether a card is still good, for 30 days at most."""
        return self.expires_on is not None and today < self.expires_on <= today + EXPIRES_SOON


@dataclass(frozen=True, slots=True)
class AutopayPlan:
    """What a company's invoices are debited from on their due date, and since when it has agreed to that."""

    method_public_id: UUID
    method_label: str
    kind: str
    authorised_at: datetime


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card that can be paid with, its first day out of date, and whether it is debited automatically."""

    label: str
    expires_on: date
    autopay: bool

    @property
    def last_valid_on(self) -> date:
        """The last day on which it is good."""
        return self.expires_on - timedelta(days=1)

    def is_to_renew(self, today: date) -> bool:
        """Return whether it is good for 30 days at most; one out of date counts as long as it is debited."""
        return self.expires_on <= today + EXPIRES_SOON and (self.autopay or today < self.expires_on)


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment, and how much of it is meant for which invoice (id and minor units); the rest is on account."""

    public_id: UUID
    company_id: int
    confirmation: str
    status: str
    kind: str
    method_label: str
    amount_minor: int
    on_account_minor: int
    currency: str
    origin: str
    entry_class: str
    initiated_on: date
    succeeded_on: date | None
    failure_code: str
    items: tuple[tuple[int, int], ...]
    check_number: str = ""
    bank_reference: str = ""


@dataclass(frozen=True, slots=True)
class VerificationRow:
    """What a bank account that was typed by hand waits for: deposits that its owner tells at ``url``."""

    kind: str
    url: str
    arrives_on: date
    setup_public_id: UUID | None
    payment_public_id: UUID | None


@dataclass(frozen=True, slots=True)
class SetupRow:
    """A visit to the processor's page to save a method, and what came of it so far."""

    public_id: UUID
    kind: str
    status: str
    for_autopay: bool
    method_label: str
    verification: VerificationRow | None


def pays_by(company_id: int) -> PaysBy:
    """Return how a company pays: derived from its methods and its consent, set by nobody."""
    return ways_to_pay(company_id=company_id).read()[0]


def pays_by_companies(company_ids: Iterable[int]) -> dict[int, PaysBy]:
    """Return how each of the companies pays: autopay, manual (a saved method alone) or check."""
    answers: dict[int, PaysBy] = dict.fromkeys(company_ids, "check")
    for method in _usable().filter(company_id__in=list(answers)):
        if method.consents:  # type: ignore[attr-defined]
            answers[method.company_id] = "autopay"
        elif answers[method.company_id] == "check":
            answers[method.company_id] = "manual"
    return answers


def _ways(company_id: int) -> "QuerySet[PaymentMethod, tuple[Any, ...]]":
    agreed = Q(authorisation__active_since__isnull=False, authorisation__ended_at=None)
    usable = PaymentMethod.objects.filter(company_id=company_id, removed_at=None, unusable_reason="")
    given = usable.annotate(agreed_at=Max("authorisation__given_at", filter=agreed))  # there is one at most, or none
    return given.order_by("id").values_list(
        "public_id", "kind", "brand", "last4", "nickname", "agreed_at", "expires_on"
    )


def _read_ways(rows: list[tuple[Any, ...]]) -> tuple[PaysBy, AutopayPlan | None, list[SavedCard]]:
    plan, cards = None, []
    for public_id, kind, brand, last4, nickname, agreed_at, expires_on in rows:
        label = method_label(PaymentMethod(brand=brand, last4=last4, nickname=nickname))
        if agreed_at and plan is None:
            plan = AutopayPlan(public_id, label, kind, agreed_at)
        if expires_on:
            cards.append(SavedCard(label, expires_on, autopay=bool(agreed_at)))
    return ("autopay" if plan else "manual" if rows else "check"), plan, cards


# How a company pays, what its due invoices are debited from where that is by autopay, and its cards.
ways_to_pay = Question(_ways, _read_ways)


def methods(company_id: int) -> list[MethodRow]:
    """Return a company's saved methods that were not removed, the default first, then the latest."""
    return [_method_row(method) for method in _kept().filter(company_id=company_id).order_by("-is_default", "-id")]


def method(public_id: UUID) -> MethodRow:
    """Return one saved method. Raises MethodNotFound, also for a removed one."""
    try:
        return _method_row(_kept().get(public_id=public_id))
    except PaymentMethod.DoesNotExist as error:
        raise MethodNotFound(
            _("This payment method is not there any more; your page of payment methods shows those that are.")
        ) from error


def autopay_plan(company_id: int) -> AutopayPlan | None:
    """Return what a company's due invoices are debited from, or None where it pays otherwise."""
    return ways_to_pay(company_id=company_id).read()[1]


def payments(company_id: int, *, limit: int = 200, offset: int = 0) -> list[PaymentRow]:
    """Return a company's payments, newest first."""
    found = _payments().filter(company_id=company_id).order_by("-id")[offset : offset + limit]
    return [_payment_row(*row) for row in found]


def _latest(company_id: int) -> "QuerySet[Payment, tuple[Any, ...]]":
    return Payment.objects.filter(company_id=company_id).order_by("-id").values_list(*PAYMENT)[:LATEST]


# A company's latest payments, newest first, without what each was meant for.
LATEST = 5
PAYMENT = (
    "public_id", "company_id", "confirmation", "status", "kind", "method_label", "amount_minor", "on_account_minor",
    "currency", "origin", "entry_class", "initiated_on", "succeeded_on", "failure_code", "bank_reference",
)  # fmt: skip
latest_payments = Question(_latest, lambda rows: [_payment_row(*row) for row in rows])


# Those of the payments that the caller may see, by public id.
payments_named = Question(
    lambda public_ids: _payments().filter(public_id__any=public_ids),
    lambda rows: {row[0]: _payment_row(*row) for row in rows},
)


def payments_of_invoice(invoice_id: int) -> list[PaymentRow]:
    """Return the payments meant for an invoice, whatever became of them, newest first."""
    of_invoice = PaymentItem.objects.filter(invoice_id=invoice_id).values("payment_id")
    return [_payment_row(*row) for row in _payments().filter(id__in=of_invoice).order_by("-id")]


def under_way_with(method_public_id: UUID) -> list[PaymentRow]:
    """Return the payments from a saved method that are with the bank, or on their way to it."""
    found = _payments().filter(method__public_id=method_public_id, status__in=["created", "processing"])
    return [_payment_row(*row) for row in found.order_by("id")]


def held_by_open_pages(company_id: int) -> dict[int, int]:
    """Return what hosted pages that a company opened, and may have left, hold: minor units by invoice id."""
    return held(company_id=company_id).read()


def _held(company_id: int) -> "QuerySet[PaymentItem, tuple[int, int]]":
    found = PaymentItem.objects.filter(
        payment__company_id=company_id,
        payment__method=None,
        payment__verification=None,
        payment__status__in=[PaymentStatus.CREATED, PaymentStatus.ACTION_REQUIRED],
    )
    return found.values_list("invoice_id").annotate(amount=Sum("amount_minor"))


held: Question[dict[int, int]] = Question(_held, lambda rows: {invoice_id: int(amount) for invoice_id, amount in rows})


def payment(public_id: UUID) -> PaymentRow:
    """Return one payment. Raises PaymentNotFound."""
    try:
        return _payment_row(*_payments().get(public_id=public_id))
    except Payment.DoesNotExist as error:
        raise PaymentNotFound(
            _("There is no such payment here; your page of payments shows those of your company.")
        ) from error


def setup(public_id: UUID) -> SetupRow:
    """Return one visit to the processor's page to save a method. Raises SetupNotFound."""
    try:
        found = SetupSession.objects.select_related("method").get(public_id=public_id)
    except SetupSession.DoesNotExist as error:
        raise SetupNotFound(_("This page has ended; start again from your payment methods.")) from error
    return SetupRow(
        public_id=found.public_id,
        kind=found.kind,
        status=found.status,
        for_autopay=found.authorisation_id is not None,
        method_label=method_label(found.method) if found.method else "",
        verification=next(iter(_verifications(BankVerification.objects.filter(setup=found))), None),
    )


def open_verifications(company_id: int) -> list[VerificationRow]:
    """Return what a company's bank accounts and e-checks wait for, the oldest first."""
    return waiting_verifications(company_id=company_id).read()


def awaited_verification(verification_id: int) -> tuple[int, VerificationRow | None]:
    """Return the id of the company that a verification is of, and what it waits for, or None if it is over."""
    found = BankVerification.objects.filter(id=verification_id)
    return found.values_list("company_id", flat=True).get(), next(iter(_verifications(found)), None)


def method_owner(public_id: UUID) -> int:
    """Return the id of the company that a saved method is of."""
    return PaymentMethod.objects.values_list("company_id", flat=True).get(public_id=public_id)


def _verifications(found: QuerySet[BankVerification]) -> list[VerificationRow]:
    return [VerificationRow(*row) for row in found.filter(ended_at=None).values_list(*VERIFICATION)]


VERIFICATION = ("kind", "url", "arrives_on", "setup__public_id", "payment__public_id")
waiting_verifications = Question(
    lambda company_id: (
        BankVerification.objects.filter(company_id=company_id, ended_at=None).order_by("id").values_list(*VERIFICATION)
    ),
    lambda rows: [VerificationRow(*row) for row in rows],
)


# What an e-check waits for, or None if it waits for nothing of the kind.
verification_of_payment = Question(
    lambda public_ids: BankVerification.objects.filter(payment__public_id__any=public_ids, ended_at=None).values_list(
        *VERIFICATION
    ),
    lambda rows: VerificationRow(*rows[0]) if rows else None,
)


def needs_processor(vendor_id: int) -> bool:
    """Return whether a vendor's business day may bring anything at the processor: a method is saved, or money moved."""
    return (
        PaymentMethod.objects.filter(company__vendor_id=vendor_id, removed_at=None).exists()
        or Payment.objects.filter(company__vendor_id=vendor_id).exclude(origin=PaymentOrigin.CHECK).exists()
    )


def gateway_account(vendor_id: int) -> str | None:
    """Return the id of the vendor's account at the processor, or None before it has one."""
    return GatewayAccount.objects.filter(vendor_id=vendor_id).values_list("account_id", flat=True).first()


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """That a refused method may be debited again: which, refused for which code, on whose word, and when."""

    method_label: str
    refused_code: str
    released_by: str
    released_at: datetime


def releases(company_id: int) -> list[ReleaseRow]:
    """Return which of a company's methods were refused and may be debited again, the latest first."""
    found = MethodRelease.objects.filter(method__company_id=company_id).select_related("method").order_by("-id")
    return [
        ReleaseRow(method_label(row.method), row.refused_code, row.released_by_label, row.released_at) for row in found
    ]


def method_label(method: PaymentMethod) -> str:
    """Return what people call a method: its bank or brand and its last four digits, after its nickname, if any."""
    plain = f"{method.brand} ••{method.last4}"
    return f"{method.nickname} ({plain})" if method.nickname else plain


def _kept() -> QuerySet[PaymentMethod]:
    active = Authorisation.objects.filter(method=OuterRef("id"), active_since__isnull=False, ended_at=None)
    return PaymentMethod.objects.filter(removed_at=None).annotate(consents=Exists(active))


def _usable() -> QuerySet[PaymentMethod]:
    return _kept().filter(unusable_reason="")


def _payments() -> "QuerySet[Payment, tuple[Any, ...]]":
    items = PaymentItem.objects.filter(payment=OuterRef("id")).order_by("id")
    found = Payment.objects.annotate(
        pays=ArraySubquery(items.values("invoice_id")), parts=ArraySubquery(items.values("amount_minor"))
    )
    return found.values_list(*PAYMENT, "pays", "parts")


def _method_row(method: PaymentMethod) -> MethodRow:
    return MethodRow(
        id=method.id,
        public_id=method.public_id,
        kind=method.kind,
        label=method_label(method),
        last4=method.last4,
        expires_on=method.expires_on,
        unusable_reason=method.unusable_reason,
        autopay=method.consents and not method.unusable_reason,  # type: ignore[attr-defined]
        nickname=method.nickname,
        holder_type=method.holder_type,
        is_default=method.is_default,
    )


def payment_label(payment: Payment) -> str:
    """Return what a payment was made with: its method, or the check by its number."""
    return _check_label(payment.method_label) if payment.origin == PaymentOrigin.CHECK else payment.method_label


def _check_label(number: str) -> str:
    return _("Check %(number)s") % {"number": number} if number else _("Check")


def _payment_row(*row: Any) -> PaymentRow:
    """Read a payment by the columns of PAYMENT, and, where they were asked for, what it is meant for."""
    told = dict(zip(PAYMENT, row, strict=False))
    label, is_check = told["method_label"], told["origin"] == PaymentOrigin.CHECK
    told["method_label"] = _check_label(label) if is_check else label
    items = zip(*row[len(PAYMENT) :], strict=True)
    return PaymentRow(**told, items=tuple(items), check_number=label if is_check else "")
