"""Measure speed, as ratios; the last line of output is JSON."""

import argparse
import json
from collections.abc import Mapping

from comptoir.cli.preparation import comptoir_ready


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the benches and their sizes."""
    benches = parser.add_subparsers(dest="bench", metavar="BENCH", required=True)
    bill_run = benches.add_parser("bill-run", help="a bill run beside a bare COPY of the same rows")
    bill_run.add_argument("--companies", type=int, default=10_000, help="with 3 subscriptions each")
    bill_run.add_argument("--workers", type=int, default=2, help="processes that plan and issue at once")
    bill_run.add_argument("--history-months", type=int, default=0, help="bill runs that go before the measured one")

    documents = benches.add_parser("documents", help="one-page invoices as PDF, beside WeasyPrint on the same content")
    documents.add_argument("--documents", type=int, default=10_000, help="rendered in one process, no two alike")

    webhooks = benches.add_parser("webhooks", help="the processor's news, committed, beside an empty view")
    webhooks.add_argument("--events", type=int, default=10_000, help="sent over 16 connections, no two alike")

    autopay = benches.add_parser("autopay", help="automatic debits under faults, beside the processor's own books")
    autopay.add_argument("--payments", type=int, default=10_000, help="companies that are debited on one day")
    importing = benches.add_parser("import", help="an old system's customers beside a bare COPY of the same rows")
    importing.add_argument("--companies", type=int, default=100_000, help="with a store and 3 subscriptions each")
    portal = benches.add_parser("portal", help="the portal's pages beside a bare page of the same process")
    portal.add_argument("--companies", type=int, default=100_000, help="with 36 invoices each")
    portal.add_argument("--seconds", type=float, default=10, help="of each page in each of 4 rounds")

    access = benches.add_parser("access", help="what programs ask of access beside a bare query by primary key")
    access.add_argument("--companies", type=int, default=100_000, help="with 3 stores each")
    access.add_argument("--requests", type=int, default=5_000, help="single questions, and as many bare queries")


def run(args: argparse.Namespace) -> int:
    """Run the bench and print its figures."""
    with comptoir_ready():
        print(json.dumps(_figures(args)))
    return 0


def _figures(args: argparse.Namespace) -> Mapping[str, float | int]:
    if args.bench == "documents":
        from comptoir.bench import documents

        return documents.run(documents=args.documents)
    if args.bench == "autopay":
        from comptoir.bench import autopay

        return autopay.run(payments=args.payments)
    if args.bench == "import":
        from comptoir.bench import importing

        return importing.run(companies=args.companies)
    if args.bench == "webhooks":
        from comptoir.bench import webhooks

        return webhooks.run(events=args.events)
    if args.bench == "portal":
        from comptoir.bench import portal

        return portal.run(companies=args.companies, seconds=args.seconds)
    if args.bench == "access":
        from comptoir.bench import access

        return access.run(companies=args.companies, requests=args.requests)
    from comptoir.bench import bill_run

    return bill_run.run(companies=args.companies, workers=args.workers, history_months=args.history_months)
