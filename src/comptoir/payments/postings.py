"""How money that came moves the books, and how money that went back does: invoices first, the rest is credit."""

from datetime import date, datetime

from comptoir.invoicing.company_credit import keep_credit, take_back_credit
from comptoir.invoicing.operations import MoneyIn, applied_of_payment, apply_payment, take_back
from comptoir.ledger.operations import Entry, PostingLine, accounts, post

from .beginning import amounts_of
from .models import Payment


def post_arrival(payment: Payment, *, posted_on: date, now: datetime, money_in: MoneyIn = "processor_clearing") -> None:
    """Pay the invoices that a payment is meant for, and keep the rest as credit. Must run in a transaction."""
    amounts = amounts_of(payment)
    if amounts:
        apply_payment(
            payment_public_id=payment.public_id,
            company_id=payment.company_id,
            amounts=amounts,
            posted_on=posted_on,
            now=now,
            money_in=money_in,
        )
    if payment.on_account_minor:
        keep_credit(
            payment_public_id=payment.public_id,
            company_id=payment.company_id,
            vendor_id=payment.company.vendor_id,
            currency=payment.currency,
            amount_minor=payment.on_account_minor,
            posted_on=posted_on,
            money_in=money_in,
        )


def post_return(
    payment: Payment,
    *,
    posted_on: date,
    now: datetime,
    amount_minor: int | None = None,
    money_in: MoneyIn = "processor_clearing",
) -> None:
    """Take back what a bank took back: off the invoices that the payment pays, the rest out of the company's credit.

    ``amount_minor`` is what was withdrawn, if it was not all of it. Must run in a transaction.
    """
    left, amounts = payment.amount_minor if amount_minor is None else amount_minor, {}
    for invoice_id, applied_minor in applied_of_payment(payment.public_id).items():
        if part := min(left, applied_minor):
            amounts[invoice_id] = part
            left -= part
    if amounts:
        take_back(
            payment_public_id=payment.public_id,
            company_id=payment.company_id,
            amounts=amounts,
            posted_on=posted_on,
            now=now,
            money_in=money_in,
        )
    if left:
        take_back_credit(
            payment_public_id=payment.public_id,
            company_id=payment.company_id,
            vendor_id=payment.company.vendor_id,
            currency=payment.currency,
            amount_minor=left,
            posted_on=posted_on,
            money_in=money_in,
            now=now,
        )


def post_dispute(payment: Payment, *, dispute: str, withdrawn_minor: int, fee_minor: int, posted_on: date) -> None:
    """Post what a card holder's bank withdrew until it has decided (below zero: gave back), and what that cost.

    The invoices stay paid meanwhile. ``dispute`` is its public id. Must run in a transaction.
    """
    account = accounts(vendor_id=payment.company.vendor_id, currency=payment.currency)
    sides = (
        ("dispute", account["disputed"], withdrawn_minor),
        ("fee of a dispute", account["processor_fees"], fee_minor),
    )
    entries = [
        Entry(
            company_id=payment.company_id,
            description=description,
            postings=(PostingLine(debited, minor), PostingLine(account["processor_clearing"], -minor)),
        )
        for description, debited, minor in sides
        if minor
    ]
    if entries:
        post(vendor_id=payment.company.vendor_id, posted_on=posted_on, reason=f"dispute:{dispute}", entries=entries)
