"""Why a bank said no, in plain words, and what helps."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Sentences for the customer: what was wrong, and what to do about it."""

    why: str | Promise
    remedy: str | Promise


FUNDS = Reason(
    why=_("There was not enough money in the account."),
    remedy=_("Make sure that the account is covered and pay again, or pay in another way."),
)
CLOSED = Reason(
    why=_("The account is closed."),
    remedy=_("Please enter another account or a card."),
)
UNKNOWN_ACCOUNT = Reason(
    why=_("The bank does not know the account."),
    remedy=_("Please enter the account again, or another one."),
)
UNAUTHORISED = Reason(
    why=_("The bank was told that the debit was not authorized."),
    remedy=_("Ask your bank to allow it, or pay in another way. If you did not expect the debit, write to us."),
)
STOPPED = Reason(
    why=_("The payment was stopped at the bank, or the account is blocked."),
    remedy=_("Please speak with your bank, or pay in another way."),
)
NO_DEBITS = Reason(
    why=_("The account does not take debits."),
    remedy=_("Please enter a checking account or a card."),
)
EXPIRED = Reason(
    why=_("The card has expired."),
    remedy=_("Please enter your new card, or pay in another way."),
)
DECLINED = Reason(
    why=_("The bank that issued the card declined it, without saying why to us."),
    remedy=_("Please speak with your bank, or pay in another way."),
)
DISPUTED = Reason(
    why=_("The payment was disputed with the bank."),
    remedy=_("If this was a mistake, write to us; otherwise please pay in another way."),
)
UNSAID = Reason(
    why=_("The bank did not give a reason that we can pass on."),
    remedy=_("Please pay in another way, or write to us."),
)

# Codes of the ACH network (R…), and the processor's own words for the same.
REASONS: dict[str, Reason] = {
    **dict.fromkeys(("R01", "R09", "insufficient_funds"), FUNDS),
    **dict.fromkeys(("R02", "account_closed", "bank_account_closed"), CLOSED),
    **dict.fromkeys(("R03", "R04", "no_account", "bank_account_invalid_details"), UNKNOWN_ACCOUNT),
    **dict.fromkeys(("R05", "R07", "R10", "R11", "R29", "debit_not_authorized"), UNAUTHORISED),
    **dict.fromkeys(("R08", "R16", "bank_account_restricted"), STOPPED),
    **dict.fromkeys(("R20", "bank_account_unusable"), NO_DEBITS),
    "expired_card": EXPIRED,
    **dict.fromkeys(("card_declined", "generic_decline", "do_not_honor"), DECLINED),
    **dict.fromkeys(("fraudulent", "unrecognized", "disputed"), DISPUTED),
}


def reason_for(code: str) -> Reason:
    """This function will return the plain words for a code of the bank's or the processor's."""
    return REASONS.get(code, UNSAID)
