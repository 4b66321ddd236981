"""What is open on invoices: held for a payment under way, paid, reopened."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.db.models import F, Min, Sum
from django.utils.translation import gettext as _

from comptoir.ledger.operations import Entry, PostingLine, accounts, post

from .errors import NotPayable
from .models import Allocation, Invoice, InvoiceBalance

# Where the money of a payment is: with the processor, in the bank, in the bank with its owner just found, or withdrawn
# by a card holder's bank that has not decided yet.
MoneyIn = Literal["processor_clearing", "bank", "suspense", "disputed"]


def reserve(amounts: Mapping[int, int]) -> None:
    """Hold ``amounts`` (minor units by invoice id) for a payment under way.

    Balances are taken in the order of their ids, and stay locked until the transaction ends. Raises NotPayable when
    more would be on its way than is open on an invoice.
    """
    for invoice_id, amount_minor in sorted(amounts.items()):
        held = InvoiceBalance.objects.filter(
            invoice_id=invoice_id, open_minor__gte=F("in_flight_minor") + amount_minor
        ).update(in_flight_minor=F("in_flight_minor") + amount_minor)
        if amount_minor <= 0 or not held:
            raise NotPayable(
                _("One of the invoices is paid already, or a payment for it is under way. Look at its status first.")
            )


def release(amounts: Mapping[int, int]) -> None:
    """Give back what ``reserve`` held, for a payment that will not come."""
    for invoice_id, amount_minor in sorted(amounts.items()):
        InvoiceBalance.objects.filter(invoice_id=invoice_id).update(in_flight_minor=F("in_flight_minor") - amount_minor)


def hold_still(*invoice_ids: int) -> None:
    """Keep everybody from beginning a payment of the invoices, and from crediting them, until the transaction ends."""
    held = InvoiceBalance.objects.select_for_update().filter(invoice_id__in=invoice_ids).order_by("invoice_id")
    list(held.values_list("invoice_id"))


def apply_payment(
    *,
    payment_public_id: UUID,
    company_id: int,
    amounts: Mapping[int, int],
    posted_on: date,
    now: datetime,
    money_in: MoneyIn = "processor_clearing",
) -> None:
    """Pay invoices with money that has come: what was held for it is open no more.

    Posts the account where the money is, ``money_in``, against the receivable, invoice by invoice. ``amounts`` are
    minor units by invoice id.
    """
    for invoice_id, amount_minor in sorted(amounts.items()):
        balance = InvoiceBalance.objects.select_for_update().get(invoice_id=invoice_id)
        balance.open_minor -= amount_minor
        balance.in_flight_minor -= amount_minor
        balance.settled_at = None if balance.open_minor else now
        balance.save(update_fields=["open_minor", "in_flight_minor", "settled_at"])
    _allocate(
        payment_public_id=payment_public_id,
        company_id=company_id,
        amounts=amounts,
        posted_on=posted_on,
        now=now,
        money_in=money_in,
        description="payment",
    )


def take_back(
    *,
    payment_public_id: UUID,
    company_id: int,
    amounts: Mapping[int, int],
    posted_on: date,
    now: datetime,
    money_in: MoneyIn = "processor_clearing",
    refund_public_id: UUID | None = None,
) -> None:
    """Reopen invoices whose payment came back, and post the reversal. ``amounts`` are minor units by invoice id.

    ``refund_public_id`` is the refund by which it went back, if it was not its bank that took it.
    """
    for invoice_id, amount_minor in sorted(amounts.items()):
        balance = InvoiceBalance.objects.select_for_update().get(invoice_id=invoice_id)
        balance.open_minor += amount_minor
        balance.settled_at = None
        balance.save(update_fields=["open_minor", "settled_at"])
    _allocate(
        payment_public_id=payment_public_id,
        company_id=company_id,
        amounts={invoice_id: -amount_minor for invoice_id, amount_minor in amounts.items()},
        posted_on=posted_on,
        now=now,
        money_in=money_in,
        description="refund" if refund_public_id else "payment returned",
        refund_public_id=refund_public_id,
    )


def applied_of_payment(payment_public_id: UUID) -> dict[int, int]:
    """Return what a payment pays on invoices now, in minor units by invoice id, the earliest applied first."""
    rows = (
        Allocation.objects.filter(payment_public_id=payment_public_id)
        .values("invoice_id")
        .annotate(applied_minor=Sum("amount_minor"), first=Min("id"))
        .filter(applied_minor__gt=0)
        .order_by("first")
    )
    return {row["invoice_id"]: row["applied_minor"] for row in rows}


def _allocate(
    *,
    payment_public_id: UUID,
    company_id: int,
    amounts: Mapping[int, int],
    posted_on: date,
    now: datetime,
    money_in: MoneyIn,
    description: str,
    refund_public_id: UUID | None = None,
) -> None:
    """Post one entry per invoice, and put on record which payment it came from."""
    ordered = sorted(amounts.items())
    vendor_id, currency = Invoice.objects.values_list("vendor_id", "currency").get(id=ordered[0][0])
    account = accounts(vendor_id=vendor_id, currency=currency)
    entry_ids = post(
        vendor_id=vendor_id,
        posted_on=posted_on,
        reason=f"refund:{refund_public_id}" if refund_public_id else f"payment:{payment_public_id}",
        entries=[
            Entry(
                company_id=company_id,
                description=description,
                postings=(
                    PostingLine(account[money_in], amount_minor),
                    PostingLine(account["receivable"], -amount_minor, document_id=invoice_id),
                ),
            )
            for invoice_id, amount_minor in ordered
        ],
    )
    Allocation.objects.bulk_create(
        Allocation(
            invoice_id=invoice_id,
            payment_public_id=payment_public_id,
            refund_public_id=refund_public_id,
            entry_id=entry_id,
            amount_minor=amount_minor,
            allocated_at=now,
        )
        for (invoice_id, amount_minor), entry_id in zip(ordered, entry_ids, strict=True)
    )
