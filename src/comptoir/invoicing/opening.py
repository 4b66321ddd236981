"""What was open in the old system, brought here so that it can be paid, dunned and seen."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from comptoir.kit.lookups import Ids
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.queries import VendorRow, companies_by_ids

from .calculation.invoices import InvoiceDue, LineDue
from .errors import OpeningRefused
from .issuing import Draft, issue
from .models import CreditNote, Invoice, InvoiceKind, SeriesKind
from .numbering import held_series


@dataclass(frozen=True, slots=True)
class OpeningBalance:
    """What a company owes on one invoice of the old system, in minor units, by that invoice's own number."""

    company_id: int
    legacy_number: str
    open_minor: int


def bring_forward(*, vendor: VendorRow, balances: Sequence[OpeningBalance], on: date, actor: Actor) -> list[int]:
    """Issue an opening invoice for each balance, due at once, against the opening-balance contra; return their ids.

    Must run in a transaction. The old number stands on the invoice, and counts once per company, unless what was
    brought is credited in full. Raises OpeningRefused for an amount that is not above zero, or a number that was
    brought before.
    """
    for balance in balances:
        if balance.open_minor <= 0 or not balance.legacy_number:
            raise OpeningRefused(
                _("Invoice “%(number)s” of the old system: give its number and an open amount above zero.")
                % {"number": balance.legacy_number}
            )
    held_series(vendor=vendor, kind=SeriesKind.OPENING)  # whoever else brings balances waits, and then sees these
    known = {
        (company_id, number)
        for company_id, numbers in brought({balance.company_id for balance in balances}).items()
        for number in numbers
    }
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


def brought(company_ids: Collection[int]) -> dict[int, list[str]]:
    """Return the numbers of the old system's invoices that are collected here, by company; none credited in full."""
    invoices = Invoice.objects.filter(company_id__any=Ids(company_ids), kind=InvoiceKind.OPENING)
    found: dict[int, list[str]] = {}
    for company_id, number in not_credited_in_full(invoices).values_list("company_id", "lines__description"):
        found.setdefault(company_id, []).append(number)
    return found


def may_go_back(company_id: int) -> bool:
    """Say whether nothing is billed here of a company: only what was brought, and is credited in full again."""
    invoices = Invoice.objects.filter(company_id=company_id)
    return not not_credited_in_full(invoices).exists() and not invoices.exclude(kind=InvoiceKind.OPENING).exists()


def not_credited_in_full(invoices: "QuerySet[Invoice]") -> "QuerySet[Invoice]":
    """Leave out the invoices that credit notes have given back whole."""
    credited = CreditNote.objects.filter(invoice_id=OuterRef("id")).values("invoice_id")
    given_back = Subquery(credited.annotate(minor=Sum("total_minor")).values("minor"))
    return invoices.annotate(given_back=Coalesce(given_back, 0)).filter(given_back__lt=F("total_minor"))


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
