"""What a payer reads on the bank's statement, within the limits that Stripe's page on statement descriptors gives."""

import re

from .errors import ApiError
from .params import Params
from .store import Body

DESCRIPTORS = ("statement_descriptor", "statement_descriptor_suffix")
LONGEST, LONGEST_PREFIX, SHORTEST = 22, 10, 5
NOT_ALLOWED = re.compile(r"[<>\\'\"*]|[^\x20-\x7e\u00a0-\u024f]")


def descriptors_of(params: Params, *, kinds: list[str]) -> Body:
    """Give the whole descriptor, which is not for cards, and the suffix, which is for cards alone; refuse others."""
    found = {name: params.text(name) for name in DESCRIPTORS}
    for name, text in found.items():
        if text is None:
            continue
        if len(text) > LONGEST or (name == "statement_descriptor" and len(text) < SHORTEST):
            raise ApiError(f"The {name} must be at most {LONGEST} characters long.", param=params.name(name))
        if not re.search(r"[^\W\d_]", text):
            raise ApiError(f"The {name} must contain at least one letter.", param=params.name(name))
        if NOT_ALLOWED.search(text):
            raise ApiError(f"The {name} contains a character that is not allowed.", param=params.name(name))
    if found["statement_descriptor"] and "card" in kinds:
        raise ApiError(
            "The `statement_descriptor` is not supported for card charges; use `statement_descriptor_suffix` instead.",
            param=params.name("statement_descriptor"),
        )
    return found


def own_descriptors(business_name: str | None) -> tuple[str | None, str | None]:
    """Give what an account of that name has for statements: the whole one, and the prefix of cards'."""
    plain = NOT_ALLOWED.sub("", business_name or "").upper()
    return plain[:LONGEST].strip() or None, plain[:LONGEST_PREFIX].strip() or None


def on_card_statement(account: Body, *, suffix: str | None) -> str | None:
    """Give what a card's statement says: the account's prefix and the suffix, or the account's own descriptor."""
    whole = account["settings"]["payments"]["statement_descriptor"]
    prefix = account["settings"]["card_payments"]["statement_descriptor_prefix"]
    static = prefix or whole
    if suffix is None or static is None:
        return suffix or whole
    return f"{static}* {suffix}".upper()[:LONGEST]
