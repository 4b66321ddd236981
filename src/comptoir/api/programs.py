"""What a vendor's programs ask: `/v1/access`. Answers are JSON; what goes wrong is a problem (RFC 9457)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Query, Schema
from ninja.errors import ValidationError
from pydantic import Field

from comptoir.access.entitlements import access_of_all, access_of_stores
from comptoir.access.programs import vendor_with_key
from comptoir.kit.clocks import wall_now
from comptoir.tenancy import doors

MOST_STORES = 10_000
A_PAGE = 1_000
# A suspension ends sessions by itself; what a program keeps of an answer it may keep for so long.
KEPT_SECONDS = 30

programs = NinjaAPI(
    title="Comptoir", version="1", urls_namespace="programs", docs_url=None, openapi_url="/v1/openapi.json"
)


class ProductAnswer(Schema):
    """Whether a store may use a product."""

    product: str
    access: bool
    standing: str = Field(description="good, warned, limited or suspended")
    since: datetime | None
    reason: str
    warned_until: date | None


class StoreAnswer(Schema):
    """The products that a store is subscribed to."""

    number: str
    id: UUID
    company: UUID | None
    products: list[ProductAnswer]


class Answer(Schema):
    """The stores that are known, by number, and those that are not."""

    stores: list[StoreAnswer]
    unknown: list[str]
    next: str | None = Field(None, description="where there are more: ask for those `after` this number")


class Asked(Schema):
    """The stores to ask for, by the vendor's numbers or by their ids."""

    stores: list[str] = Field(min_length=1, max_length=MOST_STORES)


class NotAllowed(Exception):
    """A request without a key that is in use."""


@programs.get("/v1/access", response=Answer, url_name="access")
def access(request: HttpRequest, response: HttpResponse, store: Query[list[str] | None] = None, after: str = "") -> Any:
    """Say which products stores may use; `store` is given once for each, as a number or an id.

    Without any, it says so of all there are, a thousand at a time: ask again with `after`, which is its `next`.
    """
    if store:
        return _answer_of(request, response, store)
    with _vendor_that_asks(request, response) as vendor_id:
        found = access_of_all(vendor_id=vendor_id, after=after, most=A_PAGE + 1, now=wall_now())
    page = found[:A_PAGE]
    return {"stores": page, "unknown": [], "next": page[-1].number if len(found) > A_PAGE else None}


@programs.post("/v1/access", response=Answer, url_name="access_of_many")
def access_of_many(request: HttpRequest, response: HttpResponse, asked: Asked) -> Any:
    """Say the same of up to 10,000 stores, which an address has no room for. It changes nothing."""
    return _answer_of(request, response, asked.stores)


def _answer_of(request: HttpRequest, response: HttpResponse, stores: list[str]) -> dict[str, Any]:
    with _vendor_that_asks(request, response) as vendor_id:
        found = access_of_stores(stores, vendor_id=vendor_id, now=wall_now())
    known = {name for store in found for name in (store.number, str(store.id))}
    return {"stores": found, "unknown": [store for store in stores if store not in known]}


@contextmanager
def _vendor_that_asks(request: HttpRequest, response: HttpResponse) -> Iterator[int]:
    """Open the door to what the vendor whose key it is may know. Raises NotAllowed."""
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    with doors.access():
        vendor_id = vendor_with_key(key) if scheme.lower() == "bearer" and key else None
        if vendor_id is None:
            raise NotAllowed
        yield vendor_id
    response["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"


@programs.exception_handler(NotAllowed)
def not_allowed(request: HttpRequest, _error: NotAllowed) -> HttpResponse:
    """Answer 401."""
    detail = "Send a key that is in use as “Authorization: Bearer …”; an admin makes one in the console."
    answer = _problem(request, status=401, title="Not allowed", detail=detail)
    answer["WWW-Authenticate"] = 'Bearer realm="comptoir"'
    return answer


@programs.exception_handler(ValidationError)
def not_understood(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer 422, saying what is wrong where."""
    wrong = [{"at": [str(part) for part in one["loc"]], "detail": one["msg"]} for one in error.errors]
    return _problem(request, status=422, title="Not understood", detail="See errors.", errors=wrong)


def _problem(request: HttpRequest, *, status: int, title: str, detail: str, **more: Any) -> HttpResponse:
    problem = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    answer = programs.create_response(request, problem, status=status)
    answer["Content-Type"] = "application/problem+json"
    return answer
