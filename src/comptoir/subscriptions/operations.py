"""What a company takes: starting, stopping and changing it. What is billed too far is credited by the next bill run.

Each function must run in a transaction, and puts what it did on record.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from comptoir.catalog.models import Plan, Scope
from comptoir.customers.queries import stores
from comptoir.kit.dates import format_date
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.queries import company

from .calculation.periods import add_months
from .errors import StopBeforeStart, SubscriptionRefused, WithinMinimumTerm
from .models import Subscription
from .queries import PLAIN, lock, preferences_of
from .telling import tell_changed

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Taken:
    """What is to be taken: a plan, for a store or (None) for the company, at a price of its own or (None) the plan's.

    ``agreed_price_minor`` is per full period, in minor units of the vendor's currency.
    """

    plan_id: int
    location_id: int | None = None
    agreed_price_minor: int | None = None


@transaction.atomic
def start(*, company_id: int, taken: Taken, starts_on: date, actor: Actor, quantity: int = 1) -> list[int]:
    """Let a company take ``quantity`` units of a plan from a day on, and return the new subscriptions' ids.

    The first period is a stub up to the company's aligned day, if it has one. Raises SubscriptionRefused.
    """
    if not 1 <= quantity <= MOST_AT_ONCE:
        raise SubscriptionRefused(_("Take between 1 and %(most)s units at once.") % {"most": MOST_AT_ONCE})
    plan = _plan(company_id=company_id, taken=taken, on=starts_on)
    aligned = preferences_of([company_id]).get(company_id, PLAIN).align_to_day
    return _begin(
        company_id=company_id,
        taken=taken,
        plan=plan,
        starts_on=starts_on,
        anchor_day=aligned or starts_on.day,
        quantity=quantity,
        actor=actor,
    )


def stop(
    *,
    company_id: int,
    subscription_ids: Iterable[int],
    ends_on: date,
    reason: str,
    actor: Actor,
    waives_minimum_term: bool = False,
) -> None:
    """End subscriptions; ``ends_on`` is the first day without service. Add-ons left without their plan end with it.

    One that ends on the day on which it starts never was; an end still to come may be brought forward. Raises
    StopBeforeStart, WithinMinimumTerm, and SubscriptionRefused for one that ends by then already.
    """
    _need(reason)
    rows = _running(company_id=company_id, ids=subscription_ids)
    for row in rows:
        if row.ends_on is not None and row.ends_on <= ends_on:
            raise _ends_already(row, on=row.ends_on)
        if ends_on < row.starts_on:
            raise StopBeforeStart(
                _("“%(plan)s” starts on %(day)s; it cannot end before.")
                % {"plan": row.plan.name, "day": _written(row.starts_on)}
            )
        if row.minimum_term_ends_on and ends_on < row.minimum_term_ends_on and not waives_minimum_term:
            raise WithinMinimumTerm(
                _("“%(plan)s” was taken until %(day)s at least: end it then or later, or a manager waives that.")
                % {"plan": row.plan.name, "day": _written(row.minimum_term_ends_on)}
            )
    _end(rows, ends_on=ends_on, reason=reason, actor=actor)


def change_plan(
    *,
    company_id: int,
    subscription_id: int,
    plan_id: int,
    on: date,
    reason: str,
    actor: Actor,
    agreed_price_minor: int | None = None,
    waives_minimum_term: bool = False,
) -> int:
    """Have one plan end and another begin on a day, at the same store, and return the new subscription's id.

    To a plan of the same product the minimum term goes along; to another it must be over, or waived. Add-ons of the
    plan that ends end with it. Raises what ``stop`` and ``start`` raise.
    """
    (row,) = _running(company_id=company_id, ids=[subscription_id])
    taken = Taken(plan_id=plan_id, location_id=row.location_id, agreed_price_minor=agreed_price_minor)
    plan = _plan(company_id=company_id, taken=taken, on=on)
    if row.ends_on is not None:
        raise _ends_already(row, on=row.ends_on)
    if plan.id == row.plan_id:
        raise SubscriptionRefused(_("This is the plan that is taken already; choose another."))
    if on < row.billed_from:
        raise SubscriptionRefused(
            _("“%(plan)s” was billed until %(day)s before it came here; change it from then on.")
            % {"plan": row.plan.name, "day": _written(row.billed_from)}
        )
    stays = plan.product_id == row.plan.product_id
    stop(
        company_id=company_id,
        subscription_ids=[subscription_id],
        ends_on=on,
        reason=reason,
        actor=actor,
        waives_minimum_term=stays or waives_minimum_term,
    )
    (made,) = _begin(
        company_id=company_id,
        taken=taken,
        plan=plan,
        starts_on=on,
        anchor_day=row.anchor_day,
        term_ends_on=row.minimum_term_ends_on if stays else None,
        actor=actor,
    )
    return made


def change_quantity(
    *,
    company_id: int,
    plan_id: int,
    location_id: int | None,
    quantity: int,
    on: date,
    reason: str,
    actor: Actor,
    waives_minimum_term: bool = False,
) -> None:
    """Have a company take ``quantity`` units of a plan at a place on each day from ``on``; the last taken go first.

    An end still to come is brought forward for fewer. Raises SubscriptionRefused where none is taken, since then one is
    started, and where a unit begins or ends later, so that the quantity would be another one from then on; and what
    ``stop`` raises.
    """
    lock(company_ids=[company_id])  # whoever else counts the units at this moment counts them afterwards
    place = Q(location=None) if location_id is None else Q(location_id=location_id)
    found = Subscription.objects.filter(
        place, Q(ends_on=None) | Q(ends_on__gt=on), company_id=company_id, plan_id=plan_id
    )
    units = list(found.exclude(ends_on=F("starts_on")).order_by("starts_on", "id"))
    if not units:
        raise SubscriptionRefused(_("None is taken at this place; start one."))
    staying = [unit for unit in units if unit.ends_on is None]
    ending = [unit for unit in units if unit.ends_on is not None]
    to_come = [unit.starts_on for unit in units if unit.starts_on > on]
    if quantity > len(staying):
        to_come += [unit.ends_on for unit in ending if unit.ends_on]
    if to_come:
        raise SubscriptionRefused(
            _(
                "What is taken here changes until %(day)s already, as was asked for before; change the quantity from "
                "that day on, or start and end single units."
            )
            % {"day": _written(max(to_come))}
        )
    if gone := ending + staying[max(quantity, 0) :]:
        stop(
            company_id=company_id,
            subscription_ids=[unit.id for unit in gone],
            ends_on=on,
            reason=reason,
            actor=actor,
            waives_minimum_term=waives_minimum_term,
        )
    if (more := quantity - len(staying)) > 0:
        like = units[0]
        taken = Taken(plan_id=plan_id, location_id=location_id, agreed_price_minor=like.agreed_price_minor)
        if more > MOST_AT_ONCE:
            raise SubscriptionRefused(_("Take between 1 and %(most)s units at once.") % {"most": MOST_AT_ONCE})
        _begin(
            company_id=company_id,
            taken=taken,
            plan=_plan(company_id=company_id, taken=taken, on=on),
            starts_on=on,
            anchor_day=like.anchor_day,
            quantity=more,
            actor=actor,
        )


def close_store(
    *, company_id: int, location_id: int, on: date, reason: str, actor: Actor, waives_minimum_term: bool = False
) -> int:
    """End all that a company takes at a store, and return how many subscriptions that were.

    What would only have started later never does. Raises what ``stop`` raises.
    """
    there = Subscription.objects.filter(company_id=company_id, location_id=location_id)
    running = there.filter(Q(ends_on=None) | Q(ends_on__gt=on)).exclude(ends_on=F("starts_on"))
    later = list(running.filter(starts_on__gt=on).select_related("plan"))
    now = list(running.filter(starts_on__lte=on).values_list("id", flat=True))
    for row in later:
        _end([row], ends_on=row.starts_on, reason=reason, actor=actor)
    if now:
        stop(
            company_id=company_id,
            subscription_ids=now,
            ends_on=on,
            reason=reason,
            actor=actor,
            waives_minimum_term=waives_minimum_term,
        )
    return len(later) + len(now)


def _plan(*, company_id: int, taken: Taken, on: date) -> Plan:
    """Return the plan, if it can be taken at this place from a day on. Raises SubscriptionRefused."""
    if taken.agreed_price_minor is not None and taken.agreed_price_minor < 0:
        raise SubscriptionRefused(_("A price is zero or more; to take something off, give a discount."))
    buyer = company(company_id)
    if buyer.billed_since and on < buyer.billed_since:
        raise SubscriptionRefused(
            _("The company is billed here since %(day)s; what it took before was for the old system to bill.")
            % {"day": _written(buyer.billed_since)}
        )
    plan = Plan.objects.filter(id=taken.plan_id, vendor_id=buyer.vendor_id).first()
    if plan is None:
        raise SubscriptionRefused(_("There is no such plan in this vendor's catalog."))
    if plan.scope == Scope.COMPANY and taken.location_id is not None:
        raise SubscriptionRefused(_("“%(plan)s” is for a whole company; name no store.") % {"plan": plan.name})
    if plan.scope == Scope.LOCATION:
        owned = {store.id for store in stores(company_id, on=on)}
        if taken.location_id not in owned:
            raise SubscriptionRefused(
                _("“%(plan)s” is for a store; name one that the company owns on %(day)s.")
                % {"plan": plan.name, "day": _written(on)}
            )
    return plan


def _begin(
    *,
    company_id: int,
    taken: Taken,
    plan: Plan,
    starts_on: date,
    anchor_day: int,
    actor: Actor,
    quantity: int = 1,
    term_ends_on: date | None = None,
) -> list[int]:
    own_term = (
        add_months(starts_on, months=plan.minimum_term_months, anchor_day=starts_on.day)
        if plan.minimum_term_months
        else None
    )
    terms = [day for day in (own_term, term_ends_on) if day is not None]
    try:
        with transaction.atomic():
            made = Subscription.objects.bulk_create(
                Subscription(
                    vendor_id=plan.vendor_id,
                    company_id=company_id,
                    location_id=taken.location_id,
                    plan=plan,
                    anchor_day=anchor_day,
                    agreed_price_minor=taken.agreed_price_minor,
                    starts_on=starts_on,
                    minimum_term_ends_on=max(terms) if terms else None,
                    billed_from=starts_on,
                    billed_through=starts_on,
                )
                for _unit in range(quantity)
            )
    except IntegrityError as error:
        _plan(company_id=company_id, taken=taken, on=starts_on)  # the store may have changed hands meanwhile
        # All else was looked at before.
        raise SubscriptionRefused(
            _("“%(plan)s” is an add-on; it is taken beside its plan, at the same place and on the same days.")
            % {"plan": plan.name}
        ) from error
    record(
        actor=actor,
        action="subscription started",
        subject=f"plan:{plan.code}",
        vendor_id=plan.vendor_id,
        company_id=company_id,
        after={"starts_on": str(starts_on), "quantity": quantity, "location": taken.location_id},
    )
    tell_changed(made, on=starts_on)
    return [row.id for row in made]


def _running(*, company_id: int, ids: Iterable[int]) -> list[Subscription]:
    """Return a company's subscriptions, held until the transaction ends. Raises SubscriptionRefused."""
    wanted = set(ids)
    rows = (
        Subscription.objects.select_for_update(of=("self",), no_key=True)
        .filter(company_id=company_id, id__in=wanted)
        .select_related("plan")
        .order_by("id")
    )
    found = list(rows)
    if len(found) < len(wanted) or not wanted:
        raise SubscriptionRefused(
            ngettext(
                "The company has no such subscription; reload the page to see what it takes.",
                "The company lacks one of these subscriptions; reload the page to see what it takes.",
                len(wanted),
            )
        )
    return found


def _end(rows: Sequence[Subscription], *, ends_on: date, reason: str, actor: Actor) -> None:
    for row in rows:
        before = {"ends_on": str(row.ends_on)} if row.ends_on else None
        row.ends_on = ends_on
        row.save(update_fields=["ends_on"])
        record(
            actor=actor,
            action="subscription ended",
            subject=f"subscription:{row.id}",
            vendor_id=row.vendor_id,
            company_id=row.company_id,
            before=before,
            after={"plan": row.plan.code, "ends_on": str(ends_on)},
            reason=reason,
        )
    tell_changed(rows, on=ends_on)
    for company_id, location_id in {(row.company_id, row.location_id) for row in rows}:
        while (addon := _addon_alone(company_id=company_id, location_id=location_id)) is not None:
            alone = Subscription.objects.select_related("plan").get(id=addon)
            # It cannot have begun before its plan, so that ending with it is enough; never before its own start.
            _end([alone], ends_on=max(ends_on, alone.starts_on), reason=reason, actor=actor)


def _addon_alone(*, company_id: int, location_id: int | None) -> int | None:
    """Return an add-on that is taken on days on which its plan is not; PostgreSQL refuses it at commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT subscriptions_addon_without_plan(%s, %s)", [company_id, location_id])
        (found,) = cursor.fetchone() or (None,)
    return found


def _ends_already(row: Subscription, *, on: date) -> SubscriptionRefused:
    return SubscriptionRefused(_("“%(plan)s” ends already, on %(day)s.") % {"plan": row.plan.name, "day": _written(on)})


def _need(reason: str) -> None:
    if not reason.strip():
        raise SubscriptionRefused(_("Say why; it stays on record."))


def _written(day: date) -> str:
    return format_date(day=day, language=get_language() or settings.LANGUAGE_CODE)
