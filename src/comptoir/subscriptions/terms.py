"""On what terms a company takes what it takes: aligned days, preferences, discounts, one-off charges.

Each function must run in a transaction, and puts what it did on record.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from comptoir.catalog.models import Product
from comptoir.customers.queries import stores
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.queries import company

from .errors import TermsRefused
from .models import BillingPreferences, ChargeWithdrawal, Discount, DiscountKind, OneOffCharge, Subscription

LONGEST_TERMS_DAYS = 365
WHOLE_PRICE = 10_000


@dataclass(frozen=True, slots=True)
class NewCharge:
    """Something charged once: an amount in minor units without taxes, for a store or (None) the company."""

    product_id: int
    location_id: int | None
    description: str
    amount_minor: int
    charge_on: date


def align(*, company_id: int, day: int | None, actor: Actor) -> None:
    """Have all periods of a company begin on one day of the month, from the next to be billed on.

    What is billed stays; the next period of each subscription is a stub up to that day. With None, new subscriptions
    begin on a day of their own again. Raises TermsRefused for a day that no month has.
    """
    if day is not None and not 1 <= day <= 31:
        raise TermsRefused(_("Choose a day of the month, 1 to 31; in shorter months it is the last day."))
    BillingPreferences.objects.update_or_create(company_id=company_id, defaults={"align_to_day": day})
    if day is not None:
        to_be_billed = Q(ends_on=None) | Q(ends_on__gt=F("billed_through"))
        Subscription.objects.filter(to_be_billed, company_id=company_id).update(anchor_day=day)
    _record(actor, company_id=company_id, action="billing days aligned", after={"day": day})


def set_preferences(
    *, company_id: int, invoice_per_store: bool, purchase_order: str, terms_days: int | None, actor: Actor
) -> None:
    """Set how a company's invoices are written; ``terms_days`` None takes the vendor's. Raises TermsRefused."""
    if terms_days is not None and not 0 <= terms_days <= LONGEST_TERMS_DAYS:
        raise TermsRefused(_("Payment terms are between 0 and %(most)s days.") % {"most": LONGEST_TERMS_DAYS})
    wanted = {
        "invoice_per_store": invoice_per_store,
        "purchase_order": purchase_order.strip(),
        "terms_days": terms_days,
    }
    BillingPreferences.objects.update_or_create(company_id=company_id, defaults=wanted)
    _record(actor, company_id=company_id, action="billing preferences set", after=wanted)


def give_discount(
    *,
    company_id: int,
    subscription_id: int,
    starts_on: date,
    ends_on: date | None,
    actor: Actor,
    basis_points: int | None = None,
    amount_minor: int | None = None,
) -> int:
    """Take something off each period that starts in ``[starts_on, ends_on)`` and is not billed yet; return its id.

    Either ``basis_points`` (hundredths of a percent) or ``amount_minor`` per full period. Raises TermsRefused.
    """
    if (basis_points is None) == (amount_minor is None):
        raise TermsRefused(_("A discount is a percentage or an amount: give one of the two."))
    if basis_points is not None and not 1 <= basis_points <= WHOLE_PRICE:
        raise TermsRefused(_("A discount is more than nothing, and at most 100 percent."))
    if amount_minor is not None and amount_minor <= 0:
        raise TermsRefused(_("A discount takes something off: give an amount above zero."))
    if ends_on is not None and ends_on <= starts_on:
        raise TermsRefused(_("A discount ends after the day on which it begins."))
    if not Subscription.objects.filter(company_id=company_id, id=subscription_id).exists():
        raise TermsRefused(_("The company has no such subscription; reload the page to see what it takes."))
    try:
        with transaction.atomic():
            made = Discount.objects.create(
                subscription_id=subscription_id,
                kind=DiscountKind.AMOUNT if basis_points is None else DiscountKind.PERCENT,
                basis_points=basis_points,
                amount_minor=amount_minor,
                starts_on=starts_on,
                ends_on=ends_on,
            )
    except IntegrityError as error:
        raise TermsRefused(
            _("Another discount holds on some of these days; end that one first, or choose other days.")
        ) from error
    _record(
        actor,
        company_id=company_id,
        action="discount given",
        after={"basis_points": basis_points, "amount_minor": amount_minor, "from": str(starts_on), "to": str(ends_on)},
    )
    return made.id


def end_discount(*, company_id: int, discount_id: int, ends_on: date, actor: Actor) -> None:
    """End a discount: no period that starts on ``ends_on`` or later gets it. Raises TermsRefused."""
    found = Discount.objects.filter(subscription__company_id=company_id, id=discount_id).first()
    if found is None or (found.ends_on is not None and found.ends_on <= ends_on):
        raise TermsRefused(_("There is no discount that could end on that day; reload the page and look."))
    found.ends_on = max(ends_on, found.starts_on)
    found.save(update_fields=["ends_on"])
    _record(actor, company_id=company_id, action="discount ended", after={"ends_on": str(found.ends_on)})


def charge_once(*, company_id: int, charge: NewCharge, actor: Actor) -> int:
    """Charge something once, on the first invoice after its day, and return its id. Raises TermsRefused."""
    if charge.amount_minor <= 0:
        raise TermsRefused(_("A charge is above zero; to give something back, credit the invoice that asked for it."))
    if not charge.description.strip():
        raise TermsRefused(_("Say what is charged for, as the invoice shall say it."))
    if not Product.objects.filter(id=charge.product_id, vendor_id=company(company_id).vendor_id).exists():
        raise TermsRefused(_("There is no such product in this vendor's catalog."))
    if charge.location_id is not None and charge.location_id not in {
        store.id for store in stores(company_id, on=charge.charge_on)
    }:
        raise TermsRefused(_("The company does not own that store on that day."))
    made = OneOffCharge.objects.create(
        company_id=company_id,
        location_id=charge.location_id,
        product_id=charge.product_id,
        description=charge.description.strip(),
        amount_minor=charge.amount_minor,
        charge_on=charge.charge_on,
    )
    _record(
        actor,
        company_id=company_id,
        action="charged once",
        after={"description": made.description, "amount_minor": made.amount_minor, "on": str(made.charge_on)},
    )
    return made.id


def withdraw_charge(*, company_id: int, charge_id: int, reason: str, actor: Actor) -> None:
    """Give up a charge that is not billed yet, for ``reason``. Raises TermsRefused once it is billed or given up."""
    found = OneOffCharge.objects.filter(company_id=company_id, id=charge_id).first()
    if found is None or not reason.strip():
        raise TermsRefused(_("Choose one of this company's charges, and say why it is withdrawn."))
    try:
        with transaction.atomic():
            ChargeWithdrawal.objects.create(charge=found, reason=reason.strip())
    except IntegrityError as error:
        raise TermsRefused(
            _("This charge is billed or withdrawn already; credit the invoice that asks for it.")
        ) from error
    _record(
        actor,
        company_id=company_id,
        action="charge withdrawn",
        after={"description": found.description, "amount_minor": found.amount_minor, "reason": reason.strip()},
    )


def charge_again(*, charge_ids: Iterable[int], actor: Actor) -> None:
    """Charge anew, on the next invoice, what was on an invoice that is taken back: the same, of the same day."""
    for old in OneOffCharge.objects.filter(id__in=list(charge_ids)).order_by("id"):
        OneOffCharge.objects.create(
            company_id=old.company_id,
            location_id=old.location_id,
            product_id=old.product_id,
            description=old.description,
            amount_minor=old.amount_minor,
            charge_on=old.charge_on,
            repeats=old,
        )
        _record(
            actor,
            company_id=old.company_id,
            action="charged once",
            after={"description": old.description, "amount_minor": old.amount_minor, "repeats": old.id},
        )


def _record(actor: Actor, *, company_id: int, action: str, after: dict[str, object]) -> None:
    record(
        actor=actor,
        action=action,
        subject=f"company:{company_id}",
        vendor_id=company(company_id).vendor_id,
        company_id=company_id,
        after=after,
    )
