"""What helps when a bank said no."""

from django.utils.translation import gettext as _

from comptoir.payments.return_codes import CALLED_OFF, Rule, rule_for


def remedy_for(code: str) -> str:
    """Return what a payer can do about a bank's or processor's code, in the active language."""
    if code in CALLED_OFF:
        return _("The invoices are open: please pay them in another way, or again when nothing stands against it.")
    match rule_for(code):
        case Rule.MAY_BE_TRIED_AGAIN | Rule.ASK:
            return _("Make sure that the account is covered and pay again, or pay in another way.")
        case Rule.STOP:
            return _("Please enter another account or card, and pay with that.")
        case Rule.VOID:
            return _(
                "Automatic payment from it has ended. Please pay in another way; if this was a mistake, ask your "
                "bank to allow the debit, and save the account again."
            )
        case Rule.REVIEW:
            return _("Please speak with your bank, or pay in another way.")
