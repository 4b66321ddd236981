"""Why a check was matched so, in words."""

from collections.abc import Iterable
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from comptoir.kit.dates import format_date

from .matching import Reason

SENTENCES: dict[str, Promise] = {
    "scan_line": _("The slip’s scan line names invoice %(invoice)s."),
    "invoice_number": _("Invoice %(invoice)s is named."),
    "remembered": _("%(who)s matched checks of “%(name)s” to this company before."),
    "own_name": _("The name on the check is the company’s."),
    "amount_alone": _("The amount is what is open on invoice %(invoice)s."),
    "amount_fits": _("The amount is just what is open."),
    "next_number": _("Its number %(number)s follows the company’s last check."),
    "scan_line_misread": _("A scan line was misread: %(line)s. Compare it with the slip."),
    "scan_line_of_another": _("A scan line is not of this vendor."),
    "paid_already": _("What it names is paid already, or on its way."),
    "came_before": _("A check of this number, name and amount came on %(day)s already."),
}


def in_words(reasons: Iterable[Reason]) -> list[str]:
    """Return each reason as a sentence, in the active language."""
    return [str(SENTENCES[code]) % _facts(facts) for code, facts in reasons]


def _facts(facts: dict[str, str]) -> dict[str, str]:
    if "on" not in facts:
        return facts
    return {**facts, "day": format_date(day=date.fromisoformat(facts["on"]), language=get_language() or "en")}
