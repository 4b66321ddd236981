"""What the team's pages call the state of a payment: as every page does, but that another has to act."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comptoir.look.states import STATES

STATUSES = (
    "created",
    "action_required",
    "processing",
    "succeeded",
    "failed",
    "canceled",
    "returned",
    "disputed",
    "refunded",
)
STATUS_WORDS: dict[str, str | Promise] = {
    **{status: STATES[status].word for status in STATUSES},
    "action_required": _("Needs the customer’s action"),
}
