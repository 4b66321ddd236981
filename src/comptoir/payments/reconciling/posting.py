"""What the processor keeps, and what it pays out, in the vendor's books. Nobody's postings: no company is named."""

from collections.abc import Mapping
from datetime import date

from comptoir.ledger.closing import first_open_day
from comptoir.ledger.operations import Entry, PostingLine, accounts, post

# The day, the currency, and whether the processor gave them back.
FeesOf = tuple[date, str, bool]


def post_fees(*, vendor_id: int, fees: Mapping[FeesOf, int]) -> dict[FeesOf, int]:
    """Post what the processor kept, in minor units, below zero where it gave it back; return the entries' ids likewise.

    Must run in a transaction. Where the books are closed, it is dated on the first day that is open.
    """
    return {
        (day, currency, is_back): _post(
            vendor_id=vendor_id,
            on=day,
            currency=currency,
            reason=f"processor_fees:{day}",
            description="processor's fees given back" if is_back else "processor's fees",
            into="processor_fees",
            amount_minor=minor,
        )
        for (day, currency, is_back), minor in sorted(fees.items())
    }


def post_payout(*, vendor_id: int, payout_id: str, currency: str, amount_minor: int, on: date) -> int:
    """Post that a payout arrived in the bank, and return the entry's id. Must run in a transaction.

    Below zero it is one that did not stay there, or that the processor took from the bank.
    """
    return _post(
        vendor_id=vendor_id,
        on=on,
        currency=currency,
        reason=f"payout:{payout_id}",
        description="payout" if amount_minor > 0 else "payout back",
        into="bank",
        amount_minor=amount_minor,
    )


def _post(
    *, vendor_id: int, on: date, currency: str, reason: str, description: str, into: str, amount_minor: int
) -> int:
    """Move an amount from what is with the processor into an account."""
    chart = accounts(vendor_id=vendor_id, currency=currency)
    postings = [PostingLine(chart[into], amount_minor), PostingLine(chart["processor_clearing"], -amount_minor)]
    (entry_id,) = post(
        vendor_id=vendor_id,
        posted_on=first_open_day(vendor_id=vendor_id, day=on),
        reason=reason,
        entries=[Entry(company_id=None, description=description, postings=postings)],
    )
    return entry_id
