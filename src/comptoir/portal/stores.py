"""The owner's word on the company's stores: right, not ours, closed, somewhere else; and those that are missing."""

from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from comptoir.customers import queries, verifying
from comptoir.customers.errors import StoreRefused
from comptoir.customers.outcomes import said_of_stores
from comptoir.customers.places import SaidPlace
from comptoir.customers.queries import StoreRow
from comptoir.customers.verifying import Word
from comptoir.kit.safe_words import SafeWords
from comptoir.tenancy import doors

from .payer import is_htmx
from .shell import CompanyRequest, Visit, company_page, once, page

ALL_RIGHT = "all:right"
PLACE = ("address", "city", "state", "postal_code")


class PlaceForm(forms.Form):
    """Where a store is."""

    address = SafeWords(label=gettext_lazy("Street address"), max_length=200)
    city = SafeWords(label=gettext_lazy("City"), max_length=100)
    state = SafeWords(label=gettext_lazy("State or province"), max_length=50)
    postal_code = SafeWords(label=gettext_lazy("ZIP or postal code"), max_length=20)

    def place(self) -> SaidPlace:
        """Return where it is."""
        return SaidPlace(**{name: self.cleaned_data[name] for name in PLACE})


class MissingForm(PlaceForm):
    """A store that is not on the list."""

    name = SafeWords(label=gettext_lazy("Name of the store"), max_length=100)
    number = SafeWords(label=gettext_lazy("Its number, if you know it"), max_length=50, required=False)

    field_order = ("name", "number", *PLACE)


class ClosedForm(forms.Form):
    """Since when a store is closed."""

    closed_on = forms.DateField(
        label=gettext_lazy("Its last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


@require_http_methods(["GET", "HEAD", "POST"])
@company_page
def stores(request: CompanyRequest) -> HttpResponse:
    """Show the stores with what was said of each; take the answer on one, or on all that are still without."""
    visit = request.visit
    if request.method == "POST":
        _answer(visit, given=request.POST.get("answer", ""))
        if not is_htmx(request):
            return redirect("portal:stores", company=visit.company.public_id)
    with _door(visit):
        rows = queries.stores(visit.company.id, on=visit.today)
        missed = queries.missed_stores(visit.company.id)
        said = said_of_stores(company_id=visit.company.id).read()
    template = "portal/stores_list.html" if is_htmx(request) else "portal/stores.html"
    answered = sum(1 for row in rows if row.answer)
    latest = {(word.store_id, word.kind): word for word in said}
    context = {
        "stores": [(row, latest.get((row.id, row.answer or ""))) for row in rows],
        "answered": answered,
        "missed": missed,
        "news_of_missing": [word for word in said if word.store_id is None and word.is_news(visit.now)],
    }
    return page(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
@company_page
def differs(request: CompanyRequest, store: UUID) -> HttpResponse:
    """Ask what is wrong with a store on the list: closed since a day, or at another address."""
    visit = request.visit
    row = _own_store(visit, store)
    what = request.POST.get("what", "")
    closed = ClosedForm(request.POST if what == "closed" else None)
    moved = PlaceForm(
        request.POST if what == "address_differs" else None, initial={name: getattr(row, name) for name in PLACE}
    )
    try:
        if closed.is_bound and closed.is_valid():
            return _said(request, store, answer=what, closed_on=closed.cleaned_data["closed_on"])
        if moved.is_bound and moved.is_valid():
            return _said(request, store, answer=what, place=moved.place())
    except StoreRefused as refused:
        (closed if closed.is_bound else moved).add_error(refused.field, str(refused))
    return page(request, "portal/store_differs.html", {"store": row, "closed": closed, "moved": moved})


@require_http_methods(["GET", "HEAD", "POST"])
@company_page
def missing(request: CompanyRequest) -> HttpResponse:
    """Ask for a store that is not on the list."""
    visit = request.visit
    form = MissingForm(request.POST or None)
    if form.is_bound and form.is_valid():
        with _door(visit):
            once(request, done_at="portal:stores")
            verifying.miss_store(
                _word(visit), name=form.cleaned_data["name"], number=form.cleaned_data["number"], place=form.place()
            )
        messages.success(request, _("Thank you. The billing team looks into it."))
        return redirect("portal:stores", company=visit.company.public_id)
    return page(request, "portal/store_missing.html", {"form": form})


def _said(request: CompanyRequest, store: UUID, **said: Any) -> HttpResponse:
    visit = request.visit
    with _door(visit):
        is_new = verifying.answer_store(_word(visit), location_public_id=store, **said)
    if not is_new:
        messages.info(
            request,
            _(
                "You said this before. The billing team's answer stands beside the store; if it is not right, write to "
                "us."
            ),
        )
    return redirect("portal:stores", company=visit.company.public_id)


def _answer(visit: Visit, *, given: str) -> None:
    which, _colon, answer = given.partition(":")
    with _door(visit):
        if given == ALL_RIGHT:
            verifying.confirm_stores(_word(visit))
        else:
            verifying.answer_store(_word(visit), location_public_id=_named(which), answer=answer)


def _named(which: str) -> UUID:
    try:
        return UUID(which)
    except ValueError as error:
        raise Http404 from error


def _own_store(visit: Visit, store: UUID) -> StoreRow:
    with _door(visit):
        rows = queries.stores(visit.company.id, on=visit.today)
    found = next((row for row in rows if row.public_id == store), None)
    if found is None:
        raise Http404
    return found


def _word(visit: Visit) -> Word:
    return Word(
        company_id=visit.company.id,
        vendor_id=visit.vendor.id,
        user_id=visit.user_id,
        actor=visit.actor,
        today=visit.today,
        now=visit.now,
    )


def _door(visit: Visit) -> AbstractContextManager[None]:
    return doors.portal(user_id=visit.user_id, company_id=visit.company.id)
