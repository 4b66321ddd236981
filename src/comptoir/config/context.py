"""What every template knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from comptoir.sso.front_door import vendor_at_door


def demo(request: HttpRequest) -> dict[str, bool]:
    """Tell the page whether this is the demo."""
    return {"demo": settings.DEMO}


def vendor(request: HttpRequest) -> dict[str, Any]:
    """Tell a page that belongs to no vendor, as the login page does, whose look it has; asked for when it is needed."""
    return {"vendor": SimpleLazyObject(lambda: vendor_at_door(request))}
