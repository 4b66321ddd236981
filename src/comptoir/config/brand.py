"""A vendor's colour and logo, for its customers and its billing team."""

from contextlib import suppress

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control

from comptoir.look.brand import stylesheet
from comptoir.tenancy import doors
from comptoir.tenancy.errors import VendorNotFound
from comptoir.tenancy.queries import VendorRow, vendor_by_slug, vendor_logo

TEN_MINUTES = 600


@login_required
@cache_control(private=True, max_age=TEN_MINUTES)
def brand_css(request: HttpRequest, vendor: str) -> HttpResponse:
    """Answer the stylesheet that gives pages the vendor's colour."""
    found, _logo = _brand(request, slug=vendor)
    return HttpResponse(stylesheet(colour=found.colour), content_type="text/css")


@login_required
@cache_control(private=True, max_age=TEN_MINUTES)
def brand_logo(request: HttpRequest, vendor: str) -> HttpResponse:
    """Answer the vendor's logo."""
    _vendor, logo = _brand(request, slug=vendor)
    if logo is None:
        raise Http404
    content, media_type = logo
    return HttpResponse(content, content_type=media_type)


def _brand(request: HttpRequest, *, slug: str) -> tuple[VendorRow, tuple[bytes, str] | None]:
    """Return the vendor and its logo as the person may see it: as a customer, or else as one of its billing team."""
    assert request.user.is_authenticated  # noqa: S101  login_required has seen to it
    for door in (doors.portal, doors.staff):
        with suppress(VendorNotFound), door(user_id=request.user.id):
            found = vendor_by_slug(slug)
            return found, vendor_logo(found.id)
    raise Http404
