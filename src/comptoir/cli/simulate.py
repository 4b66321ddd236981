"""Move a sandbox vendor's test clock on, month by month, through all that falls due; then prove the books."""

import argparse

from comptoir.cli import check_books
from comptoir.cli.preparation import comptoir_ready


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the vendor and how long."""
    parser.add_argument("--vendor", required=True, metavar="SLUG", help="whose clock is moved")
    parser.add_argument("--months", type=int, default=12, help="how far (%(default)s)")


def run(args: argparse.Namespace) -> int:
    """Say what each month brought, and whether the books hold; exit 1 if they do not. Raises VendorNotFound."""
    with comptoir_ready():
        from comptoir.config.simulation import simulate
        from comptoir.kit.money import format_money
        from comptoir.tenancy.queries import vendor_by_slug

        seller = vendor_by_slug(args.vendor)
        for month in simulate(vendor_id=seller.id, months=args.months):
            amount = format_money(amount_minor=month.issued.total_minor, currency=seller.currency, language="en")
            given_back = format_money(amount_minor=month.issued.credit_minor, currency=seller.currency, language="en")
            print(
                f"{month.starts_on:%B %Y}: {month.issued.invoices} invoices over {amount}, {given_back} given back, "
                f"{month.issued.exceptions} exceptions",
                flush=True,
            )
        return check_books.prove()
