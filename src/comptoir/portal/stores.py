"""The owner's word on the company's stores: this one is right, that one is not ours."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from comptoir.customers import operations, queries
from comptoir.customers.queries import StoreRow
from comptoir.tenancy import doors

from .shell import CompanyRequest, Visit, company_page, page

ALL = "all"


@require_http_methods(["GET", "POST"])
@company_page
def stores(request: CompanyRequest) -> HttpResponse:
    """Show the stores with what was said of each; take the answer on one, or on all that are still without."""
    visit = request.visit
    if request.method == "POST":
        _answer(visit, given=request.POST.get("answer", ""))
        if not _is_htmx(request):
            return redirect("portal:stores", company=visit.company.public_id)
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        rows = queries.stores(visit.company.id, on=visit.today)
    template = "portal/stores_list.html" if _is_htmx(request) else "portal/stores.html"
    return page(request, template, {"stores": rows, "answered": sum(1 for row in rows if row.answer)})


def _answer(visit: Visit, *, given: str) -> None:
    which, _colon, answer = given.partition(":")
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        for store in _meant(visit, which=which):
            operations.answer_store(
                company_id=visit.company.id,
                location_public_id=store,
                answer=answer,
                user_id=visit.user_id,
                actor=visit.actor,
                today=visit.today,
                now=visit.now,
            )


def _meant(visit: Visit, *, which: str) -> list[UUID]:
    if which == ALL:
        rows: list[StoreRow] = queries.stores(visit.company.id, on=visit.today)
        return [row.public_id for row in rows if row.answer is None]
    try:
        return [UUID(which)]
    except ValueError as error:
        raise Http404 from error


def _is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))
