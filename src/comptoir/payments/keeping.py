"""What becomes of saved methods: what their owner calls them, which one is proposed, and cards that banks replace."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from comptoir.kit.safe_words import refuse_account_numbers
from comptoir.tenancy.audit import Actor, record, system

from .errors import MethodNotFound, MethodUnusable
from .models import PaymentMethod
from .operations import gateway_of
from .payer import Payer
from .queries import method_label
from .releasing import release
from .return_codes import way_back

LONGEST_NICKNAME = 40


def name_method(*, payer: Payer, method_public_id: UUID, nickname: str) -> None:
    """Call a saved method what its owner calls it; empty takes the name away. Must run in the company's door.

    Raises MethodNotFound, AccountNumberFound.
    """
    refuse_account_numbers(nickname)
    method = locked(method_public_id)
    before, method.nickname = method.nickname, " ".join(nickname.split())[:LONGEST_NICKNAME]
    method.save(update_fields=["nickname"])
    _record(
        payer.actor, "payment_method_named", method, before={"nickname": before}, after={"nickname": method.nickname}
    )


def make_default(*, payer: Payer, method_public_id: UUID) -> None:
    """Propose a saved method first from now on when its company pays. Must run in the company's door.

    Raises MethodNotFound, MethodUnusable.
    """
    method = locked(method_public_id)
    if method.unusable_reason:
        raise MethodUnusable(_("The bank refuses this payment method. Add another one instead."))
    PaymentMethod.objects.filter(company_id=method.company_id, is_default=True).update(is_default=False)
    PaymentMethod.objects.filter(id=method.id).update(is_default=True)
    _record(payer.actor, "payment_method_made_default", method, after={"method": method_label(method)})


def propose_another(company_id: int) -> None:
    """Have a company without a default method get one: the latest that may be debited, if there is any."""
    kept = PaymentMethod.objects.filter(company_id=company_id, removed_at=None)
    if kept.filter(is_default=True).exists():
        return
    latest = kept.filter(unusable_reason="").order_by("-id").first()
    if latest is not None:
        latest.is_default = True
        latest.save(update_fields=["is_default"])


def look_at_method(method_id: int, *, now: datetime) -> None:
    """Ask the processor how a saved card stands, and follow it: its bank may have replaced or prolonged it.

    What was there before stays on record in the trail, and on the payments made with it. One that was refused may be
    debited again then. Calls the processor: must not run in a transaction.
    """
    method = PaymentMethod.objects.select_related("company").get(id=method_id)
    if method.removed_at is not None or method.kind != "card":
        return
    told = gateway_of(method.company.vendor_id).method(method.gateway_id)
    with transaction.atomic():
        method = PaymentMethod.objects.select_for_update(of=("self",)).select_related("company").get(id=method_id)
        before = _facts(method)
        method.brand, method.last4, method.expires_on = told.brand, told.last4, told.expires_on
        if method.removed_at is not None or _facts(method) == before:
            return
        method.save(update_fields=["brand", "last4", "expires_on"])
        _record(system("payment_methods"), "payment_method_replaced", method, before=before, after=_facts(method))
        if method.unusable_reason and way_back(method.unusable_reason) != "by_consent":
            release(method, by=system("payment_methods"), now=now)


def locked(public_id: UUID) -> PaymentMethod:
    """Return a saved method, held until the transaction ends. Raises MethodNotFound, also for a removed one."""
    found = PaymentMethod.objects.select_for_update().filter(public_id=public_id, removed_at=None).first()
    if found is None:
        raise MethodNotFound(
            _("This payment method is not there any more; your page of payment methods shows those that are.")
        )
    return found


def _facts(method: PaymentMethod) -> dict[str, str]:
    expires_on: date | None = method.expires_on
    return {"method": method_label(method), "expires_on": expires_on.isoformat() if expires_on else ""}


def _record(
    actor: Actor,
    action: str,
    method: PaymentMethod,
    *,
    after: dict[str, str],
    before: dict[str, str] | None = None,
) -> None:
    record(
        actor=actor,
        action=action,
        subject=f"payment_method:{method.public_id}",
        vendor_id=method.company.vendor_id,
        company_id=method.company_id,
        before=before,
        after=after,
    )
