"""What payments refuses."""

from comptoir.kit.errors import ComptoirError


class PaymentNotFound(ComptoirError):
    """No payment that the caller may see has that id."""


class MethodNotFound(ComptoirError):
    """No saved payment method that the caller may see has that id."""


class SetupNotFound(ComptoirError):
    """No visit to the processor's page that the caller may see has that id."""


class PaymentRefused(ComptoirError):
    """What is asked to be paid cannot be paid this way."""


class GatewayAccountMissing(ComptoirError):
    """The vendor has no account at the processor yet."""
