"""What every page of the portal begins with: who visits, for which company, on which day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from comptoir.customers.queries import memberships
from comptoir.inbox.keeping import Keeper
from comptoir.kit.clocks import wall_now
from comptoir.look.vendor_cookie import remember_vendor
from comptoir.tenancy import doors
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.errors import AlreadyDone
from comptoir.tenancy.once import take_reference
from comptoir.tenancy.queries import CompanyRow, VendorRow, business_today

View = Callable[..., HttpResponseBase]

READING = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Visit:
    """Who looks at which company's pages, and when: the vendor's business date, and the instant."""

    user_id: int
    actor: Actor
    company: CompanyRow
    vendor: VendorRow
    role: str
    companies: tuple[CompanyRow, ...]
    today: date
    now: datetime

    @property
    def may_act(self) -> bool:
        """Whether the person may change and pay; a viewer looks only."""
        return self.role != "viewer"

    @property
    def keeper(self) -> Keeper:
        """Whose the files are that are kept of a form."""
        return Keeper(user_id=self.user_id, company_id=self.company.id)


class CompanyRequest(HttpRequest):
    """A request to a page of ``company_page``. Sent again, what is done ``once`` leads to ``done_at``."""

    visit: Visit
    done_at: str


def company_page(view: View) -> View:
    """Let only members of the company in the address in, and tell ``view`` of them in ``request.visit``.

    A stranger gets 404, a viewer who would change something 403. The address's ``company`` is taken here and not
    passed on.
    """

    @wraps(view)
    @login_required
    def serve(request: CompanyRequest, *args: Any, company: UUID, **kwargs: Any) -> HttpResponseBase:
        request.visit = _visit(request, public_id=company)
        if request.method not in READING and not request.visit.may_act:
            raise PermissionDenied
        try:
            return view(request, *args, **kwargs)
        except AlreadyDone as done:
            messages.info(request, str(done))
            return redirect(request.done_at)

    return serve


def once(request: CompanyRequest, *, done_at: str, **named: UUID) -> None:
    """Take the reference of a form, so that it does what it asks for once, by however many clicks it is sent.

    Within the door in which that is done. Sent again it does nothing, and leads to ``done_at``, a page of the company.
    Raises AlreadyDone, which ``company_page`` answers, and FormWithoutReference.
    """
    visit = request.visit
    request.done_at = reverse(done_at, kwargs={"company": visit.company.public_id, **named})
    take_reference(vendor_id=visit.vendor.id, reference=request.POST.get("reference", ""))


def page(
    request: CompanyRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Render a page of the portal, with its company, vendor and the person's other companies."""
    visit = request.visit
    shell = {
        "company": visit.company,
        "vendor": visit.vendor,
        "companies": visit.companies,
        "today": visit.today,
        "may_act": visit.may_act,
    }
    response = render(request, template, {**shell, **(context or {})}, status=status)
    remember_vendor(request, response, slug=visit.vendor.slug)
    return response


def page_number(asked: str) -> int:
    """Return the page of a list that an address asks for, from 1; nonsense is the first."""
    return max(int(asked), 1) if asked.isdecimal() and len(asked) < 7 else 1


def _visit(request: HttpRequest, *, public_id: UUID) -> Visit:
    user = request.user
    assert user.is_authenticated  # noqa: S101  login_required has seen to it
    acts_for = memberships(user_id=user.id)
    doors.ask_portal(acts_for, user_id=user.id)
    own = acts_for.read()
    chosen = next((one for one in own if one.company.public_id == public_id), None)
    if chosen is None:
        raise Http404
    now = wall_now()
    return Visit(
        user_id=user.id,
        actor=Actor(kind="customer", label=user.name or user.email, user_id=user.id),
        company=chosen.company,
        vendor=chosen.vendor,
        role=chosen.role,
        companies=tuple(one.company for one in own),
        today=business_today(chosen.vendor, now=now),
        now=now,
    )
