"""A browser for tests."""

from typing import Any

from django.test import Client

from tests.databases import Database


class WebClient(Client):
    """A browser whose requests are served the way the web processes serve them: logged in as ``comptoir_web``."""

    def __init__(self, database: Database, **defaults: Any) -> None:
        super().__init__(**defaults)
        self._database = database

    def request(self, **request: Any) -> Any:
        """Serve a request on a connection of its own."""
        with self._database.as_web():
            return super().request(**request)
