"""The office that moves customers."""

import pytest

from comptoir.tenancy.models import Vendor
from tests.databases import Database
from tests.factories import make_vendor
from tests.integration.cutover.office import Office


@pytest.fixture
def office(fresh_database: Database) -> Office:
    """A billing team with two companies that the old system bills."""
    return Office(fresh_database)


@pytest.fixture
def telco(db: None) -> Vendor:
    """The telephone company, before anything is imported."""
    return make_vendor(slug="telco", name="Telco")
