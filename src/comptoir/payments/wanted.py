"""Whether a payment that was written down may still be made: asked at the last moment before the processor is."""

from .beginning import amounts_of
from .models import Authorisation, Payment, PaymentOrigin
from .planning import called_off, disputed_methods, given_back


def may_be_debited(payment: Payment) -> bool:
    """Return whether a payment is wanted and, for autopay, nothing makes it wait."""
    return is_wanted(payment) and not has_to_wait(payment)


def is_wanted(payment: Payment) -> bool:
    """Return whether a payment's method is there and usable and, for autopay, whether it is still meant to be made.

    Autopay can be turned off, and called off for one invoice, until the processor is asked.
    """
    method = payment.method
    if method is None or method.removed_at or method.unusable_reason:
        return False
    if payment.origin != PaymentOrigin.AUTOPAY:
        return True
    if not Authorisation.objects.filter(method_id=method.id, active_since__isnull=False, ended_at=None).exists():
        return False
    return not is_called_off(payment)


def is_called_off(payment: Payment) -> bool:
    """Return whether a person wants it no more: called off one of its invoices, or gave back what had paid one."""
    invoice_ids = list(amounts_of(payment))
    return bool(called_off(invoice_ids) or given_back(invoice_ids))


def has_to_wait(payment: Payment) -> bool:
    """Return whether automatic payment waits: a payment from the same method is disputed, and not decided yet."""
    return payment.origin == PaymentOrigin.AUTOPAY and bool(disputed_methods([payment.method_id]))
