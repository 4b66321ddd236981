"""What subscriptions refuse."""

from comptoir.kit.errors import ComptoirError


class SubscriptionRefused(ComptoirError):
    """What is asked does not fit the plan, the store, or what the company takes already."""


class StopBeforeStart(SubscriptionRefused):
    """Service would end before it starts."""


class WithinMinimumTerm(SubscriptionRefused):
    """Service would end before its minimum term does, and nobody waived that."""


class TermsRefused(ComptoirError):
    """A discount, a charge or a preference is out of bounds, or overlaps another."""
