"""Writing an export's new and changed customers, table by table, for many of them at once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from comptoir.catalog.operations import WantedPlan, ensure_plans
from comptoir.customers.imports import Store, end_other_stores, put_contacts, put_stores
from comptoir.kit.copying import copy_rows
from comptoir.subscriptions.imports import ImportedSubscription, put_subscriptions
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.imports import NewCompany, put_companies
from comptoir.tenancy.models import Company

from .legacy.profile import PlanDefaults
from .legacy.records import LegacyAddress, LegacyCompany, LegacyStore, LegacySubscription
from .models import ImportStep
from .models import LegacyCompany as LegacyRow
from .plan_names import plan_code
from .staging import Claim, Staged
from .telling import Tell

# So many customers are written at a time: statements for a set, and memory that does not grow with the file.
AT_ONCE = 2_000


def write(
    *,
    staged: Staged,
    vendor_id: int,
    plans: Sequence[PlanDefaults],
    import_id: int,
    actor: Actor,
    today: date,
    now: datetime,
    tell: Tell,
) -> None:
    """Write what is new and what has changed, in the caller's transaction; each changed company is put on record."""
    to_write = staged.to_write
    tell(ImportStep.WRITING, 0, len(to_write))
    plan_ids = ensure_plans(vendor_id=vendor_id, wanted=_wanted_plans(_read(to_write, staged), plans))
    kept = {staged.present[claim.number].id: claim.stores for claim in staged.changed}
    end_other_stores(kept, today=today, by=actor.label, now=now)
    for first in range(0, len(to_write), AT_ONCE):
        claims = to_write[first : first + AT_ONCE]
        changed = _change_companies([claim for claim in claims if claim.number in staged.present], staged)
        new = [staged.companies[claim.number] for claim in claims if claim.number not in staged.present]
        made = put_companies(vendor_id=vendor_id, companies=[_new_company(legacy) for legacy in new])
        written = _Written(
            vendor_id=vendor_id,
            import_id=import_id,
            new=dict(zip(made, new, strict=True)),
            changed={each.company.id: each.legacy for each in changed},
        )
        prices_before = _write_what_is_theirs(written, plan_ids=plan_ids, today=today)
        for each in changed:
            _put_on_record(each, written=written, prices_before=prices_before, actor=actor)
        tell(ImportStep.WRITING, first + len(claims), len(to_write))


class _Changed(NamedTuple):
    """A company that was here, as it is now; what of it was said before; and what the file says."""

    company: Company
    before: Mapping[str, object]
    legacy: LegacyCompany


class _Written(NamedTuple):
    """Customers that are written together, by their companies' ids."""

    vendor_id: int
    import_id: int
    new: Mapping[int, LegacyCompany]
    changed: Mapping[int, LegacyCompany]


def _read(claims: Iterable[Claim], staged: Staged) -> Iterator[LegacyCompany]:
    return (staged.companies[claim.number] for claim in claims)


def _write_what_is_theirs(
    written: _Written, *, plan_ids: Mapping[str, int], today: date
) -> Mapping[int, Mapping[str, object]]:
    """Write addresses, stores, services and what the old system said; return the services before, of the changed."""
    owned = {**written.new, **written.changed}
    put_contacts({company_id: _addresses(legacy) for company_id, legacy in owned.items()}, new=written.new.keys())
    locations = put_stores(
        vendor_id=written.vendor_id,
        stores={
            company_id: [_store(store, legacy, today=today) for store in legacy.stores]
            for company_id, legacy in owned.items()
        },
        today=today,
    )
    before = put_subscriptions(
        vendor_id=written.vendor_id,
        subscriptions={
            company_id: [
                _subscription(subscription, legacy, locations=locations, plan_ids=plan_ids)
                for subscription in legacy.subscriptions
            ]
            for company_id, legacy in owned.items()
        },
    )
    _write_legacy(written)
    return before


def _change_companies(claims: Sequence[Claim], staged: Staged) -> list[_Changed]:
    found = Company.objects.in_bulk([staged.present[claim.number].id for claim in claims])
    changed = []
    for legacy in _read(claims, staged):
        company = found[staged.present[legacy.number].id]
        before = _description(company)
        changed.append(_Changed(_described(company, legacy), before, legacy))
    companies = [each.company for each in changed]
    Company.objects.bulk_update(companies, ["name", "language", "address_lines", "country"], batch_size=500)
    return changed


def _put_on_record(
    changed: _Changed, *, written: _Written, prices_before: Mapping[int, Mapping[str, object]], actor: Actor
) -> None:
    company = changed.company
    record(
        actor=actor,
        action="changed by import",
        subject=f"legacy_import:{written.import_id}",
        vendor_id=written.vendor_id,
        company_id=company.id,
        before={**changed.before, "subscriptions": prices_before.get(company.id, {})},
        after=_description(company),
    )


def _new_company(legacy: LegacyCompany) -> NewCompany:
    return NewCompany(
        number=legacy.number,
        name=legacy.name,
        language=legacy.language,
        address_lines=_address_lines(legacy.address),
        country=legacy.address.country,
    )


def _described(company: Company, legacy: LegacyCompany) -> Company:
    company.name = legacy.name
    company.language = legacy.language
    company.address_lines = _address_lines(legacy.address)
    company.country = legacy.address.country
    return company


def _description(company: Company) -> dict[str, object]:
    return {"name": company.name, "language": company.language, "address_lines": company.address_lines}


def _address_lines(address: LegacyAddress) -> list[str]:
    town = ", ".join(part for part in (address.city, f"{address.state} {address.zip}".strip()) if part)
    country = "" if address.country == "US" else address.country
    return [line for line in (address.street, town, country) if line]


def _addresses(legacy: LegacyCompany) -> dict[str, str]:
    given = {"owner": legacy.owner_email, "billing": legacy.billing_email}
    return {role: email for role, email in given.items() if email}


def _store(store: LegacyStore, legacy: LegacyCompany, *, today: date) -> Store:
    served_since = [row.starts_on for row in legacy.subscriptions if row.store_number == store.number]
    return Store(
        number=store.number,
        name=store.name,
        brand=store.brand,
        address=store.address.street,
        city=store.address.city,
        county=store.address.county,
        state=store.address.state,
        postal_code=store.address.zip,
        country=store.address.country,
        owned_from=min([today, *served_since, *([store.opened_on] if store.opened_on else [])]),
    )


def _plan_code(subscription: LegacySubscription) -> str:
    scope = "location" if subscription.store_number else "company"
    return plan_code(legacy_plan=subscription.plan_code, cadence=subscription.cadence, scope=scope)


def _wanted_plans(companies: Iterable[LegacyCompany], plans: Sequence[PlanDefaults]) -> list[WantedPlan]:
    """The plans taken; a new one costs what most companies pay for it, and what others pay is agreed with them."""
    defaults = {plan.code: plan for plan in plans}
    first: dict[str, LegacySubscription] = {}
    valid_from: dict[str, date] = {}
    paid: dict[str, Counter[int]] = defaultdict(Counter)
    for legacy in companies:
        paid_here = set()
        for subscription in legacy.subscriptions:
            code, starts_on = _plan_code(subscription), subscription.starts_on
            first.setdefault(code, subscription)
            valid_from[code] = min(valid_from.get(code, starts_on), starts_on)
            paid_here.add((code, subscription.price_minor))
        for code, price_minor in paid_here:
            paid[code][price_minor] += 1
    return [
        WantedPlan(
            code=code,
            name=defaults[subscription.plan_code].name,
            cadence=subscription.cadence,
            scope="location" if subscription.store_number else "company",
            product_code=subscription.product_code,
            product_name=defaults[subscription.plan_code].product_name,
            price_minor=min(paid[code], key=lambda price_minor: (-paid[code][price_minor], price_minor)),
            valid_from=valid_from[code],
        )
        for code, subscription in sorted(first.items())
    ]


def _subscription(
    subscription: LegacySubscription,
    legacy: LegacyCompany,
    *,
    locations: Mapping[str, int],
    plan_ids: Mapping[str, int],
) -> ImportedSubscription:
    store = subscription.store_number
    code = _plan_code(subscription)
    return ImportedSubscription(
        key="/".join((legacy.number, store or "", code)),
        location_id=None if store is None else locations[store],
        plan_id=plan_ids[code],
        anchor_day=subscription.anchor_day,
        price_minor=subscription.price_minor,
        starts_on=subscription.starts_on,
        billed_through=subscription.billed_through,
        minimum_term_ends_on=subscription.minimum_term_ends_on,
    )


LEGACY_COLUMNS = (
    "company_id",
    "content_hash",
    "paid_by",
    "paid_by_words",
    "phone",
    "balance_minor",
    "last_invoice_number",
    "last_invoice_minor",
    "imported_by_id",
)


def _write_legacy(written: _Written) -> None:
    copy_rows(
        table="cutover_legacycompany",
        columns=LEGACY_COLUMNS,
        rows=(_legacy_values(company_id, legacy, written.import_id) for company_id, legacy in written.new.items()),
    )
    rows = [_legacy_values(company_id, legacy, written.import_id) for company_id, legacy in written.changed.items()]
    LegacyRow.objects.bulk_create(
        [LegacyRow(**dict(zip(LEGACY_COLUMNS, row, strict=True))) for row in rows],
        update_conflicts=True,
        unique_fields=["company"],
        update_fields=[column.removesuffix("_id") for column in LEGACY_COLUMNS if column != "company_id"],
    )


def _legacy_values(company_id: int, legacy: LegacyCompany, import_id: int) -> tuple[Any, ...]:
    last = legacy.last_invoice
    return (
        company_id,
        legacy.content_hash,
        legacy.pays_by_before.kind,
        legacy.pays_by_before.label,
        legacy.phone,
        legacy.balance_minor,
        last.number if last else "",
        last.total_minor if last else None,
        import_id,
    )
