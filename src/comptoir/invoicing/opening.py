"""What was open in the old system, brought here so that it can be paid, dunned and seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.queries import VendorRow, companies_by_ids

from .calculation.invoices import InvoiceDue, LineDue
from .errors import OpeningRefused
from .issuing import Draft, issue
from .models import Invoice, InvoiceKind, SeriesKind
from .numbering import held_series


@dataclass(frozen=True, slots=True)
class OpeningBalance:
    """What a company owes on one invoice of the old system, in minor units, by that invoice's own number."""

    company_id: int
    legacy_number: str
    open_minor: int


def bring_forward(*, vendor: VendorRow, balances: Sequence[OpeningBalance], on: date, actor: Actor) -> list[int]:
    """Issue an opening invoice for each balance, due at once, against the opening-balance contra; return their ids.

    Must run in a transaction. The old number stands on the invoice, and counts once per company. Raises OpeningRefused
    for an amount that is not above zero, or a number that was brought before.
    """
    for balance in balances:
        if balance.open_minor <= 0 or not balance.legacy_number:
            raise OpeningRefused(
                _("Invoice “%(number)s” of the old system: give its number and an open amount above zero.")
                % {"number": balance.legacy_number}
            )
    held_series(vendor=vendor, kind=SeriesKind.OPENING)  # whoever else brings balances waits, and then sees these
    brought = Invoice.objects.filter(
        vendor_id=vendor.id, kind=InvoiceKind.OPENING, company_id__in={balance.company_id for balance in balances}
    )
    known = set(brought.values_list("company_id", "lines__description"))
    for balance in balances:
        if (balance.company_id, balance.legacy_number) in known:
            raise OpeningRefused(
                _("Invoice “%(number)s” of the old system was brought here before.") % {"number": balance.legacy_number}
            )
        known.add((balance.company_id, balance.legacy_number))
    buyers = companies_by_ids([balance.company_id for balance in balances])
    drafts = [Draft(buyers[balance.company_id], _due(balance), 0, kind=InvoiceKind.OPENING) for balance in balances]
    invoice_ids = issue(vendor=vendor, drafts=drafts, issue_date=on) if drafts else []
    record(
        actor=actor,
        action="opening balances brought",
        subject=f"vendor:{vendor.id}",
        vendor_id=vendor.id,
        after={"invoices": len(invoice_ids), "open_minor": sum(balance.open_minor for balance in balances)},
    )
    return invoice_ids


def _due(balance: OpeningBalance) -> InvoiceDue:
    line = LineDue(
        subscription_id=None,
        charge_id=None,
        location_id=None,
        location_label="",
        description=balance.legacy_number,
        days=None,
        full_days=None,
        unit_minor=balance.open_minor,
        discount_minor=0,
        amount_minor=balance.open_minor,
    )
    return InvoiceDue(location_id=None, lines=[line], taxes=())
