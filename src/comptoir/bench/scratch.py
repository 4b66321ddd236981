"""A database of its own for a bench, dropped at the end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

NAME = "comptoir_bench"


@contextmanager
def scratch_database() -> Iterator[str]:
    """Make an empty, migrated database beside the configured one, work in it, drop it; yield its URL."""
    url = os.environ["DATABASE_URL"]
    name = f"{NAME}_{os.getpid()}"
    scratch_url = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        connections.close_all()
        before = settings.DATABASES["default"]["NAME"]
        connections["default"].settings_dict["NAME"] = name
        try:
            call_command("migrate", verbosity=0)
            yield scratch_url
        finally:
            connections.close_all()
            connections["default"].settings_dict["NAME"] = before
            server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


@contextmanager
def twin_of(url: str) -> Iterator[str]:
    """Copy a scratch database as it is now, and drop the copy at the end; yield its URL."""
    database = urlsplit(url).path.removeprefix("/")
    twin = f"{database}_twin"
    connections.close_all()  # nobody may be in a database that is copied
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(twin), sql.Identifier(database)))
        try:
            yield urlunsplit(urlsplit(url)._replace(path=f"/{twin}"))
        finally:
            server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(twin)))
