"""Measure speed, as ratios; the last line of output is JSON."""

import argparse

from comptoir.cli.preparation import comptoir_ready


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the benches and their sizes."""
    benches = parser.add_subparsers(dest="bench", metavar="BENCH", required=True)
    bill_run = benches.add_parser("bill-run", help="a bill run beside a bare COPY of the same rows")
    bill_run.add_argument("--companies", type=int, default=10_000, help="with 3 subscriptions each")
    bill_run.add_argument("--workers", type=int, default=2, help="processes that plan and issue at once")
    bill_run.add_argument("--history-months", type=int, default=0, help="bill runs that go before the measured one")


def run(args: argparse.Namespace) -> int:
    """Run the bench and print its figures."""
    with comptoir_ready():
        from comptoir.bench import bill_run

        figures = bill_run.run(companies=args.companies, workers=args.workers, history_months=args.history_months)
        print(bill_run.as_json(figures))
    return 0
