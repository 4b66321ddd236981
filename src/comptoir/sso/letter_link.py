"""Where a letter's mail leads: a word of welcome, and the way in. Looking does nothing, a button does."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from comptoir.cutover.opening import note_letter_opened, vendor_of_letter
from comptoir.kit.clocks import wall_now
from comptoir.look.vendor_cookie import remember_vendor
from comptoir.tenancy.brand import public_brand


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def letter_link(request: HttpRequest, token: str) -> HttpResponse:
    """Welcome whoever comes by a letter; with the button, note it, and lead on to the first password or the login."""
    link = _link(token)
    slug = vendor_of_letter(link)
    if slug is None:
        raise Http404
    if request.method == "POST":
        note_letter_opened(link, now=wall_now())
        response: HttpResponse = redirect("account_login" if "login" in request.POST else "account_reset_password")
    else:
        response = render(request, "sso/letter.html", {"vendor": public_brand(slug)})
    remember_vendor(request, response, slug=slug)
    return response


def _link(token: str) -> UUID:
    try:
        return UUID(token)
    except ValueError as error:
        raise Http404 from error
