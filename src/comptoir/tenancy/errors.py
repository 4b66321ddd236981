"""What tenancy refuses."""

from comptoir.kit.errors import ComptoirError


class VendorNotFound(ComptoirError):
    """No vendor has that short name."""


class VendorExists(ComptoirError):
    """Another vendor has that short name."""


class ClockRefused(ComptoirError):
    """Only a sandbox vendor's clock can be moved, and only forward."""
