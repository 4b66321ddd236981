"""Deciding, before anything is written, which customers of an export are new, changed, unchanged or refused."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from comptoir.customers.imports import owners_of
from comptoir.tenancy.models import Company

from .legacy.records import Export, Finding, LegacyCompanies, LegacyCompany
from .models import LegacyCompany as LegacyRow


class Claim(NamedTuple):
    """A customer of the file of whom something is to be written: where it begins, and the stores it says are its."""

    number: str
    line: int
    stores: tuple[str, ...]


class Present(NamedTuple):
    """A company that is here already, and since when it is billed here."""

    id: int
    billed_since: date | None


@dataclass(slots=True)
class Staged:
    """A file's customers sorted by what to do. ``present`` are the vendor's, by number, held until the commit."""

    companies: LegacyCompanies
    present: Mapping[str, Present]
    new: list[Claim] = field(default_factory=list)
    changed: list[Claim] = field(default_factory=list)
    unchanged: int = 0
    refused: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def to_write(self) -> list[Claim]:
        """The customers of whom something is written, in the order of the file."""
        return [*self.new, *self.changed]


def stage(*, vendor_id: int, export: Export) -> Staged:
    """Sort a file's customers. A company that is billed here already is never changed, and warned about."""
    found = Company.objects.filter(vendor_id=vendor_id).order_by("id").select_for_update()
    rows = found.values_list("number", "id", "billed_since")
    present = {number: Present(company_id, billed_since) for number, company_id, billed_since in rows}
    staged = Staged(companies=export.companies, present=present)
    hashes = dict(LegacyRow.objects.filter(company__vendor_id=vendor_id).values_list("company_id", "content_hash"))
    for legacy in export.companies:
        company = present.get(legacy.number)
        if company is None:
            staged.new.append(_claim(legacy))
        elif hashes.get(company.id) == legacy.content_hash:
            staged.unchanged += 1
        elif company.billed_since is not None:
            staged.unchanged += 1
            staged.findings.append(_moved_already(legacy, company))
        else:
            staged.changed.append(_claim(legacy))
    _refuse_contested_stores(staged, vendor_id=vendor_id)
    return staged


def _claim(legacy: LegacyCompany) -> Claim:
    return Claim(legacy.number, legacy.lines[0], tuple(store.number for store in legacy.stores))


def _refuse_contested_stores(staged: Staged, *, vendor_id: int) -> None:
    """Refuse whoever claims a store that stays another's; refusing one may take a store from the next."""
    numbers = {store for claim in staged.to_write for store in claim.stores}
    owners = owners_of(vendor_id=vendor_id, numbers=sorted(numbers))
    company_numbers = {company.id: number for number, company in staged.present.items()}
    present_owners = {store: company_numbers[company_id] for store, company_id in owners.items()}
    while contested := _contested(staged.to_write, changed=staged.changed, owners=present_owners):
        refused = {claim.number for claim, _store, _owner in contested}
        staged.new = _without(staged.new, refused)
        staged.changed = _without(staged.changed, refused)
        staged.refused += len(contested)
        staged.findings += [_store_is_anothers(*row) for row in contested]


def _contested(
    claims: Sequence[Claim], *, changed: Sequence[Claim], owners: Mapping[str, str]
) -> list[tuple[Claim, str, str]]:
    """Return who claims which store that is whose: kept by its present owner, or claimed earlier in the file."""
    keeps = {claim.number: set(claim.stores) for claim in changed}
    taken = {store: owner for store, owner in owners.items() if owner not in keeps or store in keeps[owner]}
    contested = []
    for claim in claims:
        lost = next((store for store in claim.stores if taken.get(store, claim.number) != claim.number), None)
        if lost is not None:
            contested.append((claim, lost, taken[lost]))
        else:
            taken.update(dict.fromkeys(claim.stores, claim.number))
    return contested


def _without(claims: Sequence[Claim], numbers: Collection[str]) -> list[Claim]:
    return [claim for claim in claims if claim.number not in numbers]


def _moved_already(legacy: LegacyCompany, company: Present) -> Finding:
    return Finding(
        severity="warning",
        line=legacy.lines[0],
        number=legacy.number,
        column="",
        value="",
        reason=_("This company has been billed here since %(day)s.") % {"day": company.billed_since},
        done=_("It stays as it is; the old system's word does not count any more."),
    )


def _store_is_anothers(claim: Claim, store: str, owner: str) -> Finding:
    return Finding(
        severity="refusal",
        line=claim.line,
        number=claim.number,
        column="store_number",
        value=store,
        reason=_("This store belongs to customer %(number)s.") % {"number": owner},
        done=_("This customer is left out as a whole."),
    )
