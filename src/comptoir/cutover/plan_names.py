"""What a plan of the old system is called here, and the way back."""

from functools import lru_cache

from comptoir.catalog.models import Plan, Scope


@lru_cache(maxsize=1024)
def plan_code(*, legacy_plan: str, cadence: str, scope: str) -> str:
    """Return the code of the plan here: what a store takes and what a company takes for itself are two plans."""
    return "-".join((legacy_plan, *(("company",) if scope == Scope.COMPANY else ()), cadence))


def legacy_plan(plan: Plan) -> str:
    """Return what the old system calls a plan; one that was made here is called by its own code."""
    code = plan.code.removesuffix(f"-{plan.cadence}")
    return code.removesuffix("-company") if plan.scope == Scope.COMPANY else code
