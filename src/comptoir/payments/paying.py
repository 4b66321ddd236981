"""Paying invoices once: on the processor's page, where nothing is saved, or with a saved method."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from comptoir.kit.events import emit
from comptoir.tenancy.audit import record

from .agreeing import words_of_debit, write_down
from .beginning import begin, call_off
from .consent import Consent, consent_to
from .errors import MethodNotFound, MethodUnusable, PaymentNotFound, StillUnderWay
from .gateways import Gateway, GatewayNotReady, GatewayRefused, PageRequest, Session
from .models import BankVerification, Payment, PaymentMethod, PaymentOrigin, PaymentStatus
from .operations import gateway_of
from .ordering import Order, shares_of
from .payer import Pages, Payer, customer_of
from .queries import method_label
from .readiness import telling_the_team

NOT_YET_WITH_THE_BANK = (PaymentStatus.CREATED, PaymentStatus.ACTION_REQUIRED)
# A call to the processor is over by then, one way or the other.
A_CALL_TAKES_AT_MOST = timedelta(minutes=2)


def start_one_time_payment(*, payer: Payer, order: Order, kind: str, pages: Pages) -> str:
    """Open the processor's page on which an order is paid by e-check or card, and return its address.

    Another page that the company left open for one of the invoices is closed first. Commits its intent, calls the
    processor, commits the answer: must not run in a transaction. Raises NothingToPay, NotPayable, AmountChanged,
    TermsChanged, StillUnderWay, GatewayUnclear, GatewayRefused, GatewayNotReady, of which the team is told.
    """
    with telling_the_team(payer):
        with payer.door():
            gateway = gateway_of(payer.vendor.id)
        close_abandoned_pages(payer=payer, gateway=gateway, invoices=order.invoices)
        customer_id = customer_of(payer, gateway)
        with payer.door():
            payment = begin_order(payer, order, kind=kind, method=None)
        request = PageRequest(
            reference=str(payment.public_id),
            customer_id=customer_id,
            kind=kind,
            currency=payment.currency,
            language=payer.language,
            success_url=pages.done(payment.public_id),
            cancel_url=pages.back(payment.public_id),
        )
        try:
            opened = gateway.open_payment_page(
                request,
                amount_minor=payment.amount_minor,
                description=_description(payment),
                confirmation=payment.confirmation,
            )
        except (GatewayRefused, GatewayNotReady):
            _call_off(payer, payment)
            raise
        with payer.door():
            Payment.objects.filter(id=payment.id, status=PaymentStatus.CREATED).update(
                session_id=opened.id, status=PaymentStatus.ACTION_REQUIRED
            )
        return opened.url


def pay_with_saved_method(*, payer: Payer, order: Order, method_public_id: UUID, reference: UUID) -> UUID:
    """Have the worker debit a saved method once for an order, and return the payment's public id.

    The payment's id is ``reference``, made with the form that is sent: sent again, it leads to the same payment. Opens
    the company's door itself, after closing pages that were left open for one of the invoices: must not run in a
    transaction. Raises NothingToPay, NotPayable, AmountChanged, TermsChanged, StillUnderWay, MethodNotFound,
    MethodUnusable, GatewayUnclear.
    """
    with payer.door():
        if _is_begun(payer, reference):
            return reference
        gateway = gateway_of(payer.vendor.id)
    close_abandoned_pages(payer=payer, gateway=gateway, invoices=order.invoices)
    try:
        _request_debit(payer, order, method_public_id=method_public_id, reference=reference)
    except IntegrityError:
        with payer.door():
            if not _is_begun(payer, reference):
                raise
    return reference


def _is_begun(payer: Payer, reference: UUID) -> bool:
    return Payment.objects.filter(public_id=reference, company_id=payer.company.id).exists()


def _request_debit(payer: Payer, order: Order, *, method_public_id: UUID, reference: UUID) -> None:
    with payer.door():
        method = usable_method(method_public_id, company_id=payer.company.id)
        payment = begin_order(payer, order, kind=method.kind, method=method, reference=reference)
        emit(
            name="payment_requested",
            topic=f"payment:{payment.public_id}",
            vendor_id=payer.vendor.id,
            company_id=payer.company.id,
            data={"payment": str(payment.public_id)},
        )


def leave_payment_page(*, payer: Payer, payment_public_id: UUID) -> None:
    """Close the processor's page that a payer came back from without paying, and free its invoices.

    If the processor says that it was paid after all, nothing is changed: its news will tell. Calls the processor: must
    not run in a transaction. Raises PaymentNotFound, GatewayUnclear.
    """
    with payer.door():
        gateway = gateway_of(payer.vendor.id)
        payment = _with_customer().filter(public_id=payment_public_id).first()
    if payment is None:
        raise PaymentNotFound(_("There is no such payment here; your invoices show what is paid and what is open."))
    if payment.status != PaymentStatus.ACTION_REQUIRED or payment.method_id is not None:
        return
    if not _cancel_if_unverified(payer, gateway, payment):
        _close(payer, gateway, payment)


def usable_method(public_id: UUID, *, company_id: int) -> PaymentMethod:
    """Return a company's saved method that may be debited. Raises MethodNotFound, MethodUnusable."""
    method = PaymentMethod.objects.filter(public_id=public_id, company_id=company_id, removed_at=None).first()
    if method is None:
        raise MethodNotFound(_("This payment method is not there any more; choose another way to pay."))
    if method.unusable_reason:
        raise MethodUnusable(_("The bank refuses this payment method; choose another way to pay."))
    return method


def close_abandoned_pages(*, payer: Payer, gateway: Gateway, invoices: Iterable[UUID]) -> None:
    """Close the company's own hosted pages that hold one of the invoices, asking the processor for the truth first.

    Without ``invoices``, all of them. Raises StillUnderWay where the truth is not known yet. A page that was paid on
    stays; paying again is refused then.
    """
    own = _with_customer().filter(company_id=payer.company.id, method=None, status__in=NOT_YET_WITH_THE_BANK)
    chosen = list(invoices)
    with payer.door():
        held = list(own.filter(items__invoice__public_id__in=chosen).distinct() if chosen else own)
    for payment in held:
        _close(payer, gateway, payment)


def _with_customer() -> QuerySet[Payment]:
    """Payments, with all that is needed of them once the door is closed."""
    return Payment.objects.select_related("company__gatewaycustomer")


def _close(payer: Payer, gateway: Gateway, payment: Payment) -> None:
    page = session_of(payment, gateway)
    if page is None and payer.now - payment.created_at < A_CALL_TAKES_AT_MOST:
        raise StillUnderWay(
            _("A payment for one of these invoices was begun a moment ago, in another window. Wait two minutes.")
        )
    if page is not None and page.status == "open":
        page = gateway.expire_session(page.id)
    if page is None or page.status == "expired":
        _call_off(payer, payment)


def _cancel_if_unverified(payer: Payer, gateway: Gateway, payment: Payment) -> bool:
    """Call an e-check off that waits for its bank account to be verified; say whether it was one."""
    with payer.door():
        waits = BankVerification.objects.filter(payment_id=payment.id, ended_at=None).exists()
    if not waits or payment.intent_id is None:
        return False
    if gateway.cancel_intent(payment.intent_id).status == "canceled":
        _call_off(payer, payment)
    return True


def session_of(payment: Payment, gateway: Gateway) -> Session | None:
    """Return the hosted page of a payment as the processor knows it, or None if it was never opened.

    Raises GatewayRefused for a page that was opened for another payment.
    """
    if payment.session_id:
        page = gateway.session(payment.session_id)
        refuse_anothers(page.reference, payment)
        return page
    customer = payment.company.gatewaycustomer
    return gateway.find_session(customer_id=customer.customer_id, reference=str(payment.public_id))


def refuse_anothers(reference: str, payment: Payment) -> None:
    """Raise GatewayRefused where what the processor holds under ``reference`` is not this payment's."""
    if reference != str(payment.public_id):
        raise GatewayRefused(
            _("What the processor has under payment %(confirmation)s belongs to another one.")
            % {"confirmation": payment.confirmation}
        )


def _call_off(payer: Payer, payment: Payment) -> None:
    with payer.door():
        locked = Payment.objects.select_for_update().get(id=payment.id)
        if locked.status in NOT_YET_WITH_THE_BANK:
            call_off(locked, now=payer.now)


def begin_order(
    payer: Payer, order: Order, *, kind: str, method: PaymentMethod | None, reference: UUID | None = None
) -> Payment:
    """Write down the payment of an order, with the consent to it, and hold it on the invoices.

    Must run in the payer's door.

    Raises NothingToPay, NotPayable, AmountChanged, TermsChanged.
    """
    currency, shares = shares_of(order, company_id=payer.company.id, vendor=payer.vendor)
    consent = _consent_to(order, payer=payer, kind=kind, currency=currency, method=method)
    payment = begin(
        company_id=payer.company.id,
        origin=PaymentOrigin.ONE_TIME,
        kind=kind,
        method=method,
        currency=currency,
        amounts=shares.amounts,
        on_account_minor=shares.on_account_minor,
        today=payer.today,
        now=payer.now,
        reference=reference,
        return_fee_minor=consent.terms.return_fee_minor if consent else 0,
    )
    if consent:
        write_down(payer, consent, payment=payment)
    record(
        actor=payer.actor,
        action="payment_begun",
        subject=f"payment:{payment.public_id}",
        vendor_id=payer.vendor.id,
        company_id=payer.company.id,
        after={"confirmation": payment.confirmation, "amount_minor": payment.amount_minor, "kind": kind},
    )
    return payment


def _consent_to(
    order: Order, *, payer: Payer, kind: str, currency: str, method: PaymentMethod | None
) -> Consent | None:
    """What the payer agreed to, where the payment needs words; PostgreSQL takes no bank debit without."""
    terms = words_of_debit(
        payer,
        kind=kind,
        amount_minor=order.amount_minor,
        currency=currency,
        method_label=method_label(method) if method else "",
    )
    return consent_to(terms, order.agreed) if terms else None


def _description(payment: Payment) -> str:
    return _("Invoices, confirmation %(confirmation)s") % {"confirmation": payment.confirmation}
