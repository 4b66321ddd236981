"""That the processor takes nothing from a vendor, for a reason that lies with the vendor: its team has to know."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from comptoir.kit.events import emit
from comptoir.tenancy.audit import system
from comptoir.work.operations import close_work, open_work

from .gateways import GatewayNotReady
from .payer import Payer


def processor_is_not_ready(vendor_id: int, *, now: datetime) -> None:
    """Put on the team's list, once, that its account at the processor takes no payments. Must run in a transaction."""
    open_work(vendor_id=vendor_id, kind="processor_not_ready", subject=f"vendor:{vendor_id}", now=now, urgent=True)


def processor_is_ready(vendor_id: int, *, now: datetime) -> None:
    """Take that off the list: a payment was taken. Must run in a transaction."""
    close_work(
        vendor_id=vendor_id,
        kind="processor_not_ready",
        subject=f"vendor:{vendor_id}",
        actor=system("payments"),
        now=now,
    )


@contextmanager
def telling_the_team(payer: Payer) -> Iterator[None]:
    """Have the team told where the processor lets a payer open no page. Raises what was raised."""
    try:
        yield
    except GatewayNotReady:
        with payer.door():
            emit(
                name="processor_not_ready",
                topic=f"vendor:{payer.vendor.id}",
                vendor_id=payer.vendor.id,
                company_id=payer.company.id,
                data={},
            )
        raise
