"""The papers of issued things, to be read again: the same file at every download."""

from collections.abc import Iterable
from uuid import UUID

from comptoir.documents import queries as documents
from comptoir.documents.queries import StoredPdf


def invoice_pdf(invoice_public_id: UUID) -> StoredPdf:
    """Return an invoice's PDF, if the caller may see it.

    Raises DocumentNotReady while the worker has not made it yet.
    """
    return documents.stored_pdf(invoice_reference(invoice_public_id))


def invoice_pdfs(invoice_public_ids: Iterable[UUID]) -> dict[UUID, StoredPdf]:
    """Return those of the invoices' PDFs that are made and the caller may see."""
    named = {invoice_reference(public_id): public_id for public_id in invoice_public_ids}
    return {named[reference]: pdf for reference, pdf in documents.stored_pdfs(named).items()}


def credit_note_pdf(public_id: UUID) -> StoredPdf:
    """Return a credit note's PDF, if the caller may see it.

    Raises DocumentNotReady while the worker has not made it yet.
    """
    return documents.stored_pdf(credit_note_reference(public_id))


def receipt_pdf(payment_public_id: UUID) -> StoredPdf:
    """Return a payment's receipt, if the caller may see it.

    Raises DocumentNotReady while the worker has not made it yet.
    """
    return documents.stored_pdf(receipt_reference(payment_public_id))


def invoice_reference(public_id: UUID) -> str:
    """Return the name under which an invoice's PDF is stored."""
    return f"invoice:{public_id}"


def credit_note_reference(public_id: UUID) -> str:
    """Return the name under which a credit note's PDF is stored."""
    return f"credit-note:{public_id}"


def receipt_reference(payment_public_id: UUID) -> str:
    """Return the name under which a payment's receipt is stored."""
    return f"receipt:{payment_public_id}"


def letter_reference(company_public_id: UUID, *, edition: int = 0) -> str:
    """Return the name under which a company's cutover letter is stored, the first or a later one."""
    return f"cutover-letter:{company_public_id}" + (f":{edition}" if edition else "")


def sample_reference(company_public_id: UUID, *, edition: int = 0) -> str:
    """Return the name under which the sample invoice of a company's letter is stored."""
    return f"sample-invoice:{company_public_id}" + (f":{edition}" if edition else "")


def deadline_reference(move_public_id: UUID) -> str:
    """Return the name under which the paper is stored that tells a moved company that it pays by check."""
    return f"cutover-deadline:{move_public_id}"
