"""What the network's return codes are called, in words for the billing team."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CODE_NAMES: dict[str, str | Promise] = {
    "R01": _("Not enough money"),
    "R02": _("Account closed"),
    "R03": _("No account, or not found"),
    "R04": _("Account number not valid"),
    "R05": _("Business debit to a consumer’s account"),
    "R06": _("Asked back by the originating bank"),
    "R07": _("Authorisation revoked by the customer"),
    "R08": _("Payment stopped by the customer"),
    "R09": _("Money deposited, but not yet available"),
    "R10": _("Customer says: not authorised"),
    "R11": _("Customer says: not as it was authorised"),
    "R12": _("Branch sold to another bank"),
    "R13": _("Bank not reached by the network"),
    "R14": _("Representative of the account’s holder died or cannot act"),
    "R15": _("Holder of the account died"),
    "R16": _("Account frozen"),
    "R17": _("Entry’s data not accepted"),
    "R20": _("Account allows no debits"),
    "R24": _("Entry sent twice"),
    "R28": _("Routing number not valid"),
    "R29": _("Company says: not authorised"),
    "R31": _("Return accepted after its time"),
    "R34": _("Bank takes part in few services only"),
    # The processor's own words, where it does not give the network's code.
    "account_closed": _("Account closed"),
    "bank_account_closed": _("Account closed"),
    "bank_account_frozen": _("Account frozen"),
    "bank_account_invalid_details": _("Account number not valid"),
    "could_not_process": _("Bank could not process it"),
    "bank_cannot_process": _("Bank could not process it"),
    "debit_not_authorized": _("Customer says: not authorised"),
    "incorrect_account_details": _("Account number not valid"),
    "insufficient_funds": _("Not enough money"),
    "invalid_account_number": _("Account number not valid"),
    "no_account": _("No account, or not found"),
    "recipient_deceased": _("Holder of the account died"),
}


def code_in_words(code: str) -> str:
    """Return what a return code is called; a card's decline or the processor's own word stays as it is."""
    return str(CODE_NAMES.get(code, code))
