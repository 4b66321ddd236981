"""What every test may use. tests/README.md says how."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connections
from hypothesis import settings as hypothesis_settings
from pytest_django.plugin import DjangoDbBlocker

from tests import databases
from tests.databases import Database, Server
from tests.web import WebClient

hypothesis_settings.register_profile("deep")


def pytest_configure(config: pytest.Config) -> None:
    """Name the run once, before its workers start."""
    databases.begin_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the run shared, when its workers have ended."""
    if not hasattr(config, "workerinput"):
        databases.end_run()


@pytest.fixture(scope="session")
def database_server(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Server]:
    """The run's PostgreSQL."""
    with django_db_blocker.unblock(), databases.server() as server:
        yield server


@pytest.fixture(scope="session")
def django_db_setup(database_server: Server, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database behind pytest-django's ``db``: one per worker, in which every test is rolled back."""
    database = database_server.copy_template()
    with django_db_blocker.unblock(), database.as_owner():
        connections["default"].connect()
        yield


@pytest.fixture
def fresh_database(database_server: Server, django_db_blocker: DjangoDbBlocker) -> Iterator[Database]:
    """A database of the test's own, to commit in; the test is connected to it as the worker is."""
    database = database_server.copy_template()
    with django_db_blocker.unblock():
        with database.as_owner():
            yield database
        database_server.drop(database)


@pytest.fixture
def web(fresh_database: Database) -> WebClient:
    """A browser, looking at the test's own database through the web's login."""
    return WebClient(fresh_database)


@pytest.fixture(autouse=True)
def _no_static_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests take static files from where they are written; nobody collected any."""
    monkeypatch.setattr(settings, "STATIC_ROOT", None)


@pytest.fixture(autouse=True)
def _message_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages are sealed under a key that everybody may know."""
    monkeypatch.setattr(settings, "MESSAGE_KEYS", urlsafe_b64encode(b"a key for tests".ljust(32)).decode())
