"""The remittance slip of an invoice by itself, for a check that pays what is still open of it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.documents.data import RemittanceDocument
from comptoir.documents.operations import on_demand
from comptoir.documents.queries import StoredPdf
from comptoir.invoicing.queries import invoice
from comptoir.tenancy.queries import VendorRow, company

from .errors import NothingToPay
from .invoices import check_slip
from .papers import brand, party


def slip_pdf(invoice_public_id: UUID, *, vendor: VendorRow, today: date) -> StoredPdf:
    """Return an invoice's slip over what can still be paid of it, if the caller may see it.

    It is of the day on which it is asked for, since what is open changes. Raises InvoiceNotFound, and NothingToPay
    where nothing is open that is not on its way.
    """
    detail = invoice(invoice_public_id)
    row, buyer = detail.row, company(detail.row.company_id)
    if not row.payable_minor:
        raise NothingToPay(_("Nothing is left to pay on this invoice, so there is no slip to send."))
    document = RemittanceDocument(
        brand=brand(vendor),
        bill_to=party(buyer),
        invoice_number=row.number,
        written_on=today,
        due_on=row.due_date,
        amount_minor=row.payable_minor,
        currency=row.currency,
        language=detail.language,
        slip=check_slip(invoice=row, amount_minor=row.payable_minor, buyer=buyer, vendor=vendor),
    )
    with translation.override(detail.language):
        filename = _("Slip {number}.pdf").format(number=row.number)
    return on_demand("slip", document, company=buyer, filename=filename)
