"""Register products for the single sign-on, and rotate the key that their tokens are signed with.

“register” prints the client id and secret that the product's own configuration needs; the secret is shown this once.
An admin does the same, and changes addresses, on the console's page Programs.
Discovery is at COMPTOIR_BASE_URL/.well-known/openid-configuration.
"""

import argparse
from collections.abc import Callable

from comptoir.cli.migrate import comptoir_with_tables

BY = "comptoir single-sign-on"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    register = actions.add_parser("register", help="register a product's program")
    register.add_argument("slug", help="the vendor's short name")
    register.add_argument("product", help="the product's code in the catalog")
    register.add_argument(
        "--redirect",
        action="append",
        required=True,
        metavar="URL",
        help="where people are sent back to, letter by letter",
    )
    register.add_argument(
        "--after-logout", action="append", default=[], metavar="URL", help="where people are sent to after a logout"
    )
    register.add_argument("--backchannel-logout", default="", metavar="URL", help="where it hears that a login ended")
    register.set_defaults(act=_register)
    listing = actions.add_parser("list", help="list a vendor's clients")
    listing.add_argument("slug", help="the vendor's short name")
    listing.set_defaults(act=_list)
    for name, act, what in (
        ("new-secret", _new_secret, "give a client another secret; the one before is refused"),
        ("disable", _disable, "let nobody come in by a client; whoever did is out"),
        ("enable", _enable, "let people come in by it again"),
        ("remove", _remove, "take a client off; whoever came in by it is out"),
    ):
        of_client = actions.add_parser(name, help=what)
        of_client.add_argument("slug", help="the vendor's short name")
        of_client.add_argument("client_id", help="its client id")
        of_client.set_defaults(act=act)
    rotate = actions.add_parser("rotate-key", help="make a new signing key, which signs after an hour")
    rotate.set_defaults(act=_rotate)


def run(args: argparse.Namespace) -> int:
    """Do the action, and say what was done."""
    act: Callable[[argparse.Namespace], None] = args.act
    act(args)
    return 0


def _register(args: argparse.Namespace) -> None:
    """Raises VendorNotFound, ClientNotRegistered."""
    with comptoir_with_tables():
        from comptoir.access.clients import register_client
        from comptoir.access.signing import rotate_if_old
        from comptoir.kit.clocks import wall_now
        from comptoir.tenancy.audit import system
        from comptoir.tenancy.queries import vendor_by_slug

        made = register_client(
            vendor_id=vendor_by_slug(args.slug).id,
            product_code=args.product,
            redirect_uris=args.redirect,
            post_logout_uris=args.after_logout,
            backchannel_logout_uri=args.backchannel_logout,
            actor=system(f"{BY} register"),
        )
        rotate_if_old(now=wall_now())
        print(f"client id: {made.client_id}\nclient secret, shown this once: {made.secret}")


def _list(args: argparse.Namespace) -> None:
    """Raises VendorNotFound."""
    with comptoir_with_tables():
        from comptoir.access.clients import clients_of
        from comptoir.tenancy.queries import vendor_by_slug

        for row in clients_of(vendor_by_slug(args.slug).id):
            state = "  disabled" if row.disabled_at else ""
            print(f"{row.client_id}  {row.product_name}  {' '.join(row.redirect_uris)}{state}")


def _new_secret(args: argparse.Namespace) -> None:
    """Raises VendorNotFound, ClientNotFound."""
    with comptoir_with_tables():
        from comptoir.access.clients import renew_secret
        from comptoir.tenancy.audit import system
        from comptoir.tenancy.queries import vendor_by_slug

        vendor_id = vendor_by_slug(args.slug).id
        made = renew_secret(vendor_id=vendor_id, client_id=args.client_id, actor=system(f"{BY} new-secret"))
        print(f"client secret, shown this once: {made.secret}")


def _disable(args: argparse.Namespace) -> None:
    """Raises VendorNotFound, ClientNotFound."""
    with comptoir_with_tables():
        from comptoir.access.clients import disable_client
        from comptoir.kit.clocks import wall_now
        from comptoir.tenancy.audit import system
        from comptoir.tenancy.queries import vendor_by_slug

        vendor_id, by = vendor_by_slug(args.slug).id, system(f"{BY} disable")
        disable_client(vendor_id=vendor_id, client_id=args.client_id, actor=by, now=wall_now())
        print(f"Client {args.client_id} is disabled.")


def _enable(args: argparse.Namespace) -> None:
    """Raises VendorNotFound, ClientNotFound."""
    with comptoir_with_tables():
        from comptoir.access.clients import enable_client
        from comptoir.tenancy.audit import system
        from comptoir.tenancy.queries import vendor_by_slug

        vendor_id = vendor_by_slug(args.slug).id
        enable_client(vendor_id=vendor_id, client_id=args.client_id, actor=system(f"{BY} enable"))
        print(f"Client {args.client_id} is enabled.")


def _remove(args: argparse.Namespace) -> None:
    """Raises VendorNotFound, ClientNotFound."""
    with comptoir_with_tables():
        from comptoir.access.clients import remove_client
        from comptoir.tenancy.audit import system
        from comptoir.tenancy.queries import vendor_by_slug

        vendor_id = vendor_by_slug(args.slug).id
        remove_client(vendor_id=vendor_id, client_id=args.client_id, actor=system(f"{BY} remove"))
        print(f"Client {args.client_id} is taken off.")


def _rotate(_args: argparse.Namespace) -> None:
    with comptoir_with_tables():
        from comptoir.access.signing import rotate
        from comptoir.kit.clocks import wall_now

        print(f"Key {rotate(now=wall_now())} is published, and signs after an hour.")
