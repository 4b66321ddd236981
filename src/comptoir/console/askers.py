"""Who of the team asks for what may need a second person's word."""

from comptoir.payments.second_word import Asker

from .shell import StaffVisit


def asker(visit: StaffVisit) -> Asker:
    """Return who asks or decides."""
    return Asker(
        user_id=visit.user_id,
        actor=visit.actor,
        role=visit.role,
        vendor_id=visit.vendor.id,
        today=visit.today,
        now=visit.now,
    )
