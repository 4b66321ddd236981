"""Methods that a bank had refused, and that may be debited again: who said so is on record, or nothing changes."""

from datetime import datetime

from django.db import transaction

from comptoir.tenancy.audit import Actor, record, system

from .gateways import GatewayRefused, GivenConsent
from .models import Authorisation, MethodKind, MethodRelease, PaymentMethod
from .operations import gateway_of
from .queries import method_label


def release(
    method: PaymentMethod,
    *,
    by: Actor,
    now: datetime,
    user_id: int | None = None,
    authorisation: Authorisation | None = None,
) -> None:
    """Let a locked method that was refused be debited again: PostgreSQL takes the refusal off with what is written.

    Must run in a transaction.
    """
    refused = method.unusable_reason
    MethodRelease.objects.create(
        method=method,
        refused_code=refused,
        authorisation=authorisation,
        released_by_id=user_id,
        released_by_label=by.label,
        released_at=now,
    )
    _record(by, "payment_method_released", method, before={"refused": refused})


def tell_new_consent(method_id: int) -> None:
    """Tell the processor that a bank account whose consent was void may be debited again; it looks at every debit.

    Where it refuses, the account is refused once more. Calls the processor: must not run in a transaction; a second
    time does no harm.
    """
    released = MethodRelease.objects.select_related("method__company__gatewaycustomer", "authorisation")
    latest = released.filter(method_id=method_id).order_by("id").last()
    if latest is None or latest.authorisation is None or latest.authorisation.ended_at is not None:
        return
    method, given = latest.method, latest.authorisation
    if method.kind != MethodKind.BANK_ACCOUNT or method.removed_at is not None:
        return
    try:
        gateway_of(method.company.vendor_id).renew_consent(
            reference=str(given.public_id),
            customer_id=method.company.gatewaycustomer.customer_id,
            method_id=method.gateway_id,
            given=GivenConsent(at=given.given_at, ip_address=given.ip_address, user_agent=given.user_agent),
        )
    except GatewayRefused as refusal:
        code = refusal.code or latest.refused_code
        with transaction.atomic():
            PaymentMethod.objects.filter(id=method.id, removed_at=None).update(unusable_reason=code)
            _record(system("payment_methods"), "payment_method_refused", method, before={"refused": ""})


def _record(actor: Actor, action: str, method: PaymentMethod, *, before: dict[str, str]) -> None:
    record(
        actor=actor,
        action=action,
        subject=f"payment_method:{method.public_id}",
        vendor_id=method.company.vendor_id,
        company_id=method.company_id,
        before=before,
        after={"method": method_label(method)},
    )
