"""Sending credit notes: the PDF is made and kept, and mailed to whoever gets the company's bills."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.documents import operations as documents
from comptoir.documents.queries import stored_references
from comptoir.documents.rendering import render
from comptoir.invoicing.credit_queries import credit_note
from comptoir.kit.money import format_money
from comptoir.mailer.operations import File
from comptoir.tenancy.queries import company, vendor

from . import links
from .composing import write_to_company
from .documents import credit_note_reference
from .papers import credit_note_paper


def send_credit_note(public_id: UUID) -> None:
    """Make a credit note's PDF, keep it and mail it, once.

    A note over nothing, by which days alone are given back, is kept and not mailed. Opens a transaction of its own.
    """
    reference = credit_note_reference(public_id)
    if stored_references([reference]):
        return  # kept and mailed in one transaction, so it was mailed, too
    note = credit_note(public_id)
    row, buyer, seller = note.row, company(note.company_id), vendor(note.vendor_id)
    with translation.override(note.language):
        content = render(credit_note_paper(note=note, vendor=seller))
        filename = _("Credit note {number}.pdf").format(number=row.number)

    def written(minor: int) -> str:
        return format_money(amount_minor=minor, currency=row.currency, language=note.language)

    with transaction.atomic():
        paper = documents.store(
            vendor_id=seller.id, company_id=buyer.id, reference=reference, filename=filename, content=content
        )
        if row.total_minor:
            write_to_company(
                name="credit_note",
                key=reference,
                buyer=buyer,
                language=note.language,
                to_others=True,
                facts={
                    "company": buyer.name,
                    "number": row.number,
                    "invoice": row.invoice_number,
                    "amount": written(row.total_minor),
                    "applied": written(row.applied_minor) if row.applied_minor else "",
                    "kept": written(row.total_minor - row.applied_minor) if row.total_minor > row.applied_minor else "",
                    "url": links.invoice_url(
                        company_public_id=buyer.public_id, invoice_public_id=note.invoice_public_id
                    ),
                },
                attachments=[File(filename=paper.filename, content=paper.content)],
            )
