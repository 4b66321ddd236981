"""A second person's word: what is above the limit of who asks is allowed by somebody else, whose limit covers it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from comptoir.invoicing.corrections import above_limit, approval_limit
from comptoir.tenancy.audit import Actor


@dataclass(frozen=True, slots=True)
class Asker:
    """Who of the billing team asks or decides: the person, in which role, for which vendor, on which business date."""

    user_id: int
    actor: Actor
    role: str
    vendor_id: int
    today: date
    now: datetime


@dataclass(frozen=True, slots=True)
class Say:
    """How much a person may allow, in minor units; PostgreSQL keeps to the same."""

    user_id: int
    limit_minor: int

    def covers(self, amount_minor: int) -> bool:
        """Return whether nobody else's word is needed."""
        return amount_minor <= self.limit_minor

    def why_not(self, *, asked_by_id: int, amount_minor: int, currency: str) -> str:
        """Return why this person may not allow what somebody asked for, in words; "" if they may."""
        if asked_by_id == self.user_id:
            return _("You asked for this yourself; somebody else has to allow it.")
        return "" if self.covers(amount_minor) else above_limit(amount_minor=amount_minor, currency=currency)


def say_of(asker: Asker) -> Say:
    """Return how much somebody may allow."""
    return Say(asker.user_id, approval_limit(vendor_id=asker.vendor_id, role=asker.role))
