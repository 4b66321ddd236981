"""Papers for the printer: which ones go together, and the files that are made of them."""

from __future__ import annotations

import io
from datetime import date
from uuid import UUID

import pikepdf
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.customers.papers import ways_of
from comptoir.customers.queries import billing_emails
from comptoir.documents import printing
from comptoir.documents.data import CoverDocument
from comptoir.documents.printing import BatchRow, Sheet
from comptoir.documents.queries import stored_pdf
from comptoir.documents.rendering import render
from comptoir.invoicing.queries import invoices_issued
from comptoir.mailer.queries import marked_among
from comptoir.tenancy.queries import companies_by_ids, vendor

from .documents import deadline_reference, invoice_reference, letter_reference, sample_reference
from .papers import brand

# Scaled, the address would leave its window; on both sides, two customers would share a sheet.
AS_IT_STANDS = pikepdf.Dictionary(PrintScaling=pikepdf.Name("/None"), Duplex=pikepdf.Name.Simplex)


def letter_sheet(*, public_id: UUID, number: str, name: str, edition: int | None, deadline_of: UUID | None) -> Sheet:
    """Return what a moved company gets on paper, in one envelope.

    That is an ``edition`` of its letter with the sample invoice, and the word at the deadline about the move
    ``deadline_of``; None is without.
    """
    letter = (
        ()
        if edition is None
        else (
            letter_reference(public_id, edition=edition),
            sample_reference(public_id, edition=edition),
        )
    )
    return Sheet(number, name, (*letter, *((deadline_reference(deadline_of),) if deadline_of else ())))


def invoice_sheets_by_post(*, vendor_id: int, since: date, through: date) -> list[Sheet]:
    """Return the invoices of a period that go by post, by the companies' numbers.

    These are those of companies that want paper, and of those that no mail reaches: without an address, or with one
    that mail came back from.
    """
    issued = invoices_issued(vendor_id=vendor_id, since=since, through=through)
    companies = {company_id for _public_id, company_id in issued}
    addresses, ways = billing_emails(companies), ways_of(companies)
    marked = marked_among(vendor_id=vendor_id, addresses=addresses.values())
    reached = {company_id for company_id, address in addresses.items() if address.lower() not in marked}
    on_paper = [row for row in issued if row[1] not in reached or ways[row[1]] != "email"]
    buyers = companies_by_ids({company_id for _public_id, company_id in on_paper})
    sheets = [
        Sheet(buyers[company_id].number, buyers[company_id].name, (invoice_reference(public_id),))
        for public_id, company_id in on_paper
    ]
    return sorted(sheets, key=lambda sheet: sheet.number)


def make_part(*, batch_id: int, position: int) -> None:
    """Put one part of a batch together, and keep it: its cover list, then the papers as they are.

    A part that is there already stays. The same papers give the same bytes.
    """
    if printing.part_is_there(batch_id=batch_id, position=position):
        return
    batch = printing.batch_row(batch_id)
    envelopes: list[tuple[str, str, int]] = []
    with pikepdf.new() as together:
        for sheet in printing.sheets_of(batch_id=batch_id, position=position):
            pages = 0
            for reference in sheet.references:
                with pikepdf.open(io.BytesIO(stored_pdf(reference).content)) as paper:
                    together.pages.extend(paper.pages)
                    pages += len(paper.pages)
            envelopes.append((sheet.number, sheet.name, pages))
        content, filename = _with_cover(together, batch=batch, position=position, envelopes=envelopes)
    with transaction.atomic():
        printing.keep_part(batch_id=batch_id, position=position, filename=filename, content=content)


def _with_cover(
    together: pikepdf.Pdf, *, batch: BatchRow, position: int, envelopes: list[tuple[str, str, int]]
) -> tuple[bytes, str]:
    seller = vendor(batch.vendor_id)
    with translation.override(seller.language):
        title = batch.title
        if batch.parts > 1:
            title = _("{title}, part {part} of {parts}").format(title=title, part=position, parts=batch.parts)
    cover = CoverDocument(
        brand=brand(seller),
        written_on=batch.requested_on,
        title=title,
        envelopes=tuple(envelopes),
        language=seller.language,
    )
    with pikepdf.open(io.BytesIO(render(cover))) as lists:
        for number, page in enumerate(lists.pages):
            together.pages.insert(number, page)
        together.Root.ViewerPreferences = AS_IT_STANDS
        made = io.BytesIO()
        together.save(made, deterministic_id=True)
    return made.getvalue(), f"{title}.pdf"
