"""Scenarios run over everything that there is."""

from tests.running import sandbox, site

__all__ = ["sandbox", "site"]
