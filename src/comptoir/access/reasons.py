"""Why a company's standing is what it is: a code that is stored, its facts, and its words for each reader."""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from comptoir.kit.dates import format_date
from comptoir.kit.money import format_money

Facts = Mapping[str, Any]


class Reason(StrEnum):
    """The codes, and in brackets the facts that each needs, as JSON: days as ISO dates, amounts in minor units."""

    # amount_minor, currency, due_on (of the oldest invoice), invoices (how many), debit_waits (if a bank debit lets in
    # once it is settled alone)
    OVERDUE = "overdue"
    PAID = "paid"
    PAYMENT_COMING = "payment_coming"  # amount_minor, currency
    PROMISED = "promised"  # until: last day of the promise to pay
    HELD = "held"  # until: a person stopped reminders for so long
    BY_TEAM = "by_team"  # the billing team decided it by hand
    NOTHING_DUE = "nothing_due"
    COVERED = "covered"  # by a credit of the company
    LITTLE = "little"  # amount_minor, currency: less than the policy reminds of


def words_of(*, reason: str, facts: Facts) -> str:
    """Say a stored reason in a sentence of the active language, to the company itself.

    It also fits a reader from the billing team: it speaks of the company's invoices, not of “you”.
    """
    return _WORDS[Reason(reason)](facts)


def way_back(*, reason: str, facts: Facts) -> str:
    """Say when access returns to whoever is not let in for a stored reason; empty where paying would not help."""
    if reason != Reason.OVERDUE:
        return ""
    if facts.get("debit_waits"):
        return _(
            "Access returns at once when you pay by card. A payment from a bank account counts once the bank has "
            "settled it, some days later."
        )
    return _("Access returns at once when you pay.")


def _overdue(facts: Facts) -> str:
    count = int(facts["invoices"])
    return ngettext(
        "An invoice of %(amount)s has been due since %(day)s and is not paid.",
        "%(count)s invoices are due and not paid: %(amount)s in all, the oldest since %(day)s.",
        count,
    ) % {"count": count, "amount": _amount(facts), "day": _day(facts["due_on"])}


def _payment_coming(facts: Facts) -> str:
    return _("A payment of %(amount)s is on its way.") % {"amount": _amount(facts)}


def _promised(facts: Facts) -> str:
    return _("Payment is promised by %(day)s.") % {"day": _day(facts["until"])}


def _held(facts: Facts) -> str:
    return _("The billing team waits until %(day)s.") % {"day": _day(facts["until"])}


def _little(facts: Facts) -> str:
    return _("Only %(amount)s of what was due is open.") % {"amount": _amount(facts)}


_WORDS: dict[Reason, Callable[[Facts], str]] = {
    Reason.OVERDUE: _overdue,
    Reason.PAID: lambda _facts: _("What was due is paid."),
    Reason.PAYMENT_COMING: _payment_coming,
    Reason.PROMISED: _promised,
    Reason.HELD: _held,
    Reason.BY_TEAM: lambda _facts: _("The billing team has decided it."),
    Reason.NOTHING_DUE: lambda _facts: _("Nothing is overdue."),
    Reason.COVERED: lambda _facts: _("A credit covers what is overdue."),
    Reason.LITTLE: _little,
}


def _amount(facts: Facts) -> str:
    return format_money(amount_minor=facts["amount_minor"], currency=facts["currency"], language=get_language() or "en")


def _day(written: str) -> str:
    return format_date(day=date.fromisoformat(written), language=get_language() or "en")
