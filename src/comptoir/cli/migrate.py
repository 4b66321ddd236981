"""Bring the database to this version: its tables, roles and rules, and the built-in table of tax rates."""

import argparse

from comptoir.cli.preparation import comptoir_ready


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--quiet", action="store_true", help="say nothing when all goes well")


def run(args: argparse.Namespace) -> int:
    """Apply the migrations and tax rates that are missing."""
    with comptoir_ready():
        from django.core.management import call_command

        from comptoir.taxes.loading import BUILT_IN, load_table, read_table

        call_command("migrate", interactive=False, verbosity=0 if args.quiet else 1)
        load_table(read_table(BUILT_IN))
    return 0
