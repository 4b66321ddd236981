"""Bring the database to this version: its tables, roles and rules, and the built-in table of tax rates."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from comptoir.cli.preparation import comptoir_ready


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--quiet", action="store_true", help="say nothing when all goes well")


def run(args: argparse.Namespace) -> int:
    """Apply the migrations and tax rates that are missing."""
    with comptoir_ready():
        migrate(verbosity=0 if args.quiet else 1)
    return 0


@contextmanager
def comptoir_with_tables() -> Iterator[None]:
    """Make everything ready as ``comptoir_ready`` does; a database that is new gets its tables first.

    So the first command on a fresh machine may be any of those that work on the data.
    """
    with comptoir_ready():
        from django.db import connection

        if "django_migrations" not in connection.introspection.table_names():
            migrate(verbosity=0)
        yield


def migrate(*, verbosity: int) -> None:
    """Apply what is missing to the database that is ready; ``verbosity`` is as Django's command has it."""
    from django.core.management import call_command

    from comptoir.taxes.loading import BUILT_IN, load_table, read_table

    call_command("migrate", interactive=False, verbosity=verbosity)
    load_table(read_table(BUILT_IN))
