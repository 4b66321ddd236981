"""Bank accounts typed by hand: what waits until their owner says which small deposits arrived."""

from datetime import datetime

from comptoir.kit.events import emit
from comptoir.tenancy.models import Company

from .gateways import Verification
from .models import BankVerification, Payment, SetupSession


def await_verification(
    asked: Verification,
    *,
    company: Company,
    now: datetime,
    setup: SetupSession | None = None,
    payment: Payment | None = None,
) -> None:
    """Write down what a setup or payment waits for, and have its company told, once. Must run in a transaction."""
    made, is_new = BankVerification.objects.get_or_create(
        setup=setup,
        payment=payment,
        defaults={
            "company": company,
            "kind": asked.kind,
            "url": asked.url,
            "arrives_on": asked.arrives_on,
            "asked_at": now,
        },
    )
    if is_new:
        of = f"setup:{setup.public_id}" if setup else f"payment:{payment.public_id if payment else ''}"
        emit(
            name="verification_awaited",
            topic=of,
            vendor_id=company.vendor_id,
            company_id=company.id,
            data={"verification": made.id},
        )


def end_verification(*, now: datetime, setup: SetupSession | None = None, payment: Payment | None = None) -> None:
    """Note that nothing is waited for any more: it was told right, was given up, or was called off."""
    BankVerification.objects.filter(setup=setup, payment=payment, ended_at=None).update(ended_at=now)
