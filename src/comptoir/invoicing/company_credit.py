"""What a vendor owes a company, and its use on invoices."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.db.models import F, Max, Sum
from django.utils.translation import gettext as _

from comptoir.kit.lookups import Ids
from comptoir.ledger.operations import Entry, PostingLine, accounts, post
from comptoir.tenancy.queries import VendorRow

from .errors import CreditRefused
from .models import Allocation, CompanyCredit, CreditMovement, InvoiceBalance
from .operations import MoneyIn

# What was posted as bad debt, and off it again, of credit that a payment had left.
LOST, NOT_LOST = "credit given back before its payment came back", "not lost: its refund came back, too"


def credit_of(*, company_id: int, currency: str) -> CompanyCredit:
    """Return a company's credit in one currency, held until the transaction ends; the first use makes it."""
    CompanyCredit.objects.get_or_create(company_id=company_id, currency=currency)
    return CompanyCredit.objects.select_for_update().get(company_id=company_id, currency=currency)


def use_credit(*, vendor: VendorRow, company_ids: Iterable[int], posted_on: date, now: datetime) -> None:
    """Pay what is open and not on its way from the companies' credit, the earliest due first.

    Must run in a transaction. Companies without credit are passed over.
    """
    held = (
        CompanyCredit.objects.select_for_update()
        .filter(company_id__any=Ids(company_ids), currency=vendor.currency, balance_minor__gt=0)
        .order_by("company_id")
    )
    for credit in held:
        _use(credit, vendor=vendor, posted_on=posted_on, now=now)


def _use(credit: CompanyCredit, *, vendor: VendorRow, posted_on: date, now: datetime) -> None:
    left = credit.balance_minor
    payable = (
        InvoiceBalance.objects.select_for_update(of=("self",))
        .filter(invoice__company_id=credit.company_id, open_minor__gt=F("in_flight_minor"))
        .order_by("invoice__due_date", "invoice_id")
    )
    for balance in payable:
        used = min(left, balance.open_minor - balance.in_flight_minor)
        if not used:
            return
        left -= used
        _pay(credit, balance, vendor_id=vendor.id, amount_minor=used, posted_on=posted_on, now=now)


def _pay(
    credit: CompanyCredit,
    balance: InvoiceBalance,
    *,
    vendor_id: int,
    amount_minor: int,
    posted_on: date,
    now: datetime,
) -> None:
    """Pay ``amount_minor`` of a locked invoice from locked credit; below zero, take it off the invoice again."""
    account = accounts(vendor_id=vendor_id, currency=credit.currency)
    balance.open_minor -= amount_minor
    balance.settled_at = None if balance.open_minor else now
    balance.save(update_fields=["open_minor", "settled_at"])
    (entry_id,) = post(
        vendor_id=vendor_id,
        posted_on=posted_on,
        reason=f"credit:{credit.id}",
        entries=[
            Entry(
                company_id=credit.company_id,
                description="credit used" if amount_minor > 0 else "credit used taken back",
                postings=[
                    PostingLine(account["customer_credit"], amount_minor),
                    PostingLine(account["receivable"], -amount_minor, balance.invoice_id),
                ],
            )
        ],
    )
    movement = CreditMovement.objects.create(credit=credit, entry_id=entry_id, amount_minor=-amount_minor)
    Allocation.objects.create(
        invoice_id=balance.invoice_id,
        credit_movement=movement,
        entry_id=entry_id,
        amount_minor=amount_minor,
        allocated_at=now,
    )


def keep_credit(
    *,
    payment_public_id: UUID,
    company_id: int,
    vendor_id: int,
    currency: str,
    amount_minor: int,
    posted_on: date,
    money_in: MoneyIn = "processor_clearing",
) -> None:
    """Keep what a payment brought beyond its invoices, in minor units, as the company's credit.

    Must run in a transaction. Posts the account where the money is, ``money_in``, against the customer's credit.
    """
    credit = credit_of(company_id=company_id, currency=currency)
    _move(
        credit,
        vendor_id=vendor_id,
        posted_on=posted_on,
        reason=f"payment:{payment_public_id}",
        description="payment on account",
        against=money_in,
        amount_minor=amount_minor,
        payment_public_id=payment_public_id,
    )


def take_back_credit(
    *,
    payment_public_id: UUID,
    company_id: int,
    vendor_id: int,
    currency: str,
    amount_minor: int,
    posted_on: date,
    now: datetime,
    money_in: MoneyIn = "processor_clearing",
) -> None:
    """Take the credit back that a payment had left, since the payment came back.

    Credit that was used meanwhile is taken off the invoices again that it paid, the latest use first, which reopens
    them. What is still missing was given back to the company: that is lost, and posted as bad debt. Must run in a
    transaction.
    """
    credit = credit_of(company_id=company_id, currency=currency)
    missing = amount_minor - credit.balance_minor
    if missing > 0:
        missing -= _unuse(credit, vendor_id=vendor_id, up_to_minor=missing, posted_on=posted_on, now=now)
    if missing > 0:
        _move(
            credit,
            vendor_id=vendor_id,
            posted_on=posted_on,
            reason=f"payment:{payment_public_id}",
            description=LOST,
            against="bad_debt",
            amount_minor=missing,
        )
    _move(
        credit,
        vendor_id=vendor_id,
        posted_on=posted_on,
        reason=f"payment:{payment_public_id}",
        description="payment on account returned",
        against=money_in,
        amount_minor=-amount_minor,
        payment_public_id=payment_public_id,
    )


def refund_credit(
    *,
    refund_public_id: UUID,
    company_id: int,
    vendor_id: int,
    currency: str,
    amount_minor: int,
    posted_on: date,
    money_in: MoneyIn,
) -> None:
    """Take what is sent back to a company, in minor units, out of its credit; ``money_in`` is where it leaves from.

    Must run in a transaction. Raises CreditRefused where the company has less credit by now.
    """
    credit = credit_of(company_id=company_id, currency=currency)
    if credit.balance_minor < amount_minor:
        raise CreditRefused(
            _("The company has less credit by now; it was used, or given back. Look at it and ask again.")
        )
    _move(
        credit,
        vendor_id=vendor_id,
        posted_on=posted_on,
        reason=f"refund:{refund_public_id}",
        description="refund",
        against=money_in,
        amount_minor=-amount_minor,
        refund_public_id=refund_public_id,
    )


def keep_failed_refund(
    *,
    refund_public_id: UUID,
    payment_public_id: UUID | None,
    company_id: int,
    vendor_id: int,
    currency: str,
    amount_minor: int,
    posted_on: date,
    money_in: MoneyIn,
) -> None:
    """Keep what could not be sent back, in minor units, as the company's credit.

    Where its payment came back meanwhile, and this was posted as lost with it, the credit pays that first: nothing was
    lost. Must run in a transaction.
    """
    credit = credit_of(company_id=company_id, currency=currency)
    _move(
        credit,
        vendor_id=vendor_id,
        posted_on=posted_on,
        reason=f"refund:{refund_public_id}",
        description="refund came back",
        against=money_in,
        amount_minor=amount_minor,
        refund_public_id=refund_public_id,
    )
    of_payment = f"payment:{payment_public_id}"
    of_loss = CreditMovement.objects.filter(
        credit=credit, entry__batch__reason=of_payment, entry__description__in=[LOST, NOT_LOST]
    )
    lost = of_loss.aggregate(lost=Sum("amount_minor"))["lost"] or 0
    if lost:
        _move(
            credit,
            vendor_id=vendor_id,
            posted_on=posted_on,
            reason=of_payment,
            description=NOT_LOST,
            against="bad_debt",
            amount_minor=-min(lost, amount_minor),
        )


def _move(
    credit: CompanyCredit,
    *,
    vendor_id: int,
    posted_on: date,
    reason: str,
    description: str,
    against: MoneyIn | Literal["bad_debt"],
    amount_minor: int,
    payment_public_id: UUID | None = None,
    refund_public_id: UUID | None = None,
) -> CreditMovement:
    """Post ``amount_minor`` from an account to the credit (below zero: back), and write its movement."""
    account = accounts(vendor_id=vendor_id, currency=credit.currency)
    (entry_id,) = post(
        vendor_id=vendor_id,
        posted_on=posted_on,
        reason=reason,
        entries=[
            Entry(
                company_id=credit.company_id,
                description=description,
                postings=[
                    PostingLine(account[against], amount_minor),
                    PostingLine(account["customer_credit"], -amount_minor),
                ],
            )
        ],
    )
    return CreditMovement.objects.create(
        credit=credit,
        entry_id=entry_id,
        payment_public_id=payment_public_id,
        refund_public_id=refund_public_id,
        amount_minor=amount_minor,
    )


def _unuse(credit: CompanyCredit, *, vendor_id: int, up_to_minor: int, posted_on: date, now: datetime) -> int:
    """Reopen invoices that the credit paid, the latest use first, and return how much came back to it."""
    paid = (
        Allocation.objects.filter(credit_movement__credit=credit)
        .values("invoice_id")
        .annotate(used_minor=Sum("amount_minor"), latest=Max("id"))
        .filter(used_minor__gt=0)
        .order_by("-latest")
    )
    left = up_to_minor
    for row in paid:
        back = min(left, row["used_minor"])
        if not back:
            break
        left -= back
        balance = InvoiceBalance.objects.select_for_update().get(invoice_id=row["invoice_id"])
        _pay(credit, balance, vendor_id=vendor_id, amount_minor=-back, posted_on=posted_on, now=now)
    return up_to_minor - left
