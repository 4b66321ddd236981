"""What a vendor charges for a debit that came back because the money was not there, and for a returned check.

Never more than its payer was told: by the words agreed to, on the page, or on the slip.
"""

from datetime import date
from uuid import UUID

from django.db.models import Sum
from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.subscriptions.terms import NewCharge, charge_once
from comptoir.tenancy.audit import system
from comptoir.tenancy.models import Company

from .models import Authorisation, MethodKind, Payment, PaymentMethod, ReturnFee
from .policies import Policy, policy_of

# What the processor says instead of the network's code.
CODES = {"insufficient_funds": "R01"}


def charge_return_fee(payment: Payment, *, code: str, on: date) -> int:
    """Charge a company for a locked bank debit that was refused on ``on``, by its next invoice, if its vendor does so.

    Once for each debit, for missing money alone, no more than its payer was told, and within a calendar month up to the
    vendor's limit. Must run in the transaction in which the debit ended. Returns the fee in minor units, 0 for none.
    """
    policy = policy_of(payment.company.vendor_id)
    code = CODES.get(code, code)
    if payment.kind != MethodKind.BANK_ACCOUNT or code not in policy.return_fee_codes:
        return 0
    with translation.override(payment.company.language):
        description = _("Fee for returned debit %(confirmation)s (%(code)s)") % {
            "confirmation": payment.confirmation,
            "code": code,
        }
    return _charge(payment, fee_minor=policy.return_fee_minor, description=description, policy=policy, on=on)


def charge_check_fee(payment: Payment, *, on: date) -> int:
    """Charge a company for a check that its bank sent back on ``on``, as for a returned debit.

    Must run in the transaction in which the check came back. Returns the fee in minor units, 0 for none.
    """
    policy = policy_of(payment.company.vendor_id)
    with translation.override(payment.company.language):
        description = (
            _("Fee for returned check %(number)s") % {"number": payment.method_label}
            if payment.method_label
            else _("Fee for a returned check")
        )
    return _charge(payment, fee_minor=policy.check_fee_minor, description=description, policy=policy, on=on)


def told_check_fee(vendor_id: int) -> int:
    """Return what whoever sends a vendor a check is told that it costs if it comes back, in minor units."""
    return policy_of(vendor_id).check_fee_minor


def named_fee(method: PaymentMethod | None) -> int:
    """Return what a returned debit costs by the words by which a method is debited, in minor units; 0 for no fee."""
    if method is None or method.kind != MethodKind.BANK_ACCOUNT:
        return 0
    agreed = Authorisation.objects.filter(method=method, active_since__isnull=False, ended_at=None)
    return agreed.values_list("return_fee_minor", flat=True).first() or 0


def _charge(payment: Payment, *, fee_minor: int, description: str, policy: Policy, on: date) -> int:
    amount_minor = min(fee_minor, payment.return_fee_minor, _left(payment.company_id, policy=policy, on=on))
    if amount_minor <= 0 or policy.return_fee_product_id is None:
        return 0
    charge_id = charge_once(
        company_id=payment.company_id,
        charge=NewCharge(
            product_id=policy.return_fee_product_id,
            location_id=None,
            description=description,
            amount_minor=amount_minor,
            charge_on=on,
        ),
        actor=system("payments"),
    )
    ReturnFee.objects.create(payment=payment, charge_id=charge_id, amount_minor=amount_minor, charged_on=on)
    return amount_minor


def return_fee_of(payment_public_id: UUID) -> int:
    """Return what was charged for a returned debit or check, in minor units; 0 for nothing."""
    fees = ReturnFee.objects.filter(payment__public_id=payment_public_id)
    return fees.values_list("amount_minor", flat=True).first() or 0


def _left(company_id: int, *, policy: Policy, on: date) -> int:
    """How much a company may still be charged in the month of ``on``."""
    if policy.return_fee_cap_minor is None:
        return max(policy.return_fee_minor, policy.check_fee_minor)
    Company.objects.select_for_update(no_key=True).get(id=company_id)  # another return of the moment counts, too
    this_month = ReturnFee.objects.filter(
        payment__company_id=company_id, charged_on__year=on.year, charged_on__month=on.month
    )
    charged = this_month.aggregate(sum=Sum("amount_minor"))["sum"] or 0
    return max(policy.return_fee_cap_minor - charged, 0)
