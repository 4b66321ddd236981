"""Move a sandbox vendor's test clock on, month by month, through all that falls due; then prove the books."""

import argparse
from typing import TYPE_CHECKING

from comptoir.cli import check_books
from comptoir.cli.errors import CannotRun
from comptoir.cli.migrate import comptoir_with_tables

if TYPE_CHECKING:
    from comptoir.tenancy.queries import VendorRow


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the vendor and how long."""
    parser.add_argument("--vendor", metavar="SLUG", help="whose clock is moved; without it, of all in sandbox mode")
    parser.add_argument("--months", type=int, default=12, help="how far (%(default)s)")


def run(args: argparse.Namespace) -> int:
    """Say what each month brought, and whether the books hold; exit 1 if they do not. Raises VendorNotFound."""
    with comptoir_with_tables():
        from comptoir.tenancy.queries import vendor_by_slug, vendors

        chosen = [vendor_by_slug(args.vendor)] if args.vendor else [each for each in vendors() if each.is_sandbox]
        if not chosen:
            raise CannotRun("No vendor is in sandbox mode; “comptoir demo --load-only” loads two that are.")
        for seller in chosen:
            _live(seller, months=args.months)
        return check_books.prove()


def _live(seller: "VendorRow", *, months: int) -> None:
    from comptoir.config.simulation import simulate
    from comptoir.kit.money import format_money

    def written(minor: int) -> str:
        return format_money(amount_minor=minor, currency=seller.currency, language="en")

    for month in simulate(vendor_id=seller.id, months=months):
        issued = month.issued
        print(
            f"{seller.slug}, {month.starts_on:%B %Y}: {issued.invoices} invoices over {written(issued.total_minor)}, "
            f"{written(issued.credit_minor)} given back, {issued.exceptions} exceptions",
            flush=True,
        )
