"""What every request passes through: an id, a content security policy, a page for each expected error."""

import logging
import re
import time
from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import sync_only_middleware

from comptoir.kit.errors import ComptoirError
from comptoir.kit.request_id import request_id_of

log = logging.getLogger("comptoir.web")

LARGEST_BODY = 64 * 1024 * 1024
Respond = Callable[[HttpRequest], HttpResponse]
WELL_FORMED_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


@sync_only_middleware
def request_id(respond: Respond) -> Respond:
    """Give the request an id (or keep the proxy's), log it with the answer's status, send it back."""

    def serve(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        value = given if WELL_FORMED_ID.fullmatch(given) else uuid4().hex
        started = time.monotonic()
        with request_id_of(value):
            response = respond(request)
            milliseconds = round((time.monotonic() - started) * 1000)
            log.info("%s %s %s %s ms", request.method, request.path, response.status_code, milliseconds)
        response["X-Request-ID"] = value
        return response

    return serve


@sync_only_middleware
def content_security_policy(respond: Respond) -> Respond:
    """Allow nothing but our own scripts, styles and pictures; forms may lead to the processor's hosted page."""

    def serve(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        response.setdefault(
            "Content-Security-Policy",
            "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
        )
        return response

    return serve


@sync_only_middleware
def not_kept(respond: Respond) -> Respond:
    """Have no browser or proxy keep a page, unless the page itself says otherwise."""

    def serve(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response

    return serve


@sync_only_middleware
def bounded_body(respond: Respond) -> Respond:
    """Refuse what is larger than the largest file that a form takes, before anything of it is read."""

    def serve(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            return HttpResponse("This is too large to be sent here.\n", status=413, content_type="text/plain")
        return respond(request)

    return serve


class ExpectedErrors:
    """Shows an expected failure as a page that says what is wrong and what to do next."""

    sync_capable = True
    async_capable = False

    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._respond(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer 409 with the error's own words; leave unexpected errors to Django."""
        if not isinstance(exception, ComptoirError):
            return None
        log.warning("%s: %s", type(exception).__name__, exception)
        return render(request, "look/refused.html", {"message": str(exception)}, status=409)


expected_errors = ExpectedErrors
