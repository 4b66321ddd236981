"""What the steps, stages and pauses of dunning are called."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise

STEP_WORDS: dict[str, Words] = {
    "due_soon": _("Due soon"),
    "reminder": _("Reminder"),
    "firm_reminder": _("Firm reminder"),
    "final_notice": _("Final notice"),
    "suspension": _("Suspension"),
    "hand_over": _("Hand-over"),
}
STAGE_WORDS: dict[str, tuple[Words, str]] = {
    "overdue": (_("Overdue, not written to yet"), "neutral"),
    "reminder": (_("Reminder"), "info"),
    "firm_reminder": (_("Firm reminder"), "warning"),
    "final_notice": (_("Final notice"), "warning"),
    "closed": (_("Suspended or limited"), "danger"),
    "handed_over": (_("Handed over"), "danger"),
}
PAUSE_WORDS: dict[str, Words] = {
    "hold": _("on hold"),
    "promise": _("a promise to pay runs"),
    "dispute": _("a dispute is open"),
    "message": _("an urgent message is open"),
    "attempt": _("automatic payment tries once more"),
    "payment": _("a payment is under way"),
}
HELD_WORDS: dict[str, Words] = {"hold": _("Held by the team"), "promise": _("Promise to pay")}
EFFECT_WORDS: dict[str, Words] = {
    "suspend": _("suspended"),
    "limit": _("limited, not closed"),
    "never": _("never closed"),
}


def policy_name(name: str) -> Words:
    """Return what a policy is called: the usual one has no name of its own."""
    return name or _("Usual policy")
