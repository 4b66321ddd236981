"""Whether a payment that was written down may still be made: asked at the last moment before the processor is."""

from .beginning import amounts_of
from .models import Authorisation, Payment, PaymentOrigin
from .planning import called_off, disputed_methods, given_back


def why_not_debited(payment: Payment) -> str:
    """Return why a payment is not to be made any more, or not now, as one of ``return_codes.CALLED_OFF``; or nothing.

    Autopay can be turned off, and called off for one invoice, until the processor is asked.
    """
    return why_unwanted(payment) or ("disputed" if has_to_wait(payment) else "")


def why_unwanted(payment: Payment) -> str:
    """Return why a payment is not to be made any more: its method or its consent is gone, or a person said so."""
    method = payment.method
    if method is None or method.removed_at:
        return "method_removed"
    if method.unusable_reason:
        return "method_refused"
    if payment.origin != PaymentOrigin.AUTOPAY:
        return ""
    if not Authorisation.objects.filter(method_id=method.id, active_since__isnull=False, ended_at=None).exists():
        return "autopay_off"
    return "called_off" if is_called_off(payment) else ""


def is_called_off(payment: Payment) -> bool:
    """Return whether a person wants it no more: called off one of its invoices, or gave back what had paid one."""
    invoice_ids = list(amounts_of(payment))
    return bool(called_off(invoice_ids) or given_back(invoice_ids))


def has_to_wait(payment: Payment) -> bool:
    """Return whether automatic payment waits: a payment from the same method is disputed, and not decided yet."""
    return payment.origin == PaymentOrigin.AUTOPAY and bool(disputed_methods([payment.method_id]))
