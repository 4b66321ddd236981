"""Whether this process can serve, for whoever watches it."""

import logging

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse

log = logging.getLogger("comptoir.web")


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 “ok” when the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        log.exception("the database does not answer")
        return HttpResponse("the database does not answer\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
