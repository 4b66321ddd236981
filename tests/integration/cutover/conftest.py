"""The office that moves customers."""

import pytest

from tests.databases import Database
from tests.integration.cutover.office import Office


@pytest.fixture
def office(fresh_database: Database) -> Office:
    """A billing team with two companies that the old system bills."""
    return Office(fresh_database)
