"""Taking over the PDFs of the old system's invoices: a zip of files that are called by the invoice's number."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from comptoir.documents.operations import store
from comptoir.documents.queries import StoredPdf, find_pdf, stored_references
from comptoir.kit.lookups import Texts

from .comparison.models import LegacyInvoice
from .errors import ImportRefused
from .legacy.archive import UNREADABLE, open_archive
from .legacy.records import Finding, Severity
from .old_invoices import TakenInvoices

LARGEST_PAPER = 20 * 1024 * 1024


def take_papers(*, vendor_id: int, content: bytes) -> TakenInvoices:
    """Keep the PDFs of a zip with the old invoices that they are called by, in the caller's transaction.

    What was kept first stays. A file that is no PDF, or whose number no invoice has, or several have, is refused.
    Raises ImportRefused where the file is no zip, ExportUnreadable where it unpacks to more than 1 GB.
    """
    try:
        archive = open_archive(content)
    except BadZipFile as error:
        raise ImportRefused(_("This is not a zip file; put the PDFs into one, each called by its number.")) from error
    taken = TakenInvoices()
    with archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        invoices = _invoices(map(_number, entries), vendor_id=vendor_id)
        kept = papers_kept([row.id for rows in invoices.values() for row in rows])
        for position, entry in enumerate(entries, 1):
            found = invoices.get(_number(entry), [])
            paper = _paper(entry, archive=archive) if len(found) == 1 else b""
            if reason := _in_the_way(found, paper):
                taken.refused += 1
                taken.findings.append(_finding("refusal", position, entry, reason, _("This file is left out.")))
                continue
            (invoice,) = found
            is_kept = invoice.id in kept
            taken.unchanged, taken.created = taken.unchanged + is_kept, taken.created + (not is_kept)
            taken.kept += [] if is_kept else [invoice.id]
            kept.add(invoice.id)
            stays = store(
                vendor_id=vendor_id,
                company_id=invoice.company_id,
                reference=reference_of(invoice.id),
                filename=f"{invoice.number}.pdf",
                content=paper,
            )
            if stays.sha256 != hashlib.sha256(paper).hexdigest():
                reason = _("Another PDF of this invoice is kept already.")
                taken.findings.append(_finding("warning", position, entry, reason, _("The one kept first stays.")))
    return taken


def old_paper(*, company_id: int, invoice_id: int) -> StoredPdf | None:
    """Return the PDF of an old invoice of a company, or None where there is none."""
    if not LegacyInvoice.objects.filter(company_id=company_id, id=invoice_id).exists():
        return None
    return find_pdf(reference_of(invoice_id))


def papers_kept(invoice_ids: Sequence[int]) -> set[int]:
    """Return for which old invoices a PDF is kept."""
    known = {reference_of(invoice_id): invoice_id for invoice_id in invoice_ids}
    return {known[reference] for reference in stored_references(known)}


def _number(entry: ZipInfo) -> str:
    return PurePosixPath(entry.filename).stem


def _invoices(numbers: Iterable[str], *, vendor_id: int) -> dict[str, list[LegacyInvoice]]:
    """Find the invoices that have these numbers, of all of a vendor's companies."""
    found: dict[str, list[LegacyInvoice]] = {}
    rows = LegacyInvoice.objects.filter(company__vendor_id=vendor_id, number__any=Texts(set(numbers)))
    for row in rows.only("id", "number", "company_id"):
        found.setdefault(row.number, []).append(row)
    return found


def _paper(entry: ZipInfo, *, archive: ZipFile) -> bytes:
    """Unpack a file, or return nothing where it is too large, locked or broken."""
    if entry.file_size > LARGEST_PAPER:
        return b""
    try:
        return archive.read(entry)
    except UNREADABLE:
        return b""


def _in_the_way(found: Sequence[LegacyInvoice], paper: bytes) -> str:
    """Say why a file cannot be kept; nothing where it can."""
    if not found:
        return _("No old invoice has this number; import the invoices first.")
    if len(found) > 1:
        return _("Several customers have an old invoice of this number.")
    if not paper.startswith(b"%PDF-"):
        return _("This is not a PDF of 20 MB at most that can be read without a password.")
    return ""


def reference_of(invoice_id: int) -> str:
    return f"old_invoice:{invoice_id}"


def _finding(severity: Severity, position: int, entry: ZipInfo, reason: str, done: str) -> Finding:
    return Finding(
        severity=severity,
        line=position,
        number="",
        column=_("File"),
        value=entry.filename,
        reason=reason,
        done=done,
    )
