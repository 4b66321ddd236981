"""How money that came moves the books, and how money that went back does: invoices first, the rest is credit."""

from datetime import date, datetime

from comptoir.invoicing.company_credit import keep_credit, take_back_credit
from comptoir.invoicing.operations import MoneyIn, apply_payment, take_back

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


def post_return(payment: Payment, *, posted_on: date, now: datetime, money_in: MoneyIn = "processor_clearing") -> None:
    """Reopen the invoices of a payment that came back, and take its credit back. Must run in a transaction."""
    amounts = amounts_of(payment)
    if amounts:
        take_back(
            payment_public_id=payment.public_id,
            company_id=payment.company_id,
            amounts=amounts,
            posted_on=posted_on,
            now=now,
            money_in=money_in,
        )
    if payment.on_account_minor:
        take_back_credit(
            payment_public_id=payment.public_id,
            company_id=payment.company_id,
            vendor_id=payment.company.vendor_id,
            currency=payment.currency,
            amount_minor=payment.on_account_minor,
            posted_on=posted_on,
            money_in=money_in,
            now=now,
        )
