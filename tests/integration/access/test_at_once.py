"""Everybody comes in to a product in the same moment, as the bench lets a thousand do."""

from urllib.parse import urlsplit

from pytest_django import Settings

from comptoir.access.clients import Registered
from comptoir.bench.portal_world import log_in_some
from comptoir.bench.sign_ons import Product, all_at_once, register
from comptoir.catalog.models import Product as Sold
from tests.databases import Database
from tests.factories import make_company, make_member, make_vendor
from tests.integration.stripe_sandbox.conftest import free_port
from tests.running import served

PEOPLE = 100


def test_a_hundred_come_in_in_the_same_moment_and_none_is_lost(fresh_database: Database, settings: Settings) -> None:
    vendor = make_vendor()
    Sold.objects.create(vendor=vendor, code="erestaurant", name="Enterprise Office")
    for _person in range(PEOPLE):
        make_member(company=make_company(vendor=vendor))
    registered = register(vendor_id=vendor.id)
    sessions = [session for _company, session in log_in_some(count=PEOPLE)]

    with served(fresh_database) as url:
        settings.BASE_URL = url
        settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": url}
        came_in = all_at_once(Product(registered, urlsplit(url).port or 0), sessions)

    assert (came_in["sign_ons"], came_in["sign_ons_lost"]) == (PEOPLE, 0)


def test_each_that_is_lost_is_counted() -> None:
    nobody_listens = Product(Registered("office", "secret"), free_port())
    came_in = all_at_once(nobody_listens, ["one", "two", "three"])
    assert came_in == {"sign_ons": 3, "sign_ons_lost": 3, "sign_ons_per_second": 0.0}
