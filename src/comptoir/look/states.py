"""What each state of the system is called, and how it feels: its word, its tone, its shape."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class State:
    """A state's word, its tone (a colour) and its icon (a shape)."""

    word: str | Promise
    tone: str
    icon: str


TONE_ICONS = {
    "neutral": "ring",
    "success": "success",
    "info": "clock",
    "warning": "warning",
    "danger": "danger",
}


def _state(word: str | Promise, tone: str) -> State:
    return State(word=word, tone=tone, icon=TONE_ICONS[tone])


STATES: dict[str, State] = {
    # payments
    "created": _state(_("Started"), "neutral"),
    "action_required": _state(_("Needs your action"), "warning"),
    "processing": _state(_("Processing"), "info"),
    "succeeded": _state(_("Succeeded"), "success"),
    "failed": _state(_("Failed"), "danger"),
    "canceled": _state(_("Canceled"), "neutral"),
    "returned": _state(_("Returned by the bank"), "danger"),
    "disputed": _state(_("Disputed"), "danger"),
    "refunded": _state(_("Refunded"), "neutral"),
    # invoices
    "draft": _state(_("Draft"), "neutral"),
    "sample": _state(_("Sample"), "neutral"),
    "issued": _state(_("Issued"), "info"),
    "open": _state(pgettext_lazy("invoice", "Open"), "neutral"),
    "due": _state(_("Due"), "warning"),
    "overdue": _state(_("Overdue"), "danger"),
    "partly_paid": _state(_("Partly paid"), "info"),
    "paid": _state(_("Paid"), "success"),
    "settled": _state(pgettext_lazy("invoice", "Settled"), "neutral"),
    "credited": _state(_("Credited"), "neutral"),
    # standing
    "good": _state(_("Good standing"), "success"),
    "warned": _state(_("Payment needed"), "warning"),
    "limited": _state(_("Limited"), "danger"),
    "suspended": _state(_("Suspended"), "danger"),
    # pays by
    "autopay": _state(_("Autopay"), "success"),
    "manual": _state(_("Pays by hand"), "neutral"),
    "check": _state(_("Pays by check"), "neutral"),
    # bill runs, imports, waves
    "planned": _state(_("Planned"), "neutral"),
    "queued": _state(_("Queued"), "neutral"),
    "running": _state(_("Running"), "info"),
    "done": _state(_("Done"), "success"),
    "updated": _state(_("Updated"), "info"),
    "unchanged": _state(_("Unchanged"), "neutral"),
    "stopped": _state(_("Stopped"), "warning"),
    "refused": _state(_("Refused"), "danger"),
    # mail
    "sending": _state(_("Being sent"), "info"),
    "in_doubt": _state(_("In doubt"), "warning"),
    "held": _state(_("Kept back"), "warning"),
    "sent": _state(_("Sent"), "info"),
    "delivered": _state(_("Delivered"), "success"),
    "bounced": _state(_("Bounced"), "danger"),
    "complained": _state(_("Called unwanted"), "danger"),
    # letters on paper
    "paper": _state(_("To be printed"), "warning"),
    "printed": _state(_("Printed"), "success"),
    "call": _state(_("To be called"), "danger"),
    "called": _state(_("Called"), "info"),
    # payment methods, members, stores
    "active": _state(_("Active"), "success"),
    "inactive": _state(_("Inactive"), "neutral"),
    "invited": _state(_("Invited"), "info"),
    "revoked": _state(_("Revoked"), "neutral"),
    "expired": _state(_("Expired"), "danger"),
    "verified": _state(_("Confirmed"), "success"),
    "unverified": _state(_("To confirm"), "warning"),
}
