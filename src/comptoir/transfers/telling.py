"""Saying that something happened to a change of owner: on record for each side, and to whoever listens."""

from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record

from .models import Transfer


def tell(found: Transfer, *, news: str, actor: Actor, company_id: int | None = None, reason: str = "") -> None:
    """Put on record what happened, and tell the listeners. Must run in the transaction that makes it true.

    ``company_id`` is whose page it happened at; what the team or the system does is on record for both sides.
    """
    sides = [company_id] if company_id else [found.seller_id, found.buyer_id]
    for side in filter(None, sides):
        record(
            actor=actor,
            action=f"change of owner {news}",
            subject=f"transfer:{found.public_id}",
            vendor_id=found.vendor_id,
            company_id=side,
            after={"on": str(found.takes_effect_on), "stores": found.store_count},
            reason=reason,
        )
    emit(
        name="transfer_changed",
        topic=f"transfer:{found.public_id}",
        vendor_id=found.vendor_id,
        company_id=company_id or found.seller_id or found.buyer_id,
        data={"transfer": str(found.public_id), "news": news},
    )
