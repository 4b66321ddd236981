"""Doors: one transaction in which the database shows only what one company, or one vendor's staff, may see."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from comptoir.kit.together import Asked, ask_together

# What is prepared (``kit.together``) asks for few rows by an index, whoever asks: one plan does for all.
OPENING = """
    SELECT set_config('role', %s, true), set_config('app.user_id', %s, true), set_config('app.company_id', %s, true),
           set_config('app.vendor_id', %s, true), set_config('plan_cache_mode', 'force_generic_plan', true)
"""


@contextmanager
def portal(*asked: Asked[Any], user_id: int, company_id: int | None = None) -> Iterator[None]:
    """Open a transaction that sees the rows of one company, as one of its members; what is ``asked`` opens it, too.

    Without ``company_id`` it sees only the user's own memberships. Outside of a door the web's login can read no
    business table at all; and what the company's rows are is decided by policies, not by this process.
    """
    with _as_role("comptoir_portal", *asked, user_id=user_id, company_id=company_id):
        yield


def ask_portal(*asked: Asked[Any], user_id: int, company_id: int | None = None) -> None:
    """Ask what a page of the portal reads, through a door that is open for these questions alone.

    All of it is one message to the database, which is one transaction without a word that begins or ends it. Raises
    RuntimeError within another transaction, since what a door sets would hold until that one ends.
    """
    if connection.in_atomic_block:
        raise RuntimeError("A door cannot be opened inside of another, or of a transaction.")
    ask_together(_opening("comptoir_portal", user_id=user_id, company_id=company_id), *asked)


@contextmanager
def staff(*, user_id: int, vendor_id: int | None = None) -> Iterator[None]:
    """Open a transaction that sees the rows of one vendor, as one of its billing team."""
    with _as_role("comptoir_staff", user_id=user_id, vendor_id=vendor_id):
        yield


@contextmanager
def intake() -> Iterator[None]:
    """Open a transaction that can do nothing but put down what another system reported."""
    with _as_role("comptoir_intake"):
        yield


@contextmanager
def access() -> Iterator[None]:
    """Open a transaction for the single sign-on, and for programs that ask who has access.

    It sees no company until it is narrowed to the vendor whose program asks.
    """
    with _as_role("comptoir_access"):
        yield


def narrow(*, vendor_id: int) -> None:
    """Show the door that is open the rows of one vendor, until it closes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.vendor_id', %s, true)", [str(vendor_id)])


@contextmanager
def _as_role(
    role: str,
    *asked: Asked[Any],
    user_id: int | None = None,
    company_id: int | None = None,
    vendor_id: int | None = None,
) -> Iterator[None]:
    with transaction.atomic(durable=True):
        ask_together(_opening(role, user_id=user_id, company_id=company_id, vendor_id=vendor_id), *asked)
        yield


def _opening(
    role: str, *, user_id: int | None = None, company_id: int | None = None, vendor_id: int | None = None
) -> Asked[int]:
    settings = [role, _text(user_id), _text(company_id), _text(vendor_id)]
    return Asked(sql=OPENING, parameters=settings, read=len)


def _text(value: int | None) -> str:
    return "" if value is None else str(value)
