"""The vendor's programs: their keys, the address where changes of access are told, which ones log people in."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from comptoir.access.clients import clients_of
from comptoir.access.errors import ProgramRefused
from comptoir.access.programs import keys_of, make_key, news_url_of, revoke_key, set_news_address

from .shell import StaffRequest, door, page, staff_page


@require_safe
@staff_page("admin")
def index(request: StaffRequest) -> HttpResponse:
    """Show what there is."""
    return _index(request)


@require_POST
@staff_page("admin")
def new_key(request: StaffRequest) -> HttpResponse:
    """Make a key, and show it: this once, and nowhere else."""
    visit, name = request.visit, request.POST.get("name", "")

    def make() -> str:
        return make_key(vendor_id=visit.vendor.id, name=name, actor=visit.actor, now=visit.now)

    return _show_once(request, make, what=_("The new key, shown this once"))


@require_POST
@staff_page("admin")
def end_key(request: StaffRequest, api_key: int) -> HttpResponse:
    """Revoke a key."""
    visit = request.visit
    try:
        with door(visit):
            revoke_key(vendor_id=visit.vendor.id, key_id=api_key, actor=visit.actor, now=visit.now)
    except ProgramRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The key is revoked. Programs that ask with it are refused from now on."))
    return redirect("console:programs", vendor=visit.vendor.slug)


@require_POST
@staff_page("admin")
def news_address(request: StaffRequest) -> HttpResponse:
    """Set where changes are told, and show the secret: this once, and nowhere else."""
    visit, url = request.visit, request.POST.get("url", "").strip()

    def make() -> str:
        return set_news_address(vendor_id=visit.vendor.id, url=url, actor=visit.actor, now=visit.now)

    return _show_once(request, make, what=_("The secret that calls are signed with, shown this once"))


def _show_once(request: StaffRequest, make: Callable[[], str], *, what: str) -> HttpResponse:
    try:
        with door(request.visit):
            shown = make()
    except ProgramRefused as error:
        messages.error(request, str(error))
        return _index(request)
    return _index(request, shown=shown, what=what)


def _index(request: StaffRequest, *, shown: str = "", what: str = "") -> HttpResponse:
    visit = request.visit
    with door(visit):
        context = {
            "keys": keys_of(visit.vendor.id),
            "url": news_url_of(visit.vendor.id),
            "clients": clients_of(visit.vendor.id),
            "shown": shown,
            "what": what,
        }
    return page(request, "console/programs.html", context)
