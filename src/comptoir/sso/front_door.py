"""Whose login page it is: the vendor's that the visitor is on the way to, or else came to last."""

from contextlib import suppress
from urllib.parse import urlsplit
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_safe

from comptoir.customers.queries import memberships
from comptoir.identity.queries import staff_roles
from comptoir.look.vendor_cookie import remember_vendor, remembered_vendor
from comptoir.tenancy import doors
from comptoir.tenancy.brand import PublicBrand, public_brand, public_brand_of_company


@require_safe
def front_door(request: HttpRequest, vendor: str) -> HttpResponse:
    """Lead to the login page of a vendor, and have it look like the vendor's own."""
    if public_brand(vendor) is None:
        raise Http404
    response = redirect("start")
    remember_vendor(request, response, slug=vendor)
    return response


def vendor_at_door(request: HttpRequest) -> PublicBrand | None:
    """Return how the vendor looks whose pages a visitor asked for before logging in, or else saw last, if any."""
    onward = request.POST.get("next") or request.GET.get("next") or ""
    with suppress(Resolver404, ValueError):  # anything may stand in an address
        named = resolve(urlsplit(onward).path).kwargs if onward else {}
        if isinstance(company := named.get("company"), UUID):
            return public_brand_of_company(company)
        if isinstance(slug := named.get("vendor"), str):
            return public_brand(slug)
    slug = remembered_vendor(request)
    return public_brand(slug) if slug else None


def vendor_of_person(request: HttpRequest, *, user_id: int) -> PublicBrand | None:
    """Return how the vendor looks whose customer or team a person is: of several the one at the door; else nobody's."""
    own = memberships(user_id=user_id)
    doors.ask_portal(own, user_id=user_id)
    with doors.staff(user_id=user_id):
        roles = staff_roles(user_id)
    slugs = {membership.vendor.slug for membership in own.read()} | {role.vendor_slug for role in roles}
    at_door = vendor_at_door(request)
    if at_door and at_door.slug in slugs:
        return at_door
    return public_brand(slugs.pop()) if len(slugs) == 1 else None
