"""What the two sides of a change of owner are told, each in its language, and never of the other's pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from comptoir.customers.queries import billing_email
from comptoir.kit.dates import format_date
from comptoir.notices import links
from comptoir.notices.composing import write
from comptoir.tenancy.queries import company, vendor

from .links import token_of
from .models import Side, Status
from .queries import TransferRow, new_company, stores_of

STORES_NAMED = 10


@dataclass(frozen=True, slots=True)
class Reader:
    """A side that is told; ``url`` is where it sees how things stand, empty where it sees nothing any more."""

    side: str
    company_id: int | None
    language: str
    to: str
    url: str


def tell_sides(row: TransferRow, *, news: str) -> None:
    """Write to each side what it is to know of ``news``, once. Must run in a transaction."""
    seller = vendor(row.vendor_id)
    labels = stores_of(row.id)
    for reader in _readers(row):
        name = _mail_for(row, side=reader.side, news=news)
        if name is None:
            continue
        told = row.invitation if name == "transfer_invitation" and reader.side == Side.BUYER else None
        write(
            name=name,
            key=f"{name}:{told or row.public_id}:{reader.side}",
            vendor=seller,
            company_id=reader.company_id,
            language=reader.language,
            to=reader.to,
            facts={
                "seller": row.seller_name,
                "buyer": row.buyer_name,
                "is_seller": reader.side == Side.SELLER,
                "day": format_date(day=row.takes_effect_on, language=reader.language),
                "stores": labels[:STORES_NAMED],
                "more": max(len(labels) - STORES_NAMED, 0),
                "asked": row.status == Status.ASKED,
                "is_new": reader.side == Side.BUYER and new_company(row.id) is not None,
                "by": row.withdrawn_side,
                "reason": row.reason,
                "expires_on": _expiry(row, language=reader.language),
                "url": reader.url,
            },
            opens_a_door=reader.company_id is None,
        )


def _mail_for(row: TransferRow, *, side: str, news: str) -> str | None:
    """Return the mail that a side gets of some news, or None."""
    if news in ("started", "placed", "invited", "asked"):
        if row.waits_for(side):
            return "transfer_invitation" if news != "invited" or side == Side.BUYER else None
        return "transfer_started" if news in ("started", "asked") and side == row.started_side else None
    if news == "accepted" and row.status == Status.STARTED:
        return None  # the other side has its invitation already
    return f"transfer_{news}"


def _readers(row: TransferRow) -> Iterator[Reader]:
    for side, company_id in ((Side.SELLER, row.seller_id), (Side.BUYER, row.buyer_id)):
        if company_id is not None:
            own = company(company_id)
            if to := billing_email(company_id):
                url = links.transfer_url(company_public_id=own.public_id, transfer_public_id=row.public_id)
                yield Reader(side, company_id, own.language, to, url)
        elif side == Side.BUYER and row.buyer_email:
            yield Reader(side, None, row.buyer_language, row.buyer_email, _link(row))


def _link(row: TransferRow) -> str:
    """Return the link by which a buyer who has no page yet accepts, or withdraws."""
    if row.invitation is None or not row.is_open:
        return ""
    return links.transfer_link_url(token_of(row.invitation, purpose="withdraw" if row.buyer_accepted_at else "accept"))


def _expiry(row: TransferRow, *, language: str) -> str:
    at = row.invitation_expires_at
    return format_date(day=at.date(), language=language) if at else ""
