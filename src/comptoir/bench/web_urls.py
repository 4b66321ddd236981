"""Every page there is, one that does nothing, and one that reads one row as programs do."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from ninja import NinjaAPI, Schema

from comptoir.access.programs import vendor_with_key
from comptoir.config.urls import urlpatterns as pages
from comptoir.customers.models import Location
from comptoir.tenancy import doors

rows = NinjaAPI(urls_namespace="bench", docs_url=None, openapi_url=None)


class Row(Schema):
    """What is read of a store."""

    number: str


def empty(request: HttpRequest) -> HttpResponse:
    """Answer, and do nothing else."""
    return HttpResponse()


@rows.get("/row/{store}", response=Row)
def row(request: HttpRequest, store: int) -> Any:
    """Read a store by its primary key, with a program's key and behind its door."""
    with doors.access():
        vendor_with_key(request.headers["Authorization"].partition(" ")[2])
        return Location.objects.only("number").get(id=store)


urlpatterns = [*pages, path("bench/empty", empty), path("bench/", rows.urls)]
