"""Tell the old system who has moved, as CSV: which services it stops billing, and from which day.

One line for each service; where `taken_back_on` is said, the old system takes it up again from that line's first day.
"""

import argparse
import csv
import sys
from datetime import date

from comptoir.cli.migrate import comptoir_with_tables


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--vendor", required=True, metavar="SLUG", help="the vendor's short name")
    parser.add_argument(
        "--since",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="only who moved, or was taken back, on this business day or later",
    )


def run(args: argparse.Namespace) -> int:
    """Write the lines to the standard output."""
    with comptoir_with_tables():
        from comptoir.cutover.feed import COLUMNS, moved_feed
        from comptoir.tenancy.queries import vendor_by_slug

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(moved_feed(vendor_id=vendor_by_slug(args.vendor).id, since=args.since))
    return 0
