"""Keep the keys that secure messages are sealed with: make a new one, or seal everything anew under the newest.

COMPTOIR_MESSAGE_KEYS holds them, the newest first, separated by commas. Whoever loses them loses the messages.
"""

import argparse
import os
from collections import Counter
from collections.abc import Callable

from comptoir.cli.migrate import comptoir_with_tables
from comptoir.cli.preparation import comptoir_ready, home, home_environment, keep_in_home

VARIABLE = "COMPTOIR_MESSAGE_KEYS"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    new = actions.add_parser("new", help="make a key, and put it before the others")
    new.set_defaults(act=_new)
    reseal = actions.add_parser("reseal", help="seal everything anew under the newest key; then the others can go")
    reseal.set_defaults(act=_reseal)


def run(args: argparse.Namespace) -> int:
    """Do the action, and say what was done."""
    act: Callable[[], None] = args.act
    act()
    return 0


def _new() -> None:
    """Keep the new key where the others are: in the home, if that has a database of its own; else say what to set."""
    given = os.environ.get(VARIABLE, "")
    kept_at_home = not given and not os.environ.get("DATABASE_URL")
    with comptoir_ready():
        from comptoir.inbox.sealing import new_key

        before = home_environment(home())[VARIABLE] if kept_at_home else given
        keys = ",".join(filter(None, (new_key(), before)))
        if kept_at_home:
            keep_in_home(home(), {VARIABLE: keys})
            print("A new key is kept. Restart web, then “comptoir message-keys reseal”.")
        else:
            print(f"{VARIABLE}={keys}")


def _reseal() -> None:
    with comptoir_with_tables():
        from comptoir.access.signing import SEALED as SIGNING_KEYS
        from comptoir.inbox.resealing import reseal, under_older_keys
        from comptoir.transfers.documents import SEALED as PAPERS

        above = (*PAPERS, *SIGNING_KEYS)
        done: Counter[str] = Counter()
        for table, rows in reseal(also=above):
            done[table] += rows
        print(f"Sealed anew: {done.total()}. Under older keys: {under_older_keys(also=above)}.")
