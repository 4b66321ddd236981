"""How an amount is shared out over invoices: the oldest due first, each up to what can be paid of it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shares:
    """What goes to which invoice (minor units by invoice id), and what is left for none of them."""

    amounts: dict[int, int]
    on_account_minor: int


def share_out(amount_minor: int, *, payable: Iterable[tuple[int, int]]) -> Shares:
    """Share ``amount_minor`` out over ``payable``: pairs of invoice id and minor units, the oldest due first."""
    left, amounts = amount_minor, {}
    for invoice_id, payable_minor in payable:
        part = min(left, payable_minor)
        if part > 0:
            amounts[invoice_id] = part
            left -= part
    return Shares(amounts=amounts, on_account_minor=left)
