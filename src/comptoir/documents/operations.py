"""Keeping PDFs for ever; only what was handed over by mistake goes again."""

import hashlib
from collections.abc import Collection
from dataclasses import replace
from typing import Literal

from comptoir.kit.lookups import Texts
from comptoir.tenancy.queries import CompanyRow

from .data import LetterDocument, RemittanceDocument, StatementDocument
from .models import StoredDocument
from .queries import StoredPdf, find_pdf, pdf_of
from .rendering import render


def store(*, vendor_id: int, company_id: int, reference: str, filename: str, content: bytes) -> StoredPdf:
    """Keep the PDF of an issued document, and return what is kept under the reference.

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


def on_demand(
    kind: Literal["statement", "slip", "authorisation"],
    document: StatementDocument | RemittanceDocument | LetterDocument,
    *,
    company: CompanyRow,
    filename: str,
) -> StoredPdf:
    """Return the PDF of how something stands, made and kept when it is first asked for.

    As long as it says the same, it is the same file, whatever the vendor looks like by then. In the door of the
    company or of its vendor's team, each of which may keep nothing but these kinds.
    """
    said = replace(document, brand=replace(document.brand, colour="#000000", logo=None))
    reference = f"{kind}:{company.public_id}:{hashlib.sha256(repr(said).encode()).hexdigest()}"
    return find_pdf(reference) or store(
        vendor_id=company.vendor_id,
        company_id=company.id,
        reference=reference,
        filename=filename,
        content=render(document),
    )


def take_papers_away(references: Collection[str]) -> int:
    """Delete the PDFs kept under these references, and return how many went.

    PostgreSQL lets go only of what an import brought that is being undone.
    """
    gone, _by_table = StoredDocument.objects.filter(reference__any=Texts(references)).delete()
    return gone
