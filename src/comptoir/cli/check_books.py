"""Prove the books: ask the whole database every question whose right answer is nothing."""

import argparse

from comptoir.cli.migrate import comptoir_with_tables


def configure(parser: argparse.ArgumentParser) -> None:
    """There is nothing to choose."""


def run(args: argparse.Namespace) -> int:
    """Say which rules hold; exit 1 if one does not, with the rows that show it."""
    with comptoir_with_tables():
        return prove()


def prove() -> int:
    """Check the books of the database that is ready, print what holds, and return the exit code."""
    from comptoir.config.books import CHECKS, check_books

    breaches = {breach.rule: breach for breach in check_books()}
    for check in CHECKS:
        breach = breaches.get(check.rule)
        print(f"{'BROKEN' if breach else 'holds '}  {check.rule}")
        for row in breach.rows if breach else ():
            print(f"          {row}")
    print(f"{len(CHECKS) - len(breaches)} of {len(CHECKS)} rules hold.")
    return 1 if breaches else 0
