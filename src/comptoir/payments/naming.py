"""What payments, methods and what became of them are called, by public id: for lists of what was done."""

from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from comptoir.kit.lookups import Uuids
from comptoir.kit.together import Question

from .models import Dispute, Payment, PaymentMethod, Refund
from .queries import method_label


class NamedPayment(NamedTuple):
    """A payment by what its payer can quote; ``amount_minor`` in minor units, of a refund what goes back of it."""

    confirmation: str
    amount_minor: int
    currency: str
    payment_public_id: UUID | None


class NamedMethod(NamedTuple):
    """A saved method by its label, and whether it was removed."""

    label: str
    is_removed: bool


def _payments(public_ids: Uuids) -> "QuerySet[Payment, tuple[Any, ...]]":
    found = Payment.objects.filter(public_id__any=public_ids)
    return found.values_list("public_id", "confirmation", "amount_minor", "currency")


def _refunds(public_ids: Uuids) -> "QuerySet[Refund, tuple[Any, ...]]":
    found = Refund.objects.filter(public_id__any=public_ids)
    return found.values_list("public_id", "confirmation", "amount_minor", "currency", "payment__public_id")


def _disputes(public_ids: Uuids) -> "QuerySet[Dispute, tuple[Any, ...]]":
    found = Dispute.objects.filter(public_id__any=public_ids)
    return found.values_list(
        "public_id", "payment__confirmation", "payment__amount_minor", "payment__currency", "payment__public_id"
    )


def _methods(public_ids: Uuids) -> "QuerySet[PaymentMethod, tuple[Any, ...]]":
    found = PaymentMethod.objects.filter(public_id__any=public_ids)
    return found.values_list("public_id", "brand", "last4", "nickname", "removed_at")


def _by_public_id(rows: list[tuple[Any, ...]]) -> dict[UUID, NamedPayment]:
    return {public_id: NamedPayment(*rest) for public_id, *rest in rows}


def _method(brand: str, last4: str, nickname: str, removed_at: object) -> NamedMethod:
    return NamedMethod(method_label(PaymentMethod(brand=brand, last4=last4, nickname=nickname)), removed_at is not None)


# Each of those that the open door shows.
named_payments = Question(_payments, lambda rows: _by_public_id([(*row, row[0]) for row in rows]))
named_refunds = Question(_refunds, _by_public_id)
named_disputes = Question(_disputes, _by_public_id)
named_methods = Question(_methods, lambda rows: {public_id: _method(*rest) for public_id, *rest in rows})
