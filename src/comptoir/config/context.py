"""What every template knows."""

from django.conf import settings
from django.http import HttpRequest


def demo(request: HttpRequest) -> dict[str, bool]:
    """Tell the page whether this is the demo."""
    return {"demo": settings.DEMO}
