"""What payments refuses."""

from comptoir.kit.errors import ComptoirError

from .gateways import GatewayNotReady


class PaymentNotFound(ComptoirError):
    """No payment that the caller may see has that id."""


class MethodNotFound(ComptoirError):
    """No saved payment method that the caller may see has that id."""


class MethodUnusable(ComptoirError):
    """The bank refuses the saved method for good."""


class SetupNotFound(ComptoirError):
    """No visit to the processor's page that the caller may see has that id."""


class TermsChanged(ComptoirError):
    """The words that were agreed to are not those that hold now."""


class NothingToPay(ComptoirError):
    """No invoice was chosen, or those chosen are of several currencies."""


class AmountChanged(ComptoirError):
    """What is open is no longer what the payer was shown."""


class StillUnderWay(ComptoirError):
    """Another payment for the same invoices was begun, and what became of it is not clear yet."""


class GatewayAccountMissing(GatewayNotReady):
    """The vendor has no account at the processor yet."""


class ConsentMissing(ComptoirError):
    """The team would take a payment without a whole record of the customer's consent."""


class AuthorisationNotFound(ComptoirError):
    """No consent that the caller may see has that id."""


class PolicyRefused(ComptoirError):
    """A vendor's policy breaks a rule of the networks, or does not add up."""


class DifferenceNotOpen(ComptoirError):
    """The difference is gone or settled, or nothing was said that settles it."""


class PayoutNotFound(ComptoirError):
    """The vendor has no such payout."""


class DayNotReconciled(ComptoirError):
    """The books were not compared through that day."""


class TooLateToCallOff(ComptoirError):
    """The processor was asked to debit already."""


class RefundRefused(ComptoirError):
    """More would go back than is there, on a way that it cannot go, or by someone who may not."""


class RefundNotFound(ComptoirError):
    """No refund that the caller may see has that id."""


class DisputeNotFound(ComptoirError):
    """No dispute that the caller may see has that id."""


class DisputeClosed(ComptoirError):
    """The dispute takes no answer: it was answered, decided, or its time is over."""


class DisputeRefused(ComptoirError):
    """Nothing waits for a second person's word on the dispute, or it is not this person's to give."""
