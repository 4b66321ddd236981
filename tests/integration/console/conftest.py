"""The billing team, with a second factor, and a worker to do what it asked for."""

from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import TOTP

from comptoir.cutover.models import Move
from comptoir.cutover.moving import move_company
from comptoir.identity.models import User
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next
from comptoir.tenancy.models import Vendor
from tests.databases import Database
from tests.factories import NOW, make_staff, make_user, make_vendor


@pytest.fixture
def vendor(fresh_database: Database) -> Vendor:
    """A vendor of the demo's short name, so that Comptoir brings its mapping profile."""
    return make_vendor(slug="northwind", name="Northwind")


@pytest.fixture
def staff(vendor: Vendor) -> Callable[[str], User]:
    """Makes someone of the vendor's billing team, who has a second factor."""

    def make(role: str) -> User:
        person = make_staff(vendor=vendor, user=make_user(email=f"{role}@northwind.example"), role=role)
        TOTP.activate(person, "JBSWY3DPEHPK3PXP")
        return person

    return make


@pytest.fixture
def work() -> Callable[[], bool]:
    """Does what the worker would: delivers all events, and tells every moved company."""

    def run() -> None:
        while deliver_next(now=wall_now()):
            pass
        for move in Move.objects.filter(wave__status="sent"):
            move_company(move_id=move.id, now=NOW)

    return run
