"""What the worker does for checks: each listener is one transaction, so a kill leaves nothing half done."""

from comptoir.kit.clocks import wall_now
from comptoir.kit.events import Happened

from .posting import carry_out_decision, post_deposit


def post_closed(event: Happened) -> None:
    """Put a deposit that ties out into the books."""
    post_deposit(deposit_id=event.data["deposit"], now=wall_now())


def do_decided(event: Happened) -> None:
    """Do what a person decided of a check."""
    carry_out_decision(decision_id=event.data["decision"], now=wall_now())
