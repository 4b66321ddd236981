"""What refunds are called for people: why money goes back, and why it could not."""

from django.utils.translation import gettext as _

from .requesting import TURNED_DOWN
from .sending import NOT_COVERED, NOT_THERE, NOT_WRITTEN


def reason_words() -> dict[str, str]:
    """Return every reason for which money goes back, as the customer reads it, too."""
    return {
        "duplicate": _("Paid twice"),
        "overpaid": _("More was paid than was owed"),
        "correction": _("It was billed wrongly"),
        "goodwill": _("Goodwill"),
        "asked": _("Credit given back on request"),
    }


def reason_word(reason: str) -> str:
    """Return why money goes back, as the customer reads it, too."""
    return reason_words()[reason]


def failure_in_words(code: str) -> str:
    """Return why a refund did not go out, or came back, in a sentence."""
    ours = {
        NOT_COVERED: _("The company’s credit, or the payment on the invoice, was used for something else meanwhile."),
        NOT_THERE: _("The payment came back, or was disputed, before."),
        NOT_WRITTEN: _("The check was not written."),
        TURNED_DOWN: _("It was not allowed."),
    }
    return ours.get(code) or _("The bank did not take it: the card or account is closed, or refuses refunds.")
