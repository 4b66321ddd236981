"""Saving a payment method on the processor's page, letting it be debited, and removing it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record, system

from .agreeing import write_down
from .consent import Consent
from .errors import MethodUnusable, TermsChanged
from .gateways import GatewayRefused, PageRequest, SavedMethod, Verification
from .keeping import locked, propose_another
from .models import Authorisation, PaymentMethod, SetupSession, SetupStatus
from .operations import gateway_of
from .payer import Pages, Payer, customer_of
from .queries import method_label
from .readiness import telling_the_team
from .releasing import release
from .return_codes import way_back
from .verifying import await_verification, end_verification


def start_saving(*, payer: Payer, kind: str, consent: Consent | None, pages: Pages) -> str:
    """Open the processor's page on which a card or bank account is saved, and return its address.

    With ``consent`` the method will be debited automatically once it is saved. Commits its intent, calls the processor,
    commits the answer: must not run in a transaction. Raises GatewayUnclear, GatewayRefused,
    GatewayNotReady, of which the team is told.
    """
    with telling_the_team(payer):
        with payer.door():
            gateway = gateway_of(payer.vendor.id)
            setup = SetupSession.objects.create(
                company_id=payer.company.id,
                kind=kind,
                authorisation=write_down(payer, consent) if consent else None,
                started_at=payer.now,
            )
        request = PageRequest(
            reference=str(setup.public_id),
            customer_id=customer_of(payer, gateway),
            kind=kind,
            currency=payer.vendor.currency,
            language=payer.language,
            success_url=pages.done(setup.public_id),
            cancel_url=pages.back(setup.public_id),
        )
        opened = gateway.open_setup_page(request)
        with payer.door():
            SetupSession.objects.filter(id=setup.id, status=SetupStatus.CREATED).update(
                session_id=opened.id, status=SetupStatus.OPEN
            )
        return opened.url


def look_at_setup(*, setup_id: int, session_id: str, now: datetime) -> None:
    """Ask the processor what became of a visit to save a method, and do what follows.

    Calls the processor: must not run in a transaction. What was done already is not done again.
    """
    setup = SetupSession.objects.select_related("company").get(id=setup_id)
    page = gateway_of(setup.company.vendor_id).session(session_id)
    if page.reference != str(setup.public_id):
        raise GatewayRefused(_("The processor’s page %(page)s belongs to another visit.") % {"page": session_id})
    with transaction.atomic():
        setup = SetupSession.objects.select_for_update().get(id=setup_id)
        if setup.status in (SetupStatus.COMPLETED, SetupStatus.ENDED):
            return
        setup.session_id = page.id
        if page.status == "complete" and page.method:
            _keep(setup, page.method, now=now)
        elif page.verification:
            _wait(setup, page.verification, now=now)
        elif page.status == "expired" or page.gave_up:
            _end(setup, now=now)


def turn_autopay_on(*, payer: Payer, method_public_id: UUID, consent: Consent) -> None:
    """Let a saved method be debited from now on, in place of any other. Must run in the company's door.

    Raises MethodNotFound, MethodUnusable.
    """
    method = locked(method_public_id)
    if method.unusable_reason:
        raise MethodUnusable(_("The bank refuses this payment method. Add another one instead."))
    _activate(write_down(payer, consent), method, now=payer.now)
    _record(payer.actor, "autopay_turned_on", method)


def release_method(*, payer: Payer, method_public_id: UUID, consent: Consent | None) -> None:
    """Let a method that its bank refused be debited again, since its owner has put that right there.

    Where the refusal voided the consent, a new ``consent`` to automatic payment goes with it, which the worker then
    tells the processor. Must run in the company's door. Raises MethodNotFound, MethodUnusable, TermsChanged.
    """
    method = locked(method_public_id)
    if not method.unusable_reason:
        return
    way = way_back(method.unusable_reason)
    if way == "by_another":
        raise MethodUnusable(_("This card is gone: its bank takes no more payments from it. Add another one instead."))
    if way == "by_consent" and consent is None:
        raise TermsChanged(_("What you agreed to before is void. Please read the words below, and agree anew."))
    given = write_down(payer, consent) if way == "by_consent" and consent else None
    if given:
        _activate(given, method, now=payer.now)
    release(method, by=payer.actor, now=payer.now, user_id=payer.user_id, authorisation=given)
    propose_another(method.company_id)
    emit(
        name="payment_method_released",
        topic=f"payment_method:{method.public_id}",
        vendor_id=payer.vendor.id,
        company_id=payer.company.id,
        data={"method": str(method.public_id)},
    )


def turn_autopay_off(*, payer: Payer, method_public_id: UUID) -> None:
    """Let a saved method be debited no more, but for what is with the bank already. Must run in the company's door.

    Raises MethodNotFound.
    """
    method = locked(method_public_id)
    end_authorisations(method_id=method.id, reason="turned off by the customer", now=payer.now)
    _record(payer.actor, "autopay_turned_off", method)


def remove_method(*, payer: Payer, method_public_id: UUID) -> None:
    """Forget a saved method; the worker then has the processor forget it. Must run in the company's door.

    Raises MethodNotFound.
    """
    method = locked(method_public_id)
    end_authorisations(method_id=method.id, reason="the method was removed", now=payer.now)
    PaymentMethod.objects.filter(id=method.id).update(removed_at=payer.now, is_default=False)
    propose_another(method.company_id)
    _record(payer.actor, "payment_method_removed", method)
    emit(
        name="payment_method_removed",
        topic=f"payment_method:{method.public_id}",
        vendor_id=payer.vendor.id,
        company_id=payer.company.id,
        data={"method": str(method.public_id)},
    )


def detach(method_id: int) -> None:
    """Have the processor forget a removed method. Must not run in a transaction; a second time does nothing.

    One that was not removed is left alone, whoever asks.
    """
    method = PaymentMethod.objects.select_related("company").get(id=method_id)
    if method.removed_at is None:
        return
    gateway_of(method.company.vendor_id).detach(method.gateway_id)


def end_authorisations(*, method_id: int, reason: str, now: datetime) -> None:
    """End the consent to debit a method; it stays on record, with the reason."""
    Authorisation.objects.filter(method_id=method_id, ended_at=None).update(ended_at=now, ended_reason=reason)


def _activate(authorisation: Authorisation, method: PaymentMethod, *, now: datetime) -> None:
    Authorisation.objects.filter(company_id=method.company_id, active_since__isnull=False, ended_at=None).update(
        ended_at=now, ended_reason="replaced by a later one"
    )
    Authorisation.objects.filter(id=authorisation.id).update(method=method, active_since=now)


def _keep(setup: SetupSession, saved: SavedMethod, *, now: datetime) -> None:
    method, _made = PaymentMethod.objects.get_or_create(
        gateway_id=saved.id,
        defaults={
            "company_id": setup.company_id,
            "kind": saved.kind,
            "brand": saved.brand,
            "last4": saved.last4,
            "expires_on": saved.expires_on,
            "holder_type": saved.holder_type,
            "saved_at": now,
        },
    )
    setup.status, setup.method = SetupStatus.COMPLETED, method
    setup.save(update_fields=["session_id", "status", "method"])
    end_verification(now=now, setup=setup)
    propose_another(setup.company_id)
    _record(system("payment_methods"), "payment_method_saved", method)
    if setup.authorisation:
        _activate(setup.authorisation, method, now=now)
        _record(system("payment_methods"), "autopay_turned_on", method)


def _wait(setup: SetupSession, verification: Verification, *, now: datetime) -> None:
    setup.status = SetupStatus.VERIFYING
    setup.save(update_fields=["session_id", "status"])
    await_verification(verification, company=setup.company, now=now, setup=setup)


def _end(setup: SetupSession, *, now: datetime) -> None:
    setup.status = SetupStatus.ENDED
    setup.save(update_fields=["session_id", "status"])
    end_verification(now=now, setup=setup)
    if setup.authorisation_id is not None:
        Authorisation.objects.filter(id=setup.authorisation_id, ended_at=None).update(
            ended_at=now, ended_reason="the method was not saved"
        )


def _record(actor: Actor, action: str, method: PaymentMethod) -> None:
    record(
        actor=actor,
        action=action,
        subject=f"payment_method:{method.public_id}",
        vendor_id=method.company.vendor_id,
        company_id=method.company_id,
        after={"method": method_label(method)},
    )
