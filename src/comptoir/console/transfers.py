"""Changes of owner: what waits for the team, both sides of one, what it will bill, and what the team does about it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from comptoir.customers.queries import contacts
from comptoir.inbox.forms import FormWithFiles
from comptoir.inbox.serving import as_download
from comptoir.invoicing.errors import CannotBill
from comptoir.tenancy.queries import CompanyRow, companies_by_ids, companies_named, company_by_number, trail_of
from comptoir.transfers import queries
from comptoir.transfers.documents import document_content, documents_of, note_of
from comptoir.transfers.errors import TransferNotFound, TransferRefused
from comptoir.transfers.foreseeing import Foreseen, foresee
from comptoir.transfers.forms import STATUS_TONES, STATUS_WORDS

from .companies import asked_company
from .shell import WRITERS, StaffRequest, StaffVisit, door, page, page_number, staff_page
from .transfer_forms import ACTS, PLACED, PlaceForm, StartForm, TeamForm

FORESEEN_WHILE = ("started", "accepted", "approved")


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List the changes of owner of one status, or all that are open."""
    visit = request.visit
    status = request.GET.get("status", "")
    with _door(visit):
        listed = queries.of_vendor(visit.vendor.id, status=status, page=page_number(request))
    context = {
        "listed": listed,
        "rows": [{"row": row, **_worded(row)} for row in listed.rows],
        "status": status if status in STATUS_WORDS else "",
        "choices": STATUS_WORDS.items(),
    }
    return page(request, "console/transfers/index.html", context)


@require_safe
@staff_page()
def detail(request: StaffRequest, transfer: UUID) -> HttpResponse:
    """Show both sides, the stores, the papers, and what it will bill."""
    visit = request.visit
    with _door(visit):
        row = queries.transfer(transfer)
        sides = companies_by_ids([side for side in (row.seller_id, row.buyer_id) if side])
        foreseen, problem = _foreseen(row, visit)
        context = {
            "row": row,
            **_worded(row),
            "seller": _side(sides.get(row.seller_id or 0)),
            "buyer": _side(sides.get(row.buyer_id or 0)),
            "new_company": queries.new_company(row.id),
            "stores": queries.stores_of(row.id),
            "papers": documents_of(row.id),
            "note": note_of(row.id),
            "foreseen": foreseen,
            "problem": problem,
            "trail": trail_of(subject=f"transfer:{row.public_id}"),
            "acts": [(what, act.button) for what, act in ACTS.items() if act.is_for(row)],
            "candidates": _candidates(visit, row, asked=request.GET.get("seller", "")),
        }
    return page(request, "console/transfers/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def act(request: StaffRequest, transfer: UUID, what: str) -> HttpResponse:
    """Approve, decline, withdraw, invite again, or add papers."""
    visit = request.visit
    if what not in ACTS:
        raise Http404
    with _door(visit):
        row = queries.transfer(transfer)
        if not ACTS[what].is_for(row):
            return redirect("console:transfer", vendor=visit.vendor.slug, transfer=transfer)
        form = ACTS[what](request.POST or None, request.FILES or None, visit=visit, row=row)
    return _asked(request, form, to=lambda _made: transfer, row=row)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def place(request: StaffRequest, transfer: UUID, company: UUID) -> HttpResponse:
    """Name the seller of what a buyer asked for: the company of the address; and which of its stores."""
    visit = request.visit
    with _door(visit):
        row = queries.transfer(transfer)
        if row.status != PLACED:
            return redirect("console:transfer", vendor=visit.vendor.slug, transfer=transfer)
        form = PlaceForm(request.POST or None, visit=visit, row=row, seller=asked_company(visit, company))
    return _asked(request, form, to=lambda _made: transfer, row=row)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def new(request: StaffRequest, company: UUID) -> HttpResponse:
    """Start one for both sides; the company of the address sells."""
    visit = request.visit
    with _door(visit):
        seller = asked_company(visit, company)
        form = StartForm(request.POST or None, request.FILES or None, visit=visit, seller=seller)
    return _asked(request, form, to=lambda made: made, seller=seller)


@require_safe
@staff_page()
def paper(request: StaffRequest, transfer: UUID, paper: UUID) -> HttpResponse:
    """Hand a paper over, to be kept; never to be shown."""
    with _door(request.visit):
        found = document_content(transfer_public_id=transfer, public_id=paper)
    return as_download(found)


def _asked(request: StaffRequest, form: TeamForm, *, to: Callable[[Any], UUID], **context: Any) -> HttpResponse:
    """Show a form, or do what it asks and go on; a refusal is said beside its field, and nothing typed is lost."""
    visit = request.visit
    with_files = form if isinstance(form, FormWithFiles) else None
    with _door(visit):
        is_good = with_files.is_good(visit.keeper, now=visit.now) if with_files else form.is_valid()
    if is_good:
        try:
            with _door(visit):
                made = form.act()
                if with_files:
                    with_files.let_files_go(visit.keeper)
        except TransferRefused as error:
            form.refuse(error)
            if with_files:
                with _door(visit):
                    with_files.keep_files(visit.keeper, now=visit.now)
        else:
            messages.success(request, str(form.done))
            return redirect("console:transfer", vendor=visit.vendor.slug, transfer=to(made))
    return page(request, "console/transfers/act.html", {"form": form, **context})


def _foreseen(row: queries.TransferRow, visit: StaffVisit) -> tuple[Foreseen | None, str]:
    if row.status not in FORESEEN_WHILE:
        return None, ""
    try:
        return foresee(row, today=visit.today), ""
    except CannotBill as error:
        return None, str(error)


def _candidates(visit: StaffVisit, row: queries.TransferRow, *, asked: str) -> list[CompanyRow]:
    """Return the companies that may be the seller of what a buyer asked for: by name, or by customer number."""
    if row.status != PLACED:
        return []
    word = asked.strip() or row.seller_name
    by_number = company_by_number(vendor_id=visit.vendor.id, number=word)
    named = companies_named(vendor_id=visit.vendor.id, word=word)
    found = [by_number, *(each for each in named if each != by_number)] if by_number else named
    return [each for each in found if each.id != row.buyer_id]


def _side(company: CompanyRow | None) -> dict[str, Any] | None:
    return {"row": company, "contacts": contacts(company.id)} if company else None


def _worded(row: queries.TransferRow) -> dict[str, Any]:
    return {"word": STATUS_WORDS[row.status], "tone": STATUS_TONES[row.status]}


@contextmanager
def _door(visit: StaffVisit) -> Iterator[None]:
    """Open the vendor's door. Raises Http404 where it shows no such change of owner or paper."""
    try:
        with door(visit):
            yield
    except TransferNotFound as error:
        raise Http404(gettext("There is no such change of owner; the list shows those there are.")) from error
