"""Taking over the invoices that the old system made: by number, the same again changes nothing."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from comptoir.kit.lookups import Ids, Texts
from comptoir.tenancy.models import Company

from .comparison.models import LegacyInvoice as InvoiceRow
from .legacy.records import Finding, InvoiceExport, LegacyInvoice, LegacyInvoiceLine

UPDATED = ("issued_on", "lines", "net_minor", "tax_minor", "total_minor", "open_minor", "content_hash", "imported_by")


@dataclass(slots=True)
class TakenInvoices:
    """What came of a file of old invoices, or of their PDFs: of ``kept`` invoices, the PDF is new."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    findings: list[Finding] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)


def take_invoices(*, vendor_id: int, export: InvoiceExport, import_id: int) -> TakenInvoices:
    """Write an export's invoices, in the caller's transaction; one of a customer that is not here is refused."""
    numbers = {invoice.company_number for invoice in export.invoices}
    named = Company.objects.filter(vendor_id=vendor_id, number__any=Texts(numbers))
    companies = dict(named.values_list("number", "id"))
    known = InvoiceRow.objects.filter(company_id__any=Ids(companies.values()))
    hashes = {
        (company_id, number): content_hash
        for company_id, number, content_hash in known.values_list("company_id", "number", "content_hash")
    }
    taken = TakenInvoices()
    rows: list[InvoiceRow] = []
    for invoice in export.invoices:
        company_id = companies.get(invoice.company_number)
        if company_id is None:
            taken.refused += 1
            taken.findings.append(_nobodys(invoice))
            continue
        present, wanted = hashes.get((company_id, invoice.number)), invoice.content_hash
        if present == wanted:
            taken.unchanged += 1
            continue
        taken.created, taken.updated = taken.created + (present is None), taken.updated + (present is not None)
        rows.append(_row(invoice, company_id=company_id, content_hash=wanted, import_id=import_id))
    InvoiceRow.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["company", "number"], update_fields=UPDATED, batch_size=2000
    )
    return taken


def _row(invoice: LegacyInvoice, *, company_id: int, content_hash: str, import_id: int) -> InvoiceRow:
    tax_minor = sum(line.tax_minor for line in invoice.lines)
    return InvoiceRow(
        company_id=company_id,
        number=invoice.number,
        issued_on=invoice.issued_on,
        lines=[_line(line) for line in invoice.lines],
        net_minor=invoice.total_minor - tax_minor,
        tax_minor=tax_minor,
        total_minor=invoice.total_minor,
        open_minor=invoice.open_minor,
        content_hash=content_hash,
        imported_by_id=import_id,
    )


def _line(line: LegacyInvoiceLine) -> dict[str, object]:
    return {
        "store": line.store_number or "",
        "plan": line.plan_code,
        "description": line.description,
        "starts_on": line.starts_on.isoformat(),
        "ends_on": line.ends_on.isoformat(),
        "amount_minor": line.amount_minor,
        "tax_minor": line.tax_minor,
    }


def _nobodys(invoice: LegacyInvoice) -> Finding:
    return Finding(
        severity="refusal",
        line=invoice.line,
        number=invoice.company_number,
        column="customer_number",
        value=invoice.company_number,
        reason=_("There is no customer of this number here; import the customers first."),
        done=_("This invoice is left out."),
    )
