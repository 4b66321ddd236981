"""A vendor's colour and logo, for its pages and its login page: anybody who knows its short name may see them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control

from comptoir.look.brand import stylesheet
from comptoir.tenancy.brand import public_brand, public_logo

TEN_MINUTES = 600


@cache_control(private=True, max_age=TEN_MINUTES)
def brand_css(request: HttpRequest, vendor: str) -> HttpResponse:
    """Answer the stylesheet that gives pages the vendor's colour."""
    found = public_brand(vendor)
    if found is None:
        raise Http404
    return HttpResponse(stylesheet(colour=found.colour), content_type="text/css")


@cache_control(private=True, max_age=TEN_MINUTES)
def brand_logo(request: HttpRequest, vendor: str) -> HttpResponse:
    """Answer the vendor's logo."""
    logo = public_logo(vendor)
    if logo is None:
        raise Http404
    content, media_type = logo
    return HttpResponse(content, content_type=media_type)
