"""What a vendor does after a refusal: read everywhere, changed by its managers."""

from dataclasses import dataclass, fields

from django.utils.translation import gettext as _

from comptoir.catalog.queries import products
from comptoir.tenancy.audit import Actor, record

from .errors import PolicyRefused
from .models import PaymentPolicy
from .models.collecting import CODES_OF_NO_MONEY, MOST_RE_PRESENTMENTS, USUAL_CARD_DAYS

LONGEST_WAIT_DAYS = 60
MOST_CARD_RETRIES, CARD_RETRIES_WITHIN_DAYS = 15, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A vendor's policy; amounts in minor units of its currency, days are calendar days.

    A bank debit is presented again ``debit_retry_days`` after its refusal, on a banking day, or on the next usual
    payday after them; a card on ``card_retry_days`` after the first refusal. ``return_fee_minor`` is for a bank debit
    that comes back, ``check_fee_minor`` for a check: 0 charges nothing. ``return_fee_cap_minor`` is the most for both
    in a calendar month.
    """

    debit_retries: int = MOST_RE_PRESENTMENTS
    debit_retry_days: int = 3
    debit_retry_on_payday: bool = False
    card_retry_days: tuple[int, ...] = USUAL_CARD_DAYS
    return_fee_minor: int = 0
    check_fee_minor: int = 0
    return_fee_cap_minor: int | None = None
    return_fee_codes: tuple[str, ...] = CODES_OF_NO_MONEY
    return_fee_product_id: int | None = None


def policy_of(vendor_id: int) -> Policy:
    """Return a vendor's policy: the usual one until it was changed."""
    found = PaymentPolicy.objects.filter(vendor_id=vendor_id).first()
    if found is None:
        return Policy()
    return Policy(
        debit_retries=found.debit_retries,
        debit_retry_days=found.debit_retry_days,
        debit_retry_on_payday=found.debit_retry_on_payday,
        card_retry_days=tuple(found.card_retry_days),
        return_fee_minor=found.return_fee_minor,
        check_fee_minor=found.check_fee_minor,
        return_fee_cap_minor=found.return_fee_cap_minor,
        return_fee_codes=tuple(found.return_fee_codes),
        return_fee_product_id=found.return_fee_product_id,
    )


def set_policy(*, vendor_id: int, policy: Policy, actor: Actor) -> None:
    """Set a vendor's policy; it counts for what is refused from now on. Must run in a transaction.

    The limits are the networks': a bank debit is presented again at most twice (Nacha Operating Rules, 2.12.4), a card
    at most 15 times in 30 days; a fee is charged for missing money alone (2.14). Raises PolicyRefused.
    """
    _check(policy, vendor_id=vendor_id)
    before = policy_of(vendor_id)
    values = {each.name: _plain(getattr(policy, each.name)) for each in fields(policy)}
    PaymentPolicy.objects.update_or_create(vendor_id=vendor_id, defaults=values)
    record(
        actor=actor,
        action="payment_policy_set",
        subject=f"vendor:{vendor_id}",
        vendor_id=vendor_id,
        before={each.name: _plain(getattr(before, each.name)) for each in fields(before)},
        after=values,
    )


def _check(policy: Policy, *, vendor_id: int) -> None:
    if not 0 <= policy.debit_retries <= MOST_RE_PRESENTMENTS:
        raise PolicyRefused(_("The network lets a bank debit be presented again twice at most: choose 0, 1 or 2."))
    if not 1 <= policy.debit_retry_days <= LONGEST_WAIT_DAYS:
        raise PolicyRefused(_("Wait between 1 and %(most)s days before a bank debit.") % {"most": LONGEST_WAIT_DAYS})
    days = policy.card_retry_days
    if len(days) > MOST_CARD_RETRIES or any(not 1 <= day <= CARD_RETRIES_WITHIN_DAYS for day in days):
        raise PolicyRefused(
            _("The card networks allow at most %(most)s attempts within %(days)s days: give days from 1 to %(days)s.")
            % {"most": MOST_CARD_RETRIES, "days": CARD_RETRIES_WITHIN_DAYS}
        )
    if list(days) != sorted(set(days)):
        raise PolicyRefused(_("Give each day on which a card is tried again once, the earliest first."))
    fees = (policy.return_fee_minor, policy.check_fee_minor)
    if min(fees) < 0 or (policy.return_fee_cap_minor is not None and policy.return_fee_cap_minor <= 0):
        raise PolicyRefused(_("A fee and its limit are above zero; leave the fee empty to charge nothing."))
    if not set(policy.return_fee_codes) <= set(CODES_OF_NO_MONEY):
        raise PolicyRefused(_("A fee may be charged where the money was not there, R01 or R09, and for nothing else."))
    if any(fees) and policy.return_fee_product_id not in {row.id for row in products(vendor_id)}:
        raise PolicyRefused(_("Choose the product under which the fee is charged: its taxes follow from it."))


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
