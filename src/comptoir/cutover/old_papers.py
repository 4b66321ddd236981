"""Taking over the PDFs of the old system's invoices: a zip of files that are called by the invoice's number."""

import io
from collections.abc import Iterator
from pathlib import PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from comptoir.documents.operations import store
from comptoir.documents.queries import StoredPdf, find_pdf, stored_references

from .comparison.models import LegacyInvoice
from .errors import ImportRefused
from .legacy.records import Finding
from .old_invoices import TakenInvoices

LARGEST_PAPER = 20 * 1024 * 1024


def take_papers(*, vendor_id: int, content: bytes) -> TakenInvoices:
    """Keep the PDFs of a zip with the old invoices that they are called by, in the caller's transaction.

    What was kept first stays. A file that is no PDF, or whose number no invoice has, or several have, is refused.
    Raises ImportRefused where the file is no zip.
    """
    taken = TakenInvoices()
    for position, entry, archive in _papers(content):
        invoice = _invoice(entry, vendor_id=vendor_id)
        paper = b"" if entry.file_size > LARGEST_PAPER else archive.read(entry)
        if isinstance(invoice, str) or not paper.startswith(b"%PDF-"):
            reason = invoice if isinstance(invoice, str) else _("This is not a PDF of 20 MB at most.")
            taken.refused += 1
            taken.findings.append(_refusal(position, entry, reason=reason))
            continue
        reference = _reference(invoice.id)
        is_kept = bool(stored_references([reference]))
        taken.unchanged, taken.created = taken.unchanged + is_kept, taken.created + (not is_kept)
        store(
            vendor_id=vendor_id,
            company_id=invoice.company_id,
            reference=reference,
            filename=f"{PurePosixPath(entry.filename).stem}.pdf",
            content=paper,
        )
    return taken


def old_paper(*, company_id: int, invoice_id: int) -> StoredPdf | None:
    """Return the PDF of an old invoice of a company, or None where there is none."""
    if not LegacyInvoice.objects.filter(company_id=company_id, id=invoice_id).exists():
        return None
    return find_pdf(_reference(invoice_id))


def papers_kept(invoice_ids: list[int]) -> set[int]:
    """Return for which old invoices a PDF is kept."""
    known = {_reference(invoice_id): invoice_id for invoice_id in invoice_ids}
    return {known[reference] for reference in stored_references(known)}


def _papers(content: bytes) -> Iterator[tuple[int, ZipInfo, ZipFile]]:
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            files = [entry for entry in archive.infolist() if not entry.is_dir()]
            for position, entry in enumerate(files, 1):
                yield position, entry, archive
    except BadZipFile as error:
        raise ImportRefused(_("This is not a zip file; put the PDFs into one, each called by its number.")) from error


def _invoice(entry: ZipInfo, *, vendor_id: int) -> LegacyInvoice | str:
    """Find the invoice that a file is called by, or say why there is none."""
    number = PurePosixPath(entry.filename).stem
    found = list(LegacyInvoice.objects.filter(company__vendor_id=vendor_id, number=number)[:2])
    if not found:
        return _("No old invoice has this number; import the invoices first.")
    return found[0] if len(found) == 1 else _("Several customers have an old invoice of this number.")


def _reference(invoice_id: int) -> str:
    return f"old_invoice:{invoice_id}"


def _refusal(position: int, entry: ZipInfo, *, reason: str) -> Finding:
    return Finding(
        severity="refusal",
        line=position,
        number="",
        column=_("File"),
        value=entry.filename,
        reason=reason,
        done=_("Nothing of it was taken."),
    )
