"""The plan by which a demo vendor moves its customers: a picked few first, then who pays monthly, then the rest."""

from dataclasses import asdict
from datetime import date

from comptoir.cutover.company_list import CompanyFilter, public_ids
from comptoir.cutover.planning import add_companies, create_wave
from comptoir.tenancy.audit import Actor

PILOT = 2
FREE = CompanyFilter(moved="free")
MONTHLY = CompanyFilter(moved="free", cadence="monthly")
FEW_STORES = CompanyFilter(moved="free", cadence="monthly", stores_to="2")
# Name, letters, reminder, deadline, first month billed here, and for whom it is; the pilot is picked by hand.
WAVES = (
    ("Pilot", date(2020, 9, 8), date(2020, 9, 21), date(2020, 9, 28), date(2020, 10, 1), None),
    ("Monthly, few stores", date(2020, 10, 6), date(2020, 10, 20), date(2020, 10, 28), date(2020, 11, 1), FEW_STORES),
    ("Monthly", date(2020, 11, 5), date(2020, 11, 18), date(2020, 11, 27), date(2020, 12, 1), MONTHLY),
    ("Everyone else", date(2020, 12, 1), date(2020, 12, 15), date(2020, 12, 29), date(2021, 1, 1), FREE),
)


def plan_waves(*, vendor_id: int, actor: Actor, today: date) -> None:
    """Plan the waves of a vendor whose customers are imported."""
    for name, letter_on, reminder, deadline, month, wanted in WAVES:
        wave_id = create_wave(
            vendor_id=vendor_id,
            name=name,
            letter_on=letter_on,
            reminders=[reminder],
            deadline=deadline,
            first_invoice_month=month,
            actor=actor,
            today=today,
        )
        companies = public_ids(vendor_id=vendor_id, wanted=wanted or FREE)
        add_companies(
            vendor_id=vendor_id,
            wave_id=wave_id,
            company_public_ids=companies if wanted else sorted(companies)[:PILOT],
            actor=actor,
            criteria=_criteria(wanted) if wanted else None,
        )


def _criteria(wanted: CompanyFilter) -> dict[str, str]:
    return {name: value for name, value in asdict(wanted).items() if value and name != "moved"}
