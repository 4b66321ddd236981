"""One invoice: what it is made of, what is open on it, and its papers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from comptoir.documents.errors import DocumentNotReady
from comptoir.documents.serving import pdf_download
from comptoir.invoicing import credit_queries, queries
from comptoir.invoicing.errors import CreditNoteNotFound, InvoiceNotFound
from comptoir.invoicing.explaining import explanations
from comptoir.invoicing.queries import InvoiceRow, LineRow
from comptoir.notices.documents import credit_note_pdf, invoice_pdf
from comptoir.notices.errors import NothingToPay
from comptoir.notices.slips import slip_pdf
from comptoir.payments.queries import (
    PaymentRow,
    held,
    payments_of_invoice,
    ways_to_pay,
)
from comptoir.payments.upcoming import outlook, upcoming_of
from comptoir.tenancy import doors

from .shell import CompanyRequest, company_page, page
from .standing import Owed, owed, shown_status


@dataclass(frozen=True, slots=True)
class BilledLine:
    """What a line bills, from its first day to its last, in minor units; and why it comes to that, in sentences."""

    description: str
    first_day: date | None
    last_day: date | None
    amount_minor: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoreLines:
    """What an invoice bills for one store; ``label`` is empty for the company as a whole. Minor units."""

    label: str
    lines: tuple[BilledLine, ...]

    @property
    def amount_minor(self) -> int:
        """What the store's lines add up to."""
        return sum(line.amount_minor for line in self.lines)


@dataclass(frozen=True, slots=True)
class Part:
    """What a payment is meant to pay of one invoice, in minor units."""

    payment: PaymentRow
    amount_minor: int


@require_safe
@company_page
def detail(request: CompanyRequest, invoice: UUID) -> HttpResponse:
    """Show one invoice: what it bills, store by store, what is open on it, and the payments meant for it."""
    visit, company_id = request.visit, request.visit.company.id
    ways, on_hold = ways_to_pay(company_id=company_id), held(company_id=company_id)
    all_open = queries.open_invoices(company_id=company_id)
    with doors.portal(ways, on_hold, all_open, user_id=visit.user_id, company_id=company_id):
        try:
            found = queries.invoice(invoice)
        except InvoiceNotFound as error:
            raise Http404 from error
        paid_by = payments_of_invoice(found.row.id)
        expected = upcoming_of(all_open.read(), today=visit.today)
        why = explanations(invoice=invoice, currency=found.row.currency)
    lessened = {found.row.id} if found.is_lessened else set()
    paying, plan, _cards = ways.read()
    own: Owed | None = owed([found.row], today=visit.today, held=on_hold.read())
    return page(
        request,
        "portal/invoice.html",
        {
            "invoice": found.row,
            "bill_to": found.bill_to,
            "status": shown_status(found.row, today=visit.today, held=on_hold.read(), lessened=lessened),
            "stores": by_store(found.lines, why=why),
            "taxes": found.taxes,
            "net_minor": sum(line.amount_minor for line in found.lines),
            "adjustments": [applied for applied in found.allocations if applied.source != "payment"],
            "parts": parts(paid_by, of=found.row),
            "owed": own,
            "plan": plan,
            "outlook": outlook([row for row in expected if row.invoice.id == found.row.id]),
            "pays_by": paying,
        },
    )


@require_safe
@company_page
def pdf(request: CompanyRequest, invoice: UUID) -> HttpResponse:
    """Hand the invoice's PDF over, or say that it is being made."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        try:
            found = queries.invoice(invoice)
            document = invoice_pdf(found.row.public_id)
        except InvoiceNotFound as error:
            raise Http404 from error
        except DocumentNotReady as not_ready:
            messages.info(request, str(not_ready))
            return redirect("portal:invoice", company=visit.company.public_id, invoice=invoice)
    return pdf_download(document)


@require_safe
@company_page
def credit_note(request: CompanyRequest, note: UUID) -> HttpResponse:
    """Hand a credit note's PDF over, or say that it is being made."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        try:
            found = credit_queries.credit_note(note)
            document = credit_note_pdf(note)
        except CreditNoteNotFound as error:
            raise Http404 from error
        except DocumentNotReady as not_ready:
            messages.info(request, str(not_ready))
            return redirect("portal:invoice", company=visit.company.public_id, invoice=found.invoice_public_id)
    return pdf_download(document)


@require_safe
@company_page
def slip(request: CompanyRequest, invoice: UUID) -> HttpResponse:
    """Hand over the slip to send along with a check for what is still open, or say that nothing is."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        try:
            document = slip_pdf(invoice, vendor=visit.vendor, today=visit.today)
        except InvoiceNotFound as error:
            raise Http404 from error
        except NothingToPay as paid:
            messages.info(request, str(paid))
            return redirect("portal:invoice", company=visit.company.public_id, invoice=invoice)
    return pdf_download(document)


def by_store(lines: Iterable[LineRow], *, why: Mapping[int, tuple[str, ...]]) -> list[StoreLines]:
    """Return the lines store by store, in the order in which the invoice has them; ``why`` by position."""
    return [
        StoreLines(label=label, lines=tuple(_billed(line, why=why.get(line.position, ())) for line in own))
        for label, own in groupby(lines, key=lambda line: line.location_label)
    ]


def parts(payments: Iterable[PaymentRow], *, of: InvoiceRow) -> list[Part]:
    """Return how much of each payment is meant for one invoice."""
    return [
        Part(payment=payment, amount_minor=amount)
        for payment in payments
        for invoice_id, amount in payment.items
        if invoice_id == of.id
    ]


def _billed(line: LineRow, *, why: tuple[str, ...]) -> BilledLine:
    return BilledLine(
        description=line.description,
        first_day=line.starts_on,
        last_day=line.ends_on - timedelta(days=1) if line.ends_on else None,
        amount_minor=line.amount_minor,
        why=why,
    )
