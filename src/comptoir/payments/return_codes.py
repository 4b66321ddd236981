"""What follows from each code with which a bank refuses a debit or takes one back."""

from enum import Enum

from django.utils.translation import gettext as _

# Our own words: the bank sent a check back unpaid; a check was applied to the wrong company, and taken off again.
CHECK_CAME_BACK = "check_returned"
CHECK_TAKEN_OFF = "check_taken_off"


class Rule(Enum):
    """What a code means for the method, and for the consent to debit it."""

    MAY_BE_TRIED_AGAIN = "may be tried again"
    STOP = "stop: ask for another method"
    VOID = "stop, and the authorisation is void"
    REVIEW = "stop, until a person has looked"


RULES: dict[str, Rule] = {
    "R01": Rule.MAY_BE_TRIED_AGAIN,
    "R09": Rule.MAY_BE_TRIED_AGAIN,
    "R02": Rule.STOP,
    "R03": Rule.STOP,
    "R04": Rule.STOP,
    "R20": Rule.STOP,
    "R05": Rule.VOID,
    "R07": Rule.VOID,
    "R10": Rule.VOID,
    "R11": Rule.VOID,
    "R29": Rule.VOID,
    "R08": Rule.REVIEW,
    "R16": Rule.REVIEW,
    # Where the processor gives its own word instead of the network's code.
    "account_closed": Rule.STOP,
    "bank_account_closed": Rule.STOP,
    "no_account": Rule.STOP,
    "bank_account_invalid_details": Rule.STOP,
    "bank_account_unusable": Rule.STOP,
    "debit_not_authorized": Rule.VOID,
    "payment_intent_mandate_invalid": Rule.VOID,
    "bank_account_restricted": Rule.REVIEW,
    "bank_ownership_changed": Rule.REVIEW,
    # Cards that will not come back.
    "lost_card": Rule.STOP,
    "stolen_card": Rule.STOP,
    "pickup_card": Rule.STOP,
    "expired_card": Rule.STOP,
    "revocation_of_authorization": Rule.VOID,
    "revocation_of_all_authorizations": Rule.VOID,
}


def rule_for(code: str) -> Rule:
    """Return what follows from a bank's or processor's code; one that is not known leaves the method as it is."""
    return RULES.get(code, Rule.MAY_BE_TRIED_AGAIN)


def reason_in_words(code: str) -> str:
    """Return why a payment failed or came back, in a sentence for its payer."""
    if code in {"R01", "R09", "insufficient_funds"}:
        return _("There was not enough money in the account.")
    if code in {"R02", "account_closed", "bank_account_closed"}:
        return _("The bank account is closed.")
    if code in {"R03", "R04", "R20", "no_account", "bank_account_invalid_details", "bank_account_unusable"}:
        return _("The bank could not find the account, or it allows no debits.")
    if rule_for(code) is Rule.VOID:
        return _("The bank was told that this debit was not authorised.")
    if code in {"R08", "R16", "bank_account_restricted", "bank_ownership_changed"}:
        return _("The bank has stopped this payment or blocked the account.")
    if code == "expired_card":
        return _("The card has expired.")
    if code in {"lost_card", "stolen_card", "pickup_card"}:
        return _("The card is no longer valid.")
    if code == CHECK_CAME_BACK:
        return _("The bank sent the check back unpaid.")
    if code == CHECK_TAKEN_OFF:
        return _("The check was applied here by mistake.")
    return _("The bank declined the payment.")
