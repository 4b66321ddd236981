"""What a vendor owes a company, and its use on invoices."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import F

from comptoir.ledger.operations import Entry, PostingLine, accounts, post
from comptoir.tenancy.queries import VendorRow

from .models import Allocation, CompanyCredit, CreditMovement, InvoiceBalance


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
        .filter(company_id__any=list(company_ids), currency=vendor.currency, balance_minor__gt=0)
        .order_by("company_id")
    )
    for credit in held:
        _use(credit, vendor=vendor, posted_on=posted_on, now=now)


def _use(credit: CompanyCredit, *, vendor: VendorRow, posted_on: date, now: datetime) -> None:
    account = accounts(vendor_id=vendor.id, currency=vendor.currency)
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
        balance.open_minor -= used
        balance.settled_at = None if balance.open_minor else now
        balance.save(update_fields=["open_minor", "settled_at"])
        (entry_id,) = post(
            vendor_id=vendor.id,
            posted_on=posted_on,
            reason=f"credit:{credit.id}",
            entries=[
                Entry(
                    company_id=credit.company_id,
                    description="credit used",
                    postings=[
                        PostingLine(account["customer_credit"], used),
                        PostingLine(account["receivable"], -used, balance.invoice_id),
                    ],
                )
            ],
        )
        movement = CreditMovement.objects.create(credit=credit, entry_id=entry_id, amount_minor=-used)
        Allocation.objects.create(
            invoice_id=balance.invoice_id,
            credit_movement=movement,
            entry_id=entry_id,
            amount_minor=used,
            allocated_at=now,
        )
