"""The first page: sends a person to where they are at home."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from comptoir.customers.queries import memberships
from comptoir.identity.queries import staff_roles
from comptoir.tenancy import doors


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere that a person may go: a company's portal, or a vendor's console."""

    name: str
    note: str
    icon: str
    href: str


@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Go on to the only place there is for the person, or let them choose; if there is none, say whom to ask."""
    assert request.user.is_authenticated  # noqa: S101  login_required has seen to it
    places = _places(request.user.id)
    if len(places) == 1:
        return redirect(places[0].href)
    return render(request, "sso/start.html", {"places": places})


def _places(user_id: int) -> list[Place]:
    companies = memberships(user_id=user_id)
    doors.ask_portal(companies, user_id=user_id)
    with doors.staff(user_id=user_id):
        roles = staff_roles(user_id)
    return [
        *(
            Place(
                name=role.vendor_name,
                note=_("The billing team's side"),
                icon="store",
                href=reverse("console:home", kwargs={"vendor": role.vendor_slug}),
            )
            for role in roles
        ),
        *(
            Place(
                name=own.company.name,
                note=_("Bills of %(vendor)s") % {"vendor": own.vendor.name},
                icon="invoice",
                href=reverse("portal:home", kwargs={"company": own.company.public_id}),
            )
            for own in companies.read()
        ),
    ]
