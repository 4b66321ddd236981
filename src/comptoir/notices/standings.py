"""News of products that a company may not use any more as before, and of those that it may use again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from django.utils import translation

from comptoir.access.queries import StandingChangeRow, standing_changes
from comptoir.look.states import STATES
from comptoir.tenancy.queries import company

from . import links
from .composing import write_to_company


def send_access_changed(change_ids: Iterable[int]) -> None:
    """Tell each company, once, which products were closed or limited, or are open again, and why."""
    told = [change for change in standing_changes(change_ids) if change.restricts or change.restores]
    told.sort(key=lambda change: (change.company_id, change.restricts, change.reason, change.product_name))
    for (company_id, _restricts, _reason), changes in groupby(
        told, key=lambda change: (change.company_id, change.restricts, change.reason)
    ):
        _tell(company_id, list(changes))


def _tell(company_id: int, changes: Sequence[StandingChangeRow]) -> None:
    buyer, (first, *_others) = company(company_id), changes
    with translation.override(buyer.language):
        facts = {
            "company": buyer.name,
            "restricts": first.restricts,
            "products": ", ".join(change.product_name for change in changes),
            "states": [(change.product_name, str(STATES[change.state].word)) for change in changes],
            "why": first.why,
            "way_back": first.way_back,
            "url": links.home_url(company_public_id=buyer.public_id),
        }
    write_to_company(name="access_changed", key=f"access-changed:{first.id}", buyer=buyer, facts=facts)
