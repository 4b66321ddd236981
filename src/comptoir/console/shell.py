"""What every page of the billing team's side goes through: login, role, second factor, the vendor's frame."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from comptoir.identity.queries import staff_roles
from comptoir.identity.second_step import has_second_step, to_second_step
from comptoir.inbox.keeping import Keeper
from comptoir.kit.clocks import wall_now
from comptoir.look.vendor_cookie import remember_vendor
from comptoir.tenancy import doors
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.errors import VendorNotFound
from comptoir.tenancy.queries import VendorRow, business_today, vendor_by_slug

View = Callable[..., HttpResponseBase]

WRITERS = ("clerk", "manager", "admin")
ROLE_WORDS: dict[str, str | Promise] = {
    "clerk": pgettext_lazy("staff role", "Clerk"),
    "manager": pgettext_lazy("staff role", "Manager"),
    "auditor": pgettext_lazy("staff role", "Auditor"),
    "admin": pgettext_lazy("staff role", "Admin"),
}


@dataclass(frozen=True, slots=True)
class StaffVisit:
    """Who is on the page, in which role, for which vendor. ``today`` is the vendor's business date."""

    user_id: int
    actor: Actor
    vendor: VendorRow
    role: str
    today: date
    now: datetime

    @property
    def may_write(self) -> bool:
        """Whether the role may change anything."""
        return self.role in WRITERS

    @property
    def keeper(self) -> Keeper:
        """Whose the files are that are kept of a form."""
        return Keeper(user_id=self.user_id, vendor_id=self.vendor.id)


class StaffRequest(HttpRequest):
    """A request of one of the billing team."""

    visit: StaffVisit


def staff_page(*roles: str) -> Callable[[View], View]:
    """Return the decorator that lets only a vendor's billing team in, and sets ``request.visit``.

    With ``roles``, only these; without, every role reads and WRITERS write. Strangers get 404; whoever has no
    second factor yet is sent to set one up, and whoever logged in before having one is asked for it. The address's
    ``vendor`` is taken here and not passed on.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        @login_required
        def serve(request: StaffRequest, *args: Any, vendor: str, **kwargs: Any) -> HttpResponseBase:
            request.visit = _visit(request, slug=vendor)
            if not has_second_step(request):
                messages.info(request, _("The billing team logs in with a second step. Set yours up to go on."))
                return redirect("mfa_activate_totp")
            if (onward := to_second_step(request)) is not None:
                return onward
            allowed = roles or (WRITERS if request.method not in ("GET", "HEAD") else tuple(ROLE_WORDS))
            if request.visit.role not in allowed:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return serve

    return decorate


@contextmanager
def door(visit: StaffVisit) -> Iterator[None]:
    """Open the visited vendor's door: one transaction that sees its rows and no other vendor's."""
    with doors.staff(user_id=visit.user_id, vendor_id=visit.vendor.id):
        yield


def page(
    request: StaffRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render a page in the vendor's frame."""
    visit = request.visit
    frame = {
        "visit": visit,
        "vendor": visit.vendor,
        "today": visit.today,
        "staff_role": ROLE_WORDS[visit.role],
        "may_write": visit.may_write,
        "may_brand": visit.role == "admin",
    }
    response = render(request, template, {**frame, **(context or {})}, status=status)
    remember_vendor(request, response, slug=visit.vendor.slug)
    return response


def page_number(request: HttpRequest) -> int:
    """Return the page that a list's address asks for, from 1; nonsense is the first."""
    asked = request.GET.get("page", "1")
    return max(int(asked), 1) if asked.isdecimal() and len(asked) < 7 else 1


def _visit(request: HttpRequest, *, slug: str) -> StaffVisit:
    user = request.user
    assert user.is_authenticated  # noqa: S101  login_required has seen to it
    with doors.staff(user_id=user.id):
        role = next((row.role for row in staff_roles(user.id) if row.vendor_slug == slug), None)
        if role is None:
            raise Http404
        try:
            vendor = vendor_by_slug(slug)
        except VendorNotFound as error:
            raise Http404 from error
    now = wall_now()
    return StaffVisit(
        user_id=user.id,
        actor=Actor(kind="staff", label=user.name or user.email, user_id=user.id),
        vendor=vendor,
        role=role,
        today=business_today(vendor, now=now),
        now=now,
    )
