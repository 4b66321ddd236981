"""What a vendor's business day does about what is not paid."""

import logging
from datetime import date, datetime

from comptoir.tenancy.queries import vendor

from .closings import close_due, look_for_hours
from .deciding import decide_day
from .rewriting import give_again, write_papers
from .sending import send_notices

log = logging.getLogger(__name__)


def run_dunning(*, vendor_id: int, on: date, now: datetime) -> None:
    """Close what is to be closed by now, write what a business date brings, then decide every standing anew.

    Each stage commits as it goes: killed anywhere and run again, nobody gets a message twice and nobody is forgotten.
    """
    seller = vendor(vendor_id)
    close_due(seller=seller, on=on, now=now)
    held_up = give_again(seller=seller, on=on, now=now)
    held_up += send_notices(seller=seller, on=on, now=now)
    held_up += write_papers(seller=seller, on=on, now=now)
    if held_up:
        log.error("%s reminders could not be written on %s; the next run tries again", held_up, on)
    look_for_hours(seller=seller, on=on, now=now)
    if undecided := decide_day(seller=seller, on=on, now=now):
        log.error("of %s companies nothing could be decided on %s; the next run tries again", undecided, on)
