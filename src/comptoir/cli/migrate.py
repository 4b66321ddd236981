"""Bring the database to this version: make its tables, roles and rules."""

import argparse

from comptoir.cli.preparation import comptoir_ready


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--quiet", action="store_true", help="say nothing when all goes well")


def run(args: argparse.Namespace) -> int:
    """Apply the migrations that are missing."""
    with comptoir_ready():
        from django.core.management import call_command

        call_command("migrate", interactive=False, verbosity=0 if args.quiet else 1)
    return 0
