"""Deciding, before anything is written, which customers of an export are new, changed, unchanged or refused."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from comptoir.customers.imports import owners_of
from comptoir.tenancy.models import Company

from .legacy.records import Export, Finding, LegacyCompany
from .models import LegacyCompany as LegacyRow


@dataclass(slots=True)
class Staged:
    """An export sorted by what to do. ``present`` are the vendor's companies, by number, held until the commit."""

    present: Mapping[str, Company]
    new: list[LegacyCompany] = field(default_factory=list)
    changed: list[LegacyCompany] = field(default_factory=list)
    unchanged: list[LegacyCompany] = field(default_factory=list)
    refused: list[LegacyCompany] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def to_write(self) -> list[LegacyCompany]:
        """The customers of whom something is written, in the order of the file."""
        return [*self.new, *self.changed]


def stage(*, vendor_id: int, export: Export) -> Staged:
    """Sort an export's customers. A company that is billed here already is never changed, and warned about."""
    found = Company.objects.filter(vendor_id=vendor_id).order_by("id").select_for_update()
    staged = Staged(present={company.number: company for company in found})
    hashes = dict(LegacyRow.objects.filter(company__vendor_id=vendor_id).values_list("company_id", "content_hash"))
    for legacy in export.companies:
        company = staged.present.get(legacy.number)
        if company is None:
            staged.new.append(legacy)
        elif hashes.get(company.id) == legacy.content_hash:
            staged.unchanged.append(legacy)
        elif company.billed_since is not None:
            staged.unchanged.append(legacy)
            staged.findings.append(_moved_already(legacy, company))
        else:
            staged.changed.append(legacy)
    _refuse_contested_stores(staged, vendor_id=vendor_id)
    return staged


def _refuse_contested_stores(staged: Staged, *, vendor_id: int) -> None:
    """Refuse whoever claims a store that stays another's; refusing one may take a store from the next."""
    numbers = {store.number for legacy in staged.to_write for store in legacy.stores}
    owners = owners_of(vendor_id=vendor_id, numbers=sorted(numbers))
    company_numbers = {company.id: company.number for company in staged.present.values()}
    present_owners = {store: company_numbers[company_id] for store, company_id in owners.items()}
    while contested := _contested(staged.to_write, changed=staged.changed, owners=present_owners):
        refused = {legacy.number for legacy, _store, _owner in contested}
        staged.new = _without(staged.new, refused)
        staged.changed = _without(staged.changed, refused)
        staged.refused += [legacy for legacy, _store, _owner in contested]
        staged.findings += [_store_is_anothers(*row) for row in contested]


def _contested(
    claimants: Sequence[LegacyCompany], *, changed: Sequence[LegacyCompany], owners: Mapping[str, str]
) -> list[tuple[LegacyCompany, str, str]]:
    """Return who claims which store that is whose: kept by its present owner, or claimed earlier in the file."""
    keeps = {legacy.number: {store.number for store in legacy.stores} for legacy in changed}
    taken = {store: owner for store, owner in owners.items() if owner not in keeps or store in keeps[owner]}
    contested = []
    for legacy in claimants:
        lost = next(
            (store.number for store in legacy.stores if taken.get(store.number, legacy.number) != legacy.number), None
        )
        if lost is not None:
            contested.append((legacy, lost, taken[lost]))
        else:
            taken.update((store.number, legacy.number) for store in legacy.stores)
    return contested


def _without(companies: Sequence[LegacyCompany], numbers: Collection[str]) -> list[LegacyCompany]:
    return [legacy for legacy in companies if legacy.number not in numbers]


def _moved_already(legacy: LegacyCompany, company: Company) -> Finding:
    return Finding(
        severity="warning",
        line=legacy.lines[0],
        number=legacy.number,
        column="",
        value="",
        reason=_("This company has been billed here since %(day)s.") % {"day": company.billed_since},
        done=_("It stays as it is; the old system's word does not count any more."),
    )


def _store_is_anothers(legacy: LegacyCompany, store: str, owner: str) -> Finding:
    return Finding(
        severity="refusal",
        line=legacy.lines[0],
        number=legacy.number,
        column="store_number",
        value=store,
        reason=_("This store belongs to customer %(number)s.") % {"number": owner},
        done=_("This customer is left out as a whole."),
    )
