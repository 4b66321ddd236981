"""What the tests over a real database share."""

import pytest

from tests.databases import Database
from tests.worlds import World, make_world


@pytest.fixture
def world(fresh_database: Database) -> World:
    """Two vendors, three companies, and the people who act for them."""
    return make_world()
