"""Do the work that waits in the database: mail, payments, what falls due."""

import argparse

from comptoir.cli.preparation import comptoir_ready


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments: none."""


def run(_args: argparse.Namespace) -> int:
    """Work until asked to stop; the work in hand is finished first."""
    with comptoir_ready(tells=True, signs=True):
        from comptoir.config import worker

        worker.run()
    return 0
