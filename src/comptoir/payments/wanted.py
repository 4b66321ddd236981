"""Whether a payment that was written down may still be made: asked at the last moment before the processor is."""

from .beginning import amounts_of
from .models import Authorisation, Payment, PaymentOrigin
from .planning import called_off, disputed_methods


def may_be_debited(payment: Payment) -> bool:
    """Return whether a payment's method is there and usable and, for autopay, whether its customer still wants it.

    Autopay can be turned off, and called off for one invoice, until the processor is asked; it waits while a payment
    from the method is disputed.
    """
    method = payment.method
    if method is None or method.removed_at or method.unusable_reason:
        return False
    if payment.origin != PaymentOrigin.AUTOPAY:
        return True
    if not Authorisation.objects.filter(method_id=method.id, active_since__isnull=False, ended_at=None).exists():
        return False
    return not called_off(amounts_of(payment)) and not disputed_methods([method.id])
