"""A vendor whose books hold when the story is over, a company, and what it may take."""

from collections.abc import Iterator

import pytest

from comptoir.catalog.models import Plan
from comptoir.config.books import check_books
from comptoir.tenancy.models import Company, Vendor
from tests.databases import Database
from tests.factories import make_company, make_plan, make_vendor


@pytest.fixture
def vendor(fresh_database: Database) -> Iterator[Vendor]:
    """A vendor that collects no tax; its books hold when the story is over."""
    made = make_vendor(slug="northwind")
    yield made
    assert check_books() == []


@pytest.fixture
def company(vendor: Vendor) -> Company:
    return make_company(vendor=vendor, name="Arches")


@pytest.fixture
def plan(vendor: Vendor) -> Plan:
    """31.00 a month for the whole company: one a day in October."""
    return make_plan(vendor=vendor, price_minor=3_100, name="Office")
