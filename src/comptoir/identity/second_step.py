"""Whether a login went through its second step: a login that is older than the second factor did not."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

View = Callable[..., HttpResponseBase]


def has_second_step(request: HttpRequest) -> bool:
    """Return whether whoever is logged in has set up a second factor."""
    return bool(is_mfa_enabled(request.user))


def authenticated_at(request: HttpRequest) -> datetime | None:
    """Return when whoever is logged in last proved who they are, in this login; None where that is not known."""
    records = get_authentication_records(request, request.user)
    return datetime.fromtimestamp(records[-1]["at"], tz=UTC) if records else None


def to_second_step(request: HttpRequest) -> HttpResponseBase | None:
    """Return the way to the second step that this login lacks, or None if it lacks none."""
    if not has_second_step(request):
        return None
    if any(record["method"] == "mfa" for record in get_authentication_records(request, request.user)):
        return None
    return HttpResponseRedirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.get_full_path()})}")


def second_step_first(view: View) -> View:
    """Ask for the second step before a page on which the ways to log in are seen or changed."""

    @wraps(view)
    def serve(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        onward = to_second_step(request) if request.user.is_authenticated else None
        return onward or view(request, *args, **kwargs)

    return serve
