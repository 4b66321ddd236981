"""What invoicing refuses."""

from comptoir.kit.errors import ComptoirError


class InvoiceNotFound(ComptoirError):
    """No invoice that the caller may see has that id."""


class NotPayable(ComptoirError):
    """More would be paid on an invoice than is open and not already on its way."""


class BillRunRefused(ComptoirError):
    """The bill run is not in the state for what was asked."""


class PlanTooOld(BillRunRefused):
    """The bill run was planned so long ago that its invoices would bear a day long past."""


class BillRunNotFound(ComptoirError):
    """No bill run that the caller may see has that id."""


class CreditRefused(ComptoirError):
    """More would be given back or given up than an invoice asked for, or by someone who may not."""


class CannotBill(ComptoirError):
    """What is due to a company cannot be reckoned: a price or a tax rate is missing."""


class OpeningRefused(ComptoirError):
    """A balance of the old system has no number, no amount, or was brought before."""


class CorrectionNotFound(ComptoirError):
    """No correction that the caller may see has that id."""


class CreditNoteNotFound(ComptoirError):
    """No credit note that the caller may see has that id."""
