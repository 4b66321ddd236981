"""By which policy each company is reminded: read everywhere, changed by a vendor's managers."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from comptoir.catalog.queries import products
from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record

from .calculation.standing import Effect, ProductRule, Terms
from .calculation.steps import STEP_KINDS, StepKind, StepTerms
from .errors import DunningRefused
from .models import Policy, PolicyChoice, Step
from .models import ProductRule as ProductRuleModel

# A till that is closed in the middle of a shift is a store that is closed: limited, unless a policy says otherwise, and
# at night, whatever it says.
TILLS = ("netpos",)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """A step: days after the due date (below zero: before it), whether it goes on paper too, its fee in minor units."""

    kind: StepKind
    days: int
    on_paper_too: bool = False
    fee_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """A policy, with its steps in order and what it says of products (by id). A policy without steps exempts."""

    id: int
    public_id: UUID
    name: str
    is_usual: bool
    notice_days: int
    least_overdue_minor: int
    debit_restores: bool
    most_companies: int
    most_percent: int
    fee_product_id: int | None
    steps: tuple[StepRow, ...] = ()
    rules: Mapping[int, ProductRule] = field(default_factory=dict, hash=False)

    @property
    def ladder(self) -> tuple[StepTerms, ...]:
        """The steps, as far as their days go."""
        return tuple(StepTerms(step.kind, step.days) for step in self.steps)

    def step(self, kind: StepKind) -> StepRow | None:
        """Return a step, or None where the policy leaves it out."""
        return next((step for step in self.steps if step.kind == kind), None)

    @property
    def terms(self) -> Terms:
        """What standings are decided by."""
        suspension = self.step("suspension")
        return Terms(
            suspension_days=suspension.days if suspension else None,
            notice_days=self.notice_days,
            least_overdue_minor=self.least_overdue_minor,
            debit_restores=self.debit_restores,
        )

    def rule_for(self, product_id: int, *, code: str) -> ProductRule:
        """Return what is done with a product: as set, or as is usual for one of its kind."""
        rule = self.rules.get(product_id) or usual_rule(code)
        return replace(rule, night_only=rule.night_only or code in TILLS)


def usual_rule(code: str) -> ProductRule:
    """Return what is done with a product that no policy names."""
    return ProductRule("limit", night_only=True) if code in TILLS else ProductRule()


def policies(vendor_id: int) -> list[PolicyRow]:
    """Return a vendor's policies, the usual one first."""
    found = Policy.objects.filter(vendor_id=vendor_id).order_by("-is_usual", "name")
    return [_row(policy) for policy in found.prefetch_related("steps", "rules")]


def policy(*, vendor_id: int, public_id: UUID) -> PolicyRow | None:
    """Return one of a vendor's policies, or None."""
    return next((row for row in policies(vendor_id) if row.public_id == public_id), None)


def policies_of(company_ids: Iterable[int], *, vendor_id: int) -> dict[int, PolicyRow]:
    """Return the policy of each company."""
    known = {row.id: row for row in policies(vendor_id)}
    usual = next(row for row in known.values() if row.is_usual)
    ids = list(company_ids)
    chosen = dict(PolicyChoice.objects.filter(company_id__in=ids).values_list("company_id", "policy_id"))
    return {company_id: known[chosen[company_id]] if company_id in chosen else usual for company_id in ids}


def company_counts(vendor_id: int) -> dict[int, int]:
    """Return how many companies chose each policy other than the usual one, by its id."""
    counts: dict[int, int] = {}
    for policy_id in PolicyChoice.objects.filter(policy__vendor_id=vendor_id).values_list("policy_id", flat=True):
        counts[policy_id] = counts.get(policy_id, 0) + 1
    return counts


@transaction.atomic
def add_policy(*, vendor_id: int, name: str, actor: Actor) -> UUID:
    """Make another policy, for a group of customers, that begins as the usual one; return its public id.

    Raises DunningRefused where the name is taken or missing.
    """
    name = name.strip()
    if not name or Policy.objects.filter(vendor_id=vendor_id, name=name).exists():
        raise DunningRefused(_("Give the group a name that no other has."))
    usual = next(row for row in policies(vendor_id) if row.is_usual)
    made = Policy.objects.create(vendor_id=vendor_id, name=name)
    _write(made, replace(usual, id=made.id, public_id=made.public_id, name=name, is_usual=False))
    record(
        actor=actor,
        action="dunning policy added",
        subject=f"dunning_policy:{made.public_id}",
        vendor_id=vendor_id,
        after={"name": name},
    )
    return made.public_id


@transaction.atomic
def set_policy(*, vendor_id: int, wanted: PolicyRow, actor: Actor) -> None:
    """Set a policy; it counts from now on, for what is open then. Raises DunningRefused.

    Whoever is warned, limited or suspended by it is decided anew at once, all others with the next business day.
    """
    _check(wanted, vendor_id=vendor_id)
    found = Policy.objects.select_for_update().get(vendor_id=vendor_id, id=wanted.id)
    before = _row(found)
    _write(found, wanted)
    record(
        actor=actor,
        action="dunning policy set",
        subject=f"dunning_policy:{found.public_id}",
        vendor_id=vendor_id,
        before=_plain(before),
        after=_plain(wanted),
    )
    emit(
        name="dunning_changed",
        topic=f"dunning_policy:{found.public_id}",
        vendor_id=vendor_id,
        data={"policy": str(found.public_id)},
    )


@transaction.atomic
def choose_policy(*, vendor_id: int, company_id: int, policy_id: int, actor: Actor, reason: str) -> None:
    """Have a company go by a policy of its vendor, by which it is decided anew at once.

    Raises DunningRefused without a reason.
    """
    if not reason.strip():
        raise DunningRefused(_("Say why, so that the next reader understands."))
    wanted = next((row for row in policies(vendor_id) if row.id == policy_id), None)
    if wanted is None:
        raise DunningRefused(_("There is no such policy; choose one of the list."))
    before = policies_of([company_id], vendor_id=vendor_id)[company_id]
    if wanted.is_usual:
        PolicyChoice.objects.filter(company_id=company_id).delete()
    else:
        PolicyChoice.objects.update_or_create(company_id=company_id, defaults={"policy_id": policy_id})
    record(
        actor=actor,
        action="dunning policy chosen",
        subject=f"company:{company_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        before={"policy": before.name},
        after={"policy": wanted.name},
        reason=reason,
    )
    emit(
        name="dunning_changed",
        topic=f"company:{company_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        data={},
    )


def _check(wanted: PolicyRow, *, vendor_id: int) -> None:
    kinds = [step.kind for step in wanted.steps]
    after = [step for step in wanted.steps if step.kind != "due_soon"]
    if any(earlier.days >= later.days for earlier, later in pairwise(after)):
        raise DunningRefused(_("Each step comes later than the one before it; give the days in rising order."))
    if any(not -30 <= step.days <= -1 for step in wanted.steps if step.kind == "due_soon"):
        raise DunningRefused(_("The first news comes 1 to 30 days before the due date."))
    if any(not 1 <= step.days <= 365 for step in after):
        raise DunningRefused(_("A step after the due date comes 1 to 365 days after it."))
    if "suspension" in kinds and "final_notice" not in kinds:
        raise DunningRefused(_("Nobody is suspended without a final notice: add that step, or take suspension out."))
    if "hand_over" in kinds and "final_notice" not in kinds:
        raise DunningRefused(_("Nobody is handed over without a final notice: add that step, or take hand-over out."))
    if not 1 <= wanted.notice_days <= 60:
        raise DunningRefused(_("Between a final notice and a suspension lie 1 to 60 days."))
    fees = any(step.fee_minor for step in wanted.steps)
    if fees and wanted.fee_product_id not in {row.id for row in products(vendor_id)}:
        raise DunningRefused(_("Choose the product under which fees are charged: their taxes follow from it."))


def _write(found: Policy, wanted: PolicyRow) -> None:
    for name in (
        "notice_days",
        "least_overdue_minor",
        "debit_restores",
        "most_companies",
        "most_percent",
        "fee_product_id",
    ):
        setattr(found, name, getattr(wanted, name))
    found.save()
    found.steps.all().delete()
    Step.objects.bulk_create(Step(policy=found, **asdict(step)) for step in wanted.steps)
    found.rules.all().delete()
    ProductRuleModel.objects.bulk_create(
        ProductRuleModel(policy=found, product_id=product_id, **asdict(rule))
        for product_id, rule in wanted.rules.items()
    )


def _row(found: Policy) -> PolicyRow:
    steps = sorted(found.steps.all(), key=lambda step: STEP_KINDS.index(_kind(step.kind)))
    return PolicyRow(
        id=found.id,
        public_id=found.public_id,
        name=found.name,
        is_usual=found.is_usual,
        notice_days=found.notice_days,
        least_overdue_minor=found.least_overdue_minor,
        debit_restores=found.debit_restores,
        most_companies=found.most_companies,
        most_percent=found.most_percent,
        fee_product_id=found.fee_product_id,
        steps=tuple(
            StepRow(kind=_kind(step.kind), days=step.days, on_paper_too=step.on_paper_too, fee_minor=step.fee_minor)
            for step in steps
        ),
        rules={
            rule.product_id: ProductRule(_effect(rule.effect), rule.extra_days, rule.night_only)
            for rule in found.rules.all()
        },
    )


def _kind(word: str) -> StepKind:
    return next(kind for kind in STEP_KINDS if kind == word)


def _effect(word: str) -> Effect:
    return "suspend" if word == "suspend" else "limit" if word == "limit" else "never"


def _plain(row: PolicyRow) -> dict[str, Any]:
    return {
        "notice_days": row.notice_days,
        "least_overdue_minor": row.least_overdue_minor,
        "debit_restores": row.debit_restores,
        "most_companies": row.most_companies,
        "most_percent": row.most_percent,
        "steps": [asdict(step) for step in row.steps],
        "rules": {str(product_id): asdict(rule) for product_id, rule in row.rules.items()},
    }
