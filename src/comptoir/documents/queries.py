"""What others may know of stored documents."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .errors import DocumentNotReady
from .models import StoredDocument


@dataclass(frozen=True, slots=True)
class StoredPdf:
    """A PDF as it was made; ``sha256`` is of its content, in hexadecimal."""

    filename: str
    content: bytes
    sha256: str


def stored_pdf(reference: str) -> StoredPdf:
    """Return the PDF stored under a reference. Raises DocumentNotReady."""
    found = find_pdf(reference)
    if found is None:
        raise DocumentNotReady(_("This PDF is being made. Please try again in a minute."))
    return found


def find_pdf(reference: str) -> StoredPdf | None:
    """Return the PDF stored under a reference, or None."""
    found = StoredDocument.objects.filter(reference=reference).first()
    return pdf_of(found) if found else None


def stored_pdfs(references: Iterable[str]) -> dict[str, StoredPdf]:
    """Return those of the PDFs that are stored and the caller may see, by reference."""
    found = StoredDocument.objects.filter(reference__in=list(references))
    return {row.reference: pdf_of(row) for row in found}


def stored_references(references: Iterable[str]) -> set[str]:
    """Return those of the references under which a PDF is stored that the caller may see."""
    return set(StoredDocument.objects.filter(reference__in=list(references)).values_list("reference", flat=True))


def pdf_of(found: StoredDocument) -> StoredPdf:
    """Return a stored document as plain data."""
    return StoredPdf(filename=found.filename, content=bytes(found.content), sha256=found.sha256)
