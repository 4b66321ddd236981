"""The pages as “comptoir web” serves them, and beside them a bare page, and the number of queries for whoever asks."""

import os
import sys
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from comptoir.cli.ports import take_port
from comptoir.cli.web import WebServer

COUNT = "HTTP_X_COUNT_QUERIES"
Answer = Callable[..., Any]


def serve(*, port: int, workers: int, threads: int) -> None:
    """Serve until asked to stop, with gunicorn as it is shipped."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "comptoir.config.settings"
    os.environ["COMPTOIR_ROLE"] = "web"
    import django
    from django.conf import settings

    django.setup()
    settings.ROOT_URLCONF = __name__
    with take_port(host="127.0.0.1", port=port, variable="COMPTOIR_PORT") as listener:
        _Server(listener=listener.detach(), workers=workers, threads=threads).run()


class _Server(WebServer):
    def load(self) -> Any:
        return counting(super().load())


def counting(application: Answer) -> Answer:
    """Return the application, which tells whoever asks how many queries an answer took."""

    def answer(environ: dict[str, Any], start_response: Answer) -> Iterable[bytes]:
        if COUNT not in environ:
            return application(environ, start_response)  # type: ignore[no-any-return]
        from django.db import connection

        said: list[str] = []

        def note(execute: Answer, sql: str, *rest: Any) -> Any:
            said.append(sql)
            return execute(sql, *rest)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, ("X-Queries", str(len(said)))], *rest)

        with connection.execute_wrapper(note):
            return application(environ, start)  # type: ignore[no-any-return]

    return answer


def bare(request: Any) -> Any:
    """Load session and user, and render what every page of the portal is set in."""
    from django.shortcuts import render

    from comptoir.tenancy.queries import CompanyRow, VendorRow

    company = CompanyRow(1, UUID(int=1), 1, "1", "Company 1", "en", (), None)
    vendor = VendorRow(1, "bench", "Bench", "Bench Inc.", "USD", "America/New_York", "en", (), "", "", "#1f5f8b",
                       has_logo=False, invoice_lead_days=15, terms_days=0, business_date=date(2020, 9, 20))  # fmt: skip
    return render(request, "look/portal.html", {"company": company, "vendor": vendor, "companies": (company,)})


def _addresses() -> list[Any]:
    from django.urls import path

    from comptoir.config.urls import urlpatterns as served

    return [path("bare/", bare, name="bare"), *served]


def __getattr__(name: str) -> Any:
    """Give Django the addresses when it asks for them, once it is set up."""
    if name == "urlpatterns":
        return _addresses()
    raise AttributeError(name)


if __name__ == "__main__":
    serve(port=int(sys.argv[1]), workers=int(sys.argv[2]), threads=int(sys.argv[3]))
