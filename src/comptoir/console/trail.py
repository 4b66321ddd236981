"""What the audit trail's entries are called on a page. The trail itself keeps one word for all languages."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTIONS: dict[str, str | Promise] = {
    "autopay_turned_off": _("Autopay turned off"),
    "autopay_turned_on": _("Autopay turned on"),
    "bill run approved": _("Bill run approved"),
    "bill run requested": _("Bill run requested"),
    "changed by import": _("Changed by an import"),
    "companies put into wave": _("Companies put into a wave"),
    "company moved": _("Moved: billed here from now on"),
    "company taken out of wave": _("Taken out of a wave"),
    "customers imported": _("Customers imported"),
    "import requested": _("Import asked for"),
    "invitation accepted": _("Invitation accepted"),
    "member added": _("Login given"),
    "payment_begun": _("Payment begun"),
    "payment_failed": _("Payment failed"),
    "payment_method_removed": _("Payment method removed"),
    "payment_method_saved": _("Payment method saved"),
    "payment_returned": _("Payment returned by the bank"),
    "payment_succeeded": _("Payment succeeded"),
    "staff invited": _("Invited to the team"),
    "staff role ended": _("Role in the team ended"),
    "store answered": _("Word given on a store"),
    "test clock moved": _("Test clock moved"),
    "vendor created": _("Vendor made"),
    "wave planned": _("Wave planned"),
}
