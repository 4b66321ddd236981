"""Run one of Django's management commands: comptoir manage shell."""

import argparse

from comptoir.cli.preparation import comptoir_ready


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="the command and its arguments")


def run(args: argparse.Namespace) -> int:
    """Pass on to Django."""
    with comptoir_ready():
        from django.core.management import execute_from_command_line

        execute_from_command_line(["comptoir manage", *args.arguments])
    return 0
