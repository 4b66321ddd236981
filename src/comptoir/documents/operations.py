"""Keeping PDFs for ever; only what was handed over by mistake goes again."""

import hashlib
from collections.abc import Collection

from comptoir.kit.lookups import Texts

from .models import StoredDocument
from .queries import StoredPdf, pdf_of


def store(*, vendor_id: int, company_id: int, reference: str, filename: str, content: bytes) -> StoredPdf:
    """This function will keep the PDF of an issued document, and return what is kept under the reference.

    ``reference`` names what it shows, e.g. "invoice:<public id>". What was stored first stays: a second call
    with the same reference changes nothing, and returns the first.
    """
    found, _is_new = StoredDocument.objects.get_or_create(
        reference=reference,
        defaults={
            "vendor_id": vendor_id,
            "company_id": company_id,
            "filename": filename,
            "sha256": hashlib.sha256(content).hexdigest(),
            "content": content,
        },
    )
    return pdf_of(found)


def take_papers_away(references: Collection[str]) -> int:
    """Delete the PDFs kept under these references, and return how many went.

    PostgreSQL lets go only of what an import brought that is being undone.
    """
    gone, _by_table = StoredDocument.objects.filter(reference__any=Texts(references)).delete()
    return gone
