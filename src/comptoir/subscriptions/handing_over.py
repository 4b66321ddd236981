"""Handing what is taken at stores over: one company's subscriptions end, and another's begin, on the same day."""

from collections.abc import Collection, Sequence
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.kit.dates import format_date
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.queries import company

from .errors import SubscriptionRefused
from .models import Subscription
from .operations import close_store
from .queries import PLAIN, PreferencesRow, SubscriptionRow, discounts_of, lock, preferences_of, taken_at
from .telling import tell_changed
from .terms import give_discount


def ended(rows: Sequence[SubscriptionRow], *, on: date) -> list[SubscriptionRow]:
    """Return what the seller's subscriptions become: they end ``on``; what starts later never was."""
    return [row._replace(ends_on=max(on, row.starts_on)) for row in rows]


def continued(
    row: SubscriptionRow, *, on: date, company_id: int, preferences: PreferencesRow, keeps_price: bool
) -> SubscriptionRow:
    """Return what the new owner takes in the place of ``row`` from a day on, billed from its first day.

    The days on which periods begin stay the store's, unless all of the company's periods begin on one day. What is
    left of a minimum term goes along; an agreed price does with ``keeps_price``, else the plan's own holds.
    """
    starts_on = max(on, row.starts_on)
    return row._replace(
        company_id=company_id,
        anchor_day=preferences.align_to_day or row.anchor_day,
        agreed_price_minor=row.agreed_price_minor if keeps_price else None,
        starts_on=starts_on,
        billed_from=starts_on,
        billed_through=starts_on,
    )


def billed_elsewhere(rows: Sequence[SubscriptionRow], *, on: date) -> date | None:
    """Return until when the old system has billed what is taken, if that is beyond ``on``: no day is billed twice."""
    until = [row.billed_from for row in rows if row.billed_from > max(on, row.starts_on)]
    return max(until, default=None)


def hand_over(
    *,
    from_company_id: int,
    to_company_id: int,
    location_ids: Collection[int],
    on: date,
    keeps_prices: bool,
    reason: str,
    actor: Actor,
) -> int:
    """End all that one company takes at stores, let another take the same from then on; return how much that is.

    The stores are the new company's already. With ``keeps_prices``, agreed prices and discounts go along. Must run in
    a transaction, and holds both companies' subscriptions until it ends. Raises SubscriptionRefused.
    """
    lock(company_ids=[from_company_id, to_company_id])
    rows = taken_at(company_id=from_company_id, location_ids=location_ids, on=on)
    _refuse_unless_billed_here(company_id=to_company_id, rows=rows, on=on)
    for location_id in sorted({row.location_id for row in rows if row.location_id is not None}):
        close_store(
            company_id=from_company_id,
            location_id=location_id,
            on=on,
            reason=reason,
            actor=actor,
            waives_minimum_term=True,
        )
    preferences = preferences_of([to_company_id]).get(to_company_id, PLAIN)
    wanted = [
        continued(row, on=on, company_id=to_company_id, preferences=preferences, keeps_price=keeps_prices)
        for row in rows
    ]
    made = _begin(wanted, vendor_id=company(to_company_id).vendor_id)
    if keeps_prices:
        _keep_discounts(rows, made, actor=actor)
    _put_on_record(made, actor=actor, reason=reason)
    tell_changed(made, on=on)
    return len(made)


def _refuse_unless_billed_here(*, company_id: int, rows: Sequence[SubscriptionRow], on: date) -> None:
    buyer = company(company_id)
    if buyer.billed_since is None or on < buyer.billed_since:
        raise SubscriptionRefused(
            _("%(company)s is not billed here on that day; what it takes cannot begin here.") % {"company": buyer.name}
        )
    billed = billed_elsewhere(rows, on=on)
    if billed is not None:
        raise SubscriptionRefused(
            _("The old system has billed until %(day)s what is taken there; hand it over from then on.")
            % {"day": format_date(day=billed, language=get_language() or "en")}
        )


def _begin(wanted: Sequence[SubscriptionRow], *, vendor_id: int) -> list[Subscription]:
    """Write them in one statement, so that add-ons come with their plans."""
    return Subscription.objects.bulk_create(
        Subscription(
            vendor_id=vendor_id,
            company_id=row.company_id,
            location_id=row.location_id,
            plan_id=row.plan_id,
            anchor_day=row.anchor_day,
            agreed_price_minor=row.agreed_price_minor,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            minimum_term_ends_on=row.minimum_term_ends_on,
            billed_from=row.billed_from,
            billed_through=row.billed_through,
        )
        for row in wanted
    )


def _keep_discounts(rows: Sequence[SubscriptionRow], made: Sequence[Subscription], *, actor: Actor) -> None:
    given = discounts_of(row.id for row in rows)
    for row, new in zip(rows, made, strict=True):
        for discount in given.get(row.id, ()):
            terms = discount.terms
            starts_on = max(terms.starts_on, new.starts_on)
            if terms.ends_on is None or terms.ends_on > starts_on:
                give_discount(
                    company_id=new.company_id,
                    subscription_id=new.id,
                    starts_on=starts_on,
                    ends_on=terms.ends_on,
                    basis_points=terms.basis_points,
                    amount_minor=terms.amount_minor,
                    actor=actor,
                )


def _put_on_record(made: Sequence[Subscription], *, actor: Actor, reason: str) -> None:
    for row in made:
        record(
            actor=actor,
            action="subscription taken over",
            subject=f"subscription:{row.id}",
            vendor_id=row.vendor_id,
            company_id=row.company_id,
            after={"starts_on": str(row.starts_on), "location": row.location_id},
            reason=reason,
        )
