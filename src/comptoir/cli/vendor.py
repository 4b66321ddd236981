"""Make a vendor: a company that bills its customers here; say where it collects taxes, and when its invoices are due.

With --admin, the first admin of its billing team is invited, and the link of the invitation printed; it is mailed too.
"""

import argparse
import re
from collections.abc import Callable, Collection
from datetime import date
from zoneinfo import available_timezones

from babel.numbers import list_currencies

from comptoir.cli.migrate import comptoir_with_tables
from comptoir.cli.preparation import comptoir_ready


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    create = actions.add_parser("create", help="make a vendor")
    slug = _written(r"[a-z0-9-]+", "small letters, digits and hyphens")
    create.add_argument("slug", type=slug, help="its short name: small letters, digits, hyphens")
    create.add_argument("--name", required=True, help="what its customers call it")
    create.add_argument("--legal-name", help="its name in law, if that is another one")
    email = _written(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]+", "the form name@example.com")
    create.add_argument("--email", type=email, required=True, help="the billing team's address, shown to customers")
    currency = _one_of(list_currencies(), "no currency's code, such as USD")
    create.add_argument("--currency", type=currency, default="USD", help="the currency it bills in (USD)")
    zone = _one_of(available_timezones(), "no time zone's name, such as America/New_York")
    create.add_argument(
        "--time-zone", type=zone, default="America/New_York", help="where its days begin (America/New_York)"
    )
    create.add_argument("--language", default="en", choices=["en", "fr", "es"], help="its own language (en)")
    create.add_argument("--address", action="append", default=[], metavar="LINE", help="a line of its postal address")
    create.add_argument("--phone", default="", help="its telephone number")
    colour = _written(r"#[0-9a-f]{6}", "# and six hexadecimal digits")
    create.add_argument("--colour", type=colour, default="#1f5f8b", help="its colour, as #rrggbb")
    create.add_argument(
        "--business-date", type=date.fromisoformat, help="make it a sandbox whose clock begins on this day"
    )
    create.add_argument("--admin", type=email, metavar="EMAIL", help="invite the first admin of its billing team")
    create.set_defaults(act=_create)
    collect = actions.add_parser("collect-tax", help="have a vendor collect a jurisdiction's taxes, and all below it")
    collect.add_argument("slug", help="the vendor's short name")
    collect.add_argument("jurisdiction", help="its code in the tax table, such as US-PA, CA-QC or FR")
    collect.add_argument("--since", type=date.fromisoformat, required=True, help="the first day of its registration")
    collect.set_defaults(act=_collect_tax)
    terms = actions.add_parser("billing-terms", help="set when a vendor's invoices are issued and due")
    terms.add_argument("slug", help="the vendor's short name")
    terms.add_argument("--lead-days", type=int, required=True, help="issued so many days before a period starts")
    terms.add_argument("--terms-days", type=int, required=True, help="due so many days after the period starts")
    terms.set_defaults(act=_set_terms)


def run(args: argparse.Namespace) -> int:
    """Do the action, and say what was done."""
    act: Callable[[argparse.Namespace], None] = args.act
    act(args)
    return 0


def _collect_tax(args: argparse.Namespace) -> None:
    """Raises VendorNotFound, JurisdictionUnknown, AlreadyRegistered."""
    with comptoir_with_tables():
        from django.db import transaction

        from comptoir.taxes.operations import register
        from comptoir.tenancy.audit import system
        from comptoir.tenancy.queries import vendor_by_slug

        with transaction.atomic():
            register(
                vendor_id=vendor_by_slug(args.slug).id,
                jurisdiction_code=args.jurisdiction,
                since=args.since,
                actor=system("comptoir vendor collect-tax"),
            )
        print(f"Vendor {args.slug} collects the taxes of {args.jurisdiction} from {args.since} on.")


def _set_terms(args: argparse.Namespace) -> None:
    """Raises VendorNotFound, TermsOutOfBounds."""
    with comptoir_with_tables():
        from django.db import transaction

        from comptoir.tenancy.audit import system
        from comptoir.tenancy.operations import set_billing_terms
        from comptoir.tenancy.queries import vendor_by_slug

        with transaction.atomic():
            set_billing_terms(
                vendor_id=vendor_by_slug(args.slug).id,
                invoice_lead_days=args.lead_days,
                terms_days=args.terms_days,
                actor=system("comptoir vendor billing-terms"),
            )
        print(
            f"Invoices of {args.slug} are issued {args.lead_days} days before a period starts, "
            f"and due {args.terms_days} days after it does."
        )


def _create(args: argparse.Namespace) -> None:
    with comptoir_ready(signs=True):
        from django.conf import settings
        from django.db import transaction
        from django.urls import reverse

        from comptoir.identity.operations import invite_staff
        from comptoir.kit.clocks import wall_now
        from comptoir.tenancy.audit import system
        from comptoir.tenancy.operations import create_vendor

        actor = system("comptoir vendor create")
        with transaction.atomic():
            vendor_id = create_vendor(
                slug=args.slug,
                name=args.name,
                legal_name=args.legal_name or args.name,
                currency=args.currency,
                time_zone=args.time_zone,
                language=args.language,
                email=args.email,
                address_lines=args.address,
                phone=args.phone,
                colour=args.colour,
                business_date=args.business_date,
                actor=actor,
            )
            invitation = None
            if args.admin:
                invitation = invite_staff(
                    vendor_id=vendor_id, email=args.admin, role="admin", actor=actor, now=wall_now()
                )
        print(f"Vendor {args.slug} was made.")
        if invitation:
            link = settings.BASE_URL + reverse("console_invitation", args=[invitation.token])
            print(f"Invitation for {invitation.email}: {link}")


def _written(pattern: str, description: str) -> Callable[[str], str]:
    """Give the reader of an argument that must be written in a certain way."""

    def read(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise argparse.ArgumentTypeError(f"“{value}” must be written in {description}")
        return value

    return read


def _one_of(known: Collection[str], otherwise: str) -> Callable[[str], str]:
    """Give the reader of an argument that must be one of those known."""

    def read(value: str) -> str:
        if value not in known:
            raise argparse.ArgumentTypeError(f"“{value}” is {otherwise}")
        return value

    return read
