"""The links of a buyer who was invited by e-mail: nobody need be logged in, and a stranger learns nothing."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from comptoir.customers.queries import Membership, memberships
from comptoir.tenancy import doors
from comptoir.transfers import links
from comptoir.transfers.errors import TransferRefused
from comptoir.transfers.forms import NewBuyerForm, ReasonForm

from .people import OWNER


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def transfer_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is to be accepted; accept it for a company of one's own or a new one, or withdraw."""
    link = links.opened(token)
    own = _own_companies(request, vendor_id=link.vendor_id)
    what = request.POST.get("what", "")
    context: dict[str, Any] = {
        "link": link,
        "vendor": {"slug": link.vendor_slug, "name": link.vendor_name},
        "companies": own,
        "form": NewBuyerForm(request.POST if what == "new" else None, initial={"name": link.buyer_name}),
        "withdrawing": ReasonForm(request.POST if what == "withdraw" else None, auto_id="withdraw_%s"),
        "refused": "",
        "done": "",
    }
    if request.method == "POST":
        context |= _answered(request, token, what=what, context=context)
    return render(request, "portal/transfer_link.html", context)


def _answered(request: HttpRequest, token: str, *, what: str, context: dict[str, Any]) -> dict[str, str]:
    form, withdrawing = context["form"], context["withdrawing"]
    if what == "withdraw" and withdrawing.is_valid():
        links.withdraw_by_link(token, **withdrawing.cleaned_data)
        return {"done": "withdrawn"}
    if context["link"].purpose != "accept":
        return {}
    if what == "new" and form.is_valid():
        given = links.GivenCompany(
            name=form.cleaned_data["name"],
            person=form.cleaned_data["person"],
            language=(get_language() or "en")[:2],
            address_lines=form.address_lines(),
        )
        links.accept_as_new(token, given=given)
        return {"done": "accepted"}
    chosen = _chosen(context["companies"], request.POST.get("company", "")) if what == "own" else None
    if chosen is not None:
        assert request.user.is_authenticated  # noqa: S101  nobody else has companies to choose from
        try:
            links.accept_as_company(token, user_id=request.user.id, company_id=chosen.company.id)
        except TransferRefused as error:
            return {"refused": str(error)}
        return {"done": "accepted"}
    return {}


def _own_companies(request: HttpRequest, *, vendor_id: int) -> list[Membership]:
    """Return the companies of this vendor that whoever is logged in owns."""
    if not request.user.is_authenticated:
        return []
    own = memberships(user_id=request.user.id)
    doors.ask_portal(own, user_id=request.user.id)
    return [each for each in own.read() if each.vendor.id == vendor_id and each.role == OWNER]


def _chosen(own: list[Membership], asked: str) -> Membership | None:
    try:
        public_id = UUID(asked)
    except ValueError:
        return None
    return next((each for each in own if each.company.public_id == public_id), None)
