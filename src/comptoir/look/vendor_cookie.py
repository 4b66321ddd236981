"""Which vendor's pages a browser saw last: so that its login page looks like them."""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

NAME = "comptoir_vendor"
YEAR = 365 * 24 * 60 * 60
SLUG = re.compile(r"[A-Za-z0-9_-]{1,100}")


def remember_vendor(request: HttpRequest, response: HttpResponseBase, *, slug: str) -> None:
    """Have this browser's login page look like this vendor's from now on."""
    if request.COOKIES.get(NAME) != slug:
        response.set_cookie(NAME, slug, max_age=YEAR, secure=settings.SECURE, httponly=True, samesite="Lax")


def remembered_vendor(request: HttpRequest) -> str:
    """Return the short name of the vendor whose pages this browser saw last, as the browser says, or nothing."""
    said = request.COOKIES.get(NAME, "")
    return said if SLUG.fullmatch(said) else ""
