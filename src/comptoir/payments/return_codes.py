"""What follows from each code with which a bank refuses a debit or takes one back."""

from enum import Enum
from typing import Literal

from django.utils.translation import gettext as _

# Our own words: the bank sent a check back unpaid; a check was applied to the wrong company, and taken off again.
CHECK_CAME_BACK = "check_returned"
CHECK_TAKEN_OFF = "check_taken_off"
# Our own words for why a payment was called off before it was made.
CALLED_OFF = ("method_removed", "method_refused", "autopay_off", "called_off", "disputed", "too_late", "canceled_there")
# Before the processor's word for why a card holder disputed a payment: "fraudulent" is also why a bank declines one.
DISPUTE = "dispute_"


class Rule(Enum):
    """What a code means for the method, and for the consent to debit it."""

    MAY_BE_TRIED_AGAIN = "may be tried again"
    ASK = "not again by itself: its payer is asked"
    STOP = "stop: ask for another method"
    VOID = "stop, and the authorisation is void"
    REVIEW = "stop, until a person has looked"


# A bank's codes are the network's (Nacha Operating Rules, appendix four); only missing money may be presented again
# (subsection 2.12.4). What is not here is not tried again: a reason that nobody knows is no reason to hope.
RULES: dict[str, Rule] = {
    "R01": Rule.MAY_BE_TRIED_AGAIN,
    "R09": Rule.MAY_BE_TRIED_AGAIN,
    **dict.fromkeys(("R02", "R03", "R04", "R12", "R13", "R20", "R28", "R34"), Rule.STOP),
    # R11 says that this entry was not as agreed: it may be made good, and agreed on anew.
    **dict.fromkeys(("R05", "R07", "R10", "R11", "R29"), Rule.VOID),
    **dict.fromkeys(("R08", "R14", "R15", "R16", "R24", "R31"), Rule.REVIEW),
    # Where the processor gives its own word instead of the network's code.
    **dict.fromkeys(
        (
            "account_closed",
            "bank_account_closed",
            "no_account",
            "bank_account_invalid_details",
            "bank_account_unusable",
            "incorrect_account_details",
            "invalid_account_number",
            "payment_method_bank_account_blocked",
        ),
        Rule.STOP,
    ),
    **dict.fromkeys(("debit_not_authorized", "payment_intent_mandate_invalid"), Rule.VOID),
    **dict.fromkeys(
        ("bank_account_frozen", "bank_account_restricted", "bank_ownership_changed", "recipient_deceased"), Rule.REVIEW
    ),
    # Cards that may have money or a working bank another day.
    **dict.fromkeys(
        (
            "insufficient_funds",
            "card_declined",
            "generic_decline",
            "do_not_honor",
            "call_issuer",
            "approve_with_id",
            "no_action_taken",
            "try_again_later",
            "processing_error",
            "reenter_transaction",
            "issuer_not_available",
            "card_velocity_exceeded",
            "withdrawal_count_limit_exceeded",
        ),
        Rule.MAY_BE_TRIED_AGAIN,
    ),
    # Cards that will not come back.
    **dict.fromkeys(
        (
            "lost_card",
            "stolen_card",
            "pickup_card",
            "restricted_card",
            "fraudulent",
            "invalid_account",
            "expired_card",
            "do_not_try_again",
        ),
        Rule.STOP,
    ),
    **dict.fromkeys(
        ("stop_payment_order", "revocation_of_authorization", "revocation_of_all_authorizations"), Rule.VOID
    ),
    # What its holder told the card's bank.
    **dict.fromkeys((f"{DISPUTE}fraudulent", f"{DISPUTE}unrecognized"), Rule.STOP),
    f"{DISPUTE}subscription_canceled": Rule.VOID,
}


# Cards that are gone: nothing that their holder says brings them back, but their bank may send another one.
GONE = frozenset({"lost_card", "stolen_card", "pickup_card", "invalid_account", "expired_card", "do_not_try_again"})
VOIDING = frozenset(code for code, rule in RULES.items() if rule is Rule.VOID)

WayBack = Literal["by_word", "by_consent", "by_another"]


def way_back(code: str) -> WayBack:
    """Return how a method that was refused with a code may be debited again.

    ``by_word`` of its owner, who has put it right at the bank; where the consent is void, ``by_consent`` given anew; a
    card that is gone only as another one.
    """
    if code in GONE:
        return "by_another"
    return "by_consent" if code in VOIDING else "by_word"


# Of a bank account, missing money alone: whatever the processor may say of one in a card's words.
OF_BANK_ACCOUNTS = frozenset({"R01", "R09", "insufficient_funds"})


NOT_FOUND = frozenset(
    {
        "R03",
        "R04",
        "R20",
        "no_account",
        "bank_account_invalid_details",
        "bank_account_unusable",
        "incorrect_account_details",
        "invalid_account_number",
    }
)


def may_be_presented_again(code: str, *, of_bank_account: bool) -> bool:
    """Return whether a debit that was refused so may be presented again; PostgreSQL keeps the same list."""
    return rule_for(code) is Rule.MAY_BE_TRIED_AGAIN and (code in OF_BANK_ACCOUNTS or not of_bank_account)


def rule_for(code: str) -> Rule:
    """Return what follows from a bank's or processor's code; one that is not known leaves the method as it is."""
    return RULES.get(code, Rule.ASK)


def reason_in_words(code: str) -> str:
    """Return why a payment failed or came back, in a sentence for its payer."""
    if code.startswith(DISPUTE):
        return dispute_in_words(code.removeprefix(DISPUTE))
    return _of_check_or_card(code) or _of_bank(code) or _of_calling_off(code) or _("The bank declined the payment.")


def _of_check_or_card(code: str) -> str:
    if code == "expired_card":
        return _("The card has expired.")
    if code in {"lost_card", "stolen_card", "pickup_card"}:
        return _("The card is no longer valid.")
    if code == CHECK_CAME_BACK:
        return _("The bank sent the check back unpaid.")
    return _("The check was applied here by mistake.") if code == CHECK_TAKEN_OFF else ""


def _of_bank(code: str) -> str:
    if code in {"R01", "R09", "insufficient_funds"}:
        return _("There was not enough money in the account.")
    if code in {"R02", "account_closed", "bank_account_closed"}:
        return _("The bank account is closed.")
    if code in NOT_FOUND:
        return _("The bank could not find the account, or it allows no debits.")
    if rule_for(code) is Rule.VOID:
        return _("The bank was told that this debit was not authorised.")
    if code in {"R08", "R16", "bank_account_frozen", "bank_account_restricted", "bank_ownership_changed"}:
        return _("The bank has stopped this payment or blocked the account.")
    return ""


def _of_calling_off(code: str) -> str:
    words = {
        "method_removed": _("It was called off, since the payment method was removed before."),
        "method_refused": _("It was called off, since the bank refuses the payment method."),
        "autopay_off": _("It was called off, since automatic payment had been turned off."),
        "called_off": _("It was called off on our site before it was submitted."),
        "disputed": _("It was called off, since another payment from there is disputed at its bank."),
        "too_late": _("It was called off, since the day that you had agreed to has passed."),
        "canceled_there": _("The payment processor called it off."),
    }
    return words.get(code, "")


def dispute_in_words(reason: str) -> str:
    """Return why a card payment was disputed, in a sentence, from the processor's word for it."""
    if reason in {"fraudulent", "unrecognized"}:
        return _("The card’s holder told the bank that this payment was not theirs.")
    if reason == "duplicate":
        return _("The card’s holder told the bank that this was paid twice.")
    if reason == "subscription_canceled":
        return _("The card’s holder told the bank that the service had been canceled.")
    if reason == "credit_not_processed":
        return _("The card’s holder told the bank that a refund was promised and did not come.")
    if reason in {"product_not_received", "product_unacceptable"}:
        return _("The card’s holder told the bank that the service was not delivered, or not as agreed.")
    return _("The card’s holder objected to this payment at the bank.")
