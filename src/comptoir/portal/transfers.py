"""Changes of owner: starting one as seller or buyer, and accepting, withdrawing or adding papers while it is open."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptoir.customers.queries import stores_to_hand_over
from comptoir.inbox.serving import as_download
from comptoir.tenancy import doors
from comptoir.transfers import answering, queries, starting
from comptoir.transfers.documents import add_documents, document_content, documents_of, note_of
from comptoir.transfers.errors import TransferNotFound, TransferRefused
from comptoir.transfers.forms import (
    STATUS_TONES,
    STATUS_WORDS,
    DayAndPapers,
    InviteForm,
    PapersForm,
    PurchaseForm,
    ReasonForm,
    SaleForm,
)

from .people import OWNER
from .shell import CompanyRequest, Visit, company_page, once, page


@require_safe
@company_page
def listing(request: CompanyRequest) -> HttpResponse:
    """Show the changes of owner that the company is in, and how to start one."""
    visit = request.visit
    with _door(visit):
        rows = [_shown(row, visit) for row in queries.of_company(visit.company.id)]
    return page(request, "portal/transfers.html", {"rows": rows, "is_owner": visit.role == OWNER})


@require_http_methods(["GET", "HEAD", "POST"])
@company_page
def sell(request: CompanyRequest) -> HttpResponse:
    """Ask which stores pass on, when and to whom, and invite the buyer."""
    visit = request.visit
    with _door(visit):
        own = stores_to_hand_over(visit.company.id, on=visit.today + timedelta(days=1))
    form = SaleForm(
        request.POST or None, request.FILES or None, stores=own.values(), initial={"language": visit.company.language}
    )

    def start() -> UUID:
        return starting.start_sale(
            seller=visit.company,
            store_ids=form.store_ids(),
            on=form.cleaned_data["on"],
            buyer=form.buyer(),
            papers=form.papers(),
            actor=visit.actor,
            today=visit.today,
            now=visit.now,
        )

    return _start(request, form, start, template="portal/transfer_sell.html")


@require_http_methods(["GET", "HEAD", "POST"])
@company_page
def take_over(request: CompanyRequest) -> HttpResponse:
    """Ask which stores are taken over, when and from whom, and have the team look them up."""
    visit = request.visit
    form = PurchaseForm(request.POST or None, request.FILES or None)

    def start() -> UUID:
        return starting.ask_for_stores(
            buyer=visit.company,
            stores=form.cleaned_data["stores"],
            seller=form.seller(),
            on=form.cleaned_data["on"],
            papers=form.papers(),
            actor=visit.actor,
            today=visit.today,
            now=visit.now,
        )

    return _start(request, form, start, template="portal/transfer_take_over.html")


@require_safe
@company_page
def detail(request: CompanyRequest, transfer: UUID) -> HttpResponse:
    """Show how a change of owner stands, and what the company may do."""
    return _detail(request, transfer)


@require_POST
@company_page
def accept(request: CompanyRequest, transfer: UUID) -> HttpResponse:
    """Accept for the company."""
    visit = _owner(request)
    with _door(visit):
        answering.accept(public_id=transfer, company_id=visit.company.id, actor=visit.actor, now=visit.now)
    messages.success(request, _("You have accepted. The billing team looks at it next."))
    return redirect("portal:transfer", company=visit.company.public_id, transfer=transfer)


@require_POST
@company_page
def withdraw(request: CompanyRequest, transfer: UUID) -> HttpResponse:
    """Withdraw; everything stays as it is."""
    visit = _owner(request)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _detail(request, transfer, withdrawing=form)
    with _door(visit):
        answering.withdraw(
            public_id=transfer, company_id=visit.company.id, actor=visit.actor, now=visit.now, **form.cleaned_data
        )
    messages.success(request, _("The change of owner is withdrawn; everything stays as it is."))
    return redirect("portal:transfer", company=visit.company.public_id, transfer=transfer)


@require_POST
@company_page
def invite(request: CompanyRequest, transfer: UUID) -> HttpResponse:
    """Send the buyer a new link."""
    visit = _owner(request)
    form = InviteForm(request.POST)
    if form.is_valid():
        try:
            with _door(visit):
                once(request, done_at="portal:transfer", transfer=transfer)
                answering.invite_again(
                    public_id=transfer,
                    company_id=visit.company.id,
                    actor=visit.actor,
                    now=visit.now,
                    **form.cleaned_data,
                )
        except TransferRefused as error:
            form.refuse(error)
        else:
            messages.success(request, _("The invitation is on its way; the link sent before does not work any more."))
            return redirect("portal:transfer", company=visit.company.public_id, transfer=transfer)
    return _detail(request, transfer, inviting=form)


@require_POST
@company_page
def add_papers(request: CompanyRequest, transfer: UUID) -> HttpResponse:
    """Add papers of the sale."""
    visit = _owner(request)
    form = PapersForm(request.POST, request.FILES, auto_id="add_%s")
    with _door(visit):
        is_good = form.is_good(visit.keeper, now=visit.now)
    if not is_good:
        return _detail(request, transfer, adding=form)
    with _door(visit):
        once(request, done_at="portal:transfer", transfer=transfer)
        add_documents(
            public_id=transfer,
            company_id=visit.company.id,
            files=form.cleaned_data["attached"],
            actor=visit.actor,
            now=visit.now,
        )
        form.let_files_go(visit.keeper)
    messages.success(request, _("The papers are with the billing team."))
    return redirect("portal:transfer", company=visit.company.public_id, transfer=transfer)


@require_safe
@company_page
def paper(request: CompanyRequest, transfer: UUID, paper: UUID) -> HttpResponse:
    """Hand an own paper over, to be kept; never to be shown."""
    with _door(request.visit):
        found = document_content(transfer_public_id=transfer, public_id=paper)
    return as_download(found)


def _start(request: CompanyRequest, form: DayAndPapers, start: Callable[[], UUID], *, template: str) -> HttpResponse:
    visit = request.visit
    if request.method == "POST":
        _owner(request)
        with _door(visit):
            is_good = form.is_good(visit.keeper, now=visit.now)
        if is_good:
            try:
                with _door(visit):
                    once(request, done_at="portal:transfers")
                    made = start()
                    form.let_files_go(visit.keeper)
            except TransferRefused as error:
                form.refuse(error)
                with _door(visit):
                    form.keep_files(visit.keeper, now=visit.now)
            else:
                messages.success(request, _("The change of owner is on its way. You are told at each step."))
                return redirect("portal:transfer", company=visit.company.public_id, transfer=made)
    return page(request, template, {"form": form, "is_owner": visit.role == OWNER})


def _detail(request: CompanyRequest, transfer: UUID, **forms: Any) -> HttpResponse:
    visit = request.visit
    with _door(visit):
        row = queries.transfer(transfer)
        context = {
            **_shown(row, visit),
            "stores": queries.stores_of(row.id),
            "papers": documents_of(row.id),
            "note": note_of(row.id),
            "is_owner": visit.role == OWNER,
            "waits_for_us": row.waits_for(row.side_of(visit.company.id)),
            "waits_for_link": row.waits_for("buyer") and row.invitation is not None,
            "withdrawing": ReasonForm(auto_id="withdraw_%s"),
            "inviting": InviteForm(initial={"email": row.buyer_email}, auto_id="invite_%s"),
            "adding": PapersForm(auto_id="add_%s"),
            **forms,
        }
    return page(request, "portal/transfer.html", context)


def _shown(row: queries.TransferRow, visit: Visit) -> dict[str, Any]:
    return {
        "row": row,
        "side": row.side_of(visit.company.id),
        "word": STATUS_WORDS[row.status],
        "tone": STATUS_TONES[row.status],
    }


def _owner(request: CompanyRequest) -> Visit:
    """Return the visit of an owner; nobody else passes stores on."""
    if request.visit.role != OWNER:
        raise PermissionDenied
    return request.visit


@contextmanager
def _door(visit: Visit) -> Iterator[None]:
    """Open the company's door. Raises Http404 where it shows no such change of owner or paper."""
    try:
        with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
            yield
    except TransferNotFound as error:
        raise Http404 from error
