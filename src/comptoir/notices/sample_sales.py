"""What a change of owner's mails would say, with plausible facts; of the samples."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .sample_facts import Writer

PAGE = "https://billing.example/c/3f6c1f5e-6c0e-4a52-9d0b-6b9a4f6d2a11/owners/5d1e/"
LINK = "https://billing.example/change-of-owner/8c2d1f/"


def sale(*, is_seller: bool, **instead: Any) -> Callable[[Writer], dict[str, Any]]:
    """Return what writes the facts of a change of owner, as one of the two sides is told it."""

    def write_facts(write: Writer) -> dict[str, Any]:
        return {
            "seller": "Fish & Chips of Springfield LLC",
            "buyer": "Plains Dining Group LLC",
            "is_seller": is_seller,
            "day": write.day(date(2020, 12, 1)),
            "stores": ["1201 Downtown", "1202 Airport"],
            "more": 0,
            "asked": False,
            "is_new": False,
            "by": "seller",
            "reason": "",
            "expires_on": write.day(date(2020, 10, 7)),
            "url": PAGE,
            **instead,
        }

    return write_facts
