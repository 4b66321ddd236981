"""What a row says of a subscription: the plan, and from when, until when and for how much it runs."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from comptoir.cutover.legacy.fields import fold
from comptoir.cutover.legacy.profile import PlanDefaults, Profile
from comptoir.cutover.legacy.records import LegacySubscription
from comptoir.cutover.legacy.row import Row
from comptoir.cutover.legacy.values import add_months, minimum_term_end

MOST_TENURE_MONTHS = 1200


def read_plan(*, profile: Profile, row: Row) -> PlanDefaults | None:
    """Find the plan a row is about: by its plan, or by a product that has only one.

    Refuses the row, and returns None, if that leaves none or several.
    """
    plan_code, product_code = row.word("plan"), row.word("product")
    if (row.text("plan") and not plan_code) or (row.text("product") and not product_code):
        return None
    name = "plan" if plan_code or not product_code else "product"
    plans = [plan for plan in profile.plans if plan_code in {"", plan.code} and product_code in {"", plan.product_code}]
    if not plan_code and not product_code:
        row.refuse(name, reason=_("Neither plan nor product is given."))
    elif not plans:
        row.refuse(name, reason=_("This plan does not belong to the product in the same row."))
    elif len(plans) > 1:
        row.refuse(name, reason=_("The product has several plans, and the row does not say which."))
    else:
        return plans[0]
    return None


def read_subscription(*, profile: Profile, row: Row) -> LegacySubscription | None:
    """Read a row's subscription; None, with the row refused, if it does not add up."""
    plan = read_plan(profile=profile, row=row)
    cadence = row.word("cadence") if row.required("cadence") else ""
    if plan and cadence and cadence not in plan.cadences:
        reason = _("The profile does not sell “%(plan)s” at this cadence.")
        row.refuse("cadence", reason=reason % {"plan": plan.name})
    price_minor = _price(row)
    billed_through = row.end_date("billed_through") if row.required("billed_through") else None
    if plan is None or billed_through is None or price_minor is None:
        return None
    anchor_day = row.whole("anchor_day", most=31)
    if anchor_day == 0:
        row.refuse("anchor_day", reason=_("The days of a month begin at 1."))
    starts_on = _starts_on(row, billed_through=billed_through)
    minimum_term_ends_on = _minimum_term(profile=profile, row=row, starts_on=starts_on, billed_through=billed_through)
    if row.refused:
        return None
    return LegacySubscription(
        store_number=row.text("store_number") or None,
        product_code=plan.product_code,
        plan_code=plan.code,
        cadence=cadence,
        anchor_day=anchor_day or billed_through.day,
        price_minor=price_minor,
        starts_on=starts_on,
        billed_through=billed_through,
        minimum_term_ends_on=minimum_term_ends_on,
    )


def _price(row: Row) -> int | None:
    price_minor = row.amount("price") if row.required("price") else None
    if price_minor is not None and price_minor < 0:
        row.refuse("price", reason=_("A price cannot be negative."))
    return price_minor


def _starts_on(row: Row, *, billed_through: date) -> date:
    """The day given, or the tenure counted back; a file that says neither begins where its billing ended."""
    starts_on = row.date("starts_on")
    if starts_on is None:
        tenure = row.whole("tenure_months", most=MOST_TENURE_MONTHS)
        starts_on = add_months(day=billed_through, months=-(tenure or 0))
    if starts_on > billed_through:
        row.refuse("starts_on", reason=_("This is after the day that was billed through."))
    return starts_on


def _minimum_term(*, profile: Profile, row: Row, starts_on: date, billed_through: date) -> date | None:
    ends_on = row.end_date("minimum_term_ends_on")
    if ends_on is not None:
        return ends_on
    word = row.text("minimum_term")
    if not word:
        return None
    months = profile.minimum_terms.get(fold(word))
    if months is None:
        reason = _("The profile does not say what this means; add it under “words.%(name)s”.")
        row.refuse("minimum_term", reason=reason % {"name": "minimum_term"})
        return None
    if months == 0:
        return None
    return minimum_term_end(starts_on=starts_on, billed_through=billed_through, months=months)
