"""Addresses of the programs of others: which will do, for people to be sent to and for the worker to call."""

from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from comptoir.kit.errors import ComptoirError

from .calls import is_inside, is_known_inside

ON_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def refuse_unsafe(uri: str, *, is_called: bool, refusal: type[ComptoirError]) -> None:
    """Raise ``refusal`` unless an address is whole, and https or on this very machine.

    One that ``is_called`` must not lead into the own network, either: people reach it by themselves, the worker would
    reach it for whoever typed it.
    """
    if not _is_safe(uri):
        raise refusal(_("“%(uri)s” will not do: it must be a whole https address, without “#”.") % {"uri": uri})
    host = urlsplit(uri).hostname or ""
    if is_called and is_inside(host) and not is_known_inside(host):
        raise refusal(
            _(
                "“%(uri)s” will not do: it leads into the network that Comptoir runs in, not to your program. Whoever"
                " runs Comptoir can allow its host in COMPTOIR_INTERNAL_PROGRAMS."
            )
            % {"uri": uri}
        )


def _is_safe(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        parts.port  # noqa: B018  it raises where it is no number
    except ValueError:
        return False
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ON_THIS_MACHINE)
    # A name and password in an address would be shown, and put on record.
    is_whole = bool(parts.hostname) and "@" not in parts.netloc and not parts.fragment
    return is_safe and is_whole and all(letter.isprintable() and not letter.isspace() for letter in uri)
