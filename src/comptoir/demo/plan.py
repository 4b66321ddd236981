"""The plan by which a demo vendor moves its customers: a picked few first, then who pays monthly, then the rest."""

from dataclasses import asdict
from datetime import date

from comptoir.cutover.company_list import CompanyFilter, free_by_number, public_ids
from comptoir.cutover.planning import add_companies, create_wave
from comptoir.tenancy.audit import Actor

PILOT = ("H-01", "H-02")
FREE = CompanyFilter(moved="free")
MONTHLY = CompanyFilter(moved="free", cadence="monthly")
BY_CARD = CompanyFilter(moved="free", cadence="monthly", paid_by="card")
# Name, letters, reminder, deadline, first month billed here, and for whom it is; the pilot is picked by hand.
WAVES = (
    ("Pilot", date(2020, 9, 8), date(2020, 9, 21), date(2020, 9, 28), date(2020, 10, 1), None),
    ("Monthly, by card", date(2020, 10, 6), date(2020, 10, 20), date(2020, 10, 28), date(2020, 11, 1), BY_CARD),
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
        if wanted:
            companies = public_ids(vendor_id=vendor_id, wanted=wanted)
        else:
            companies = list(free_by_number(vendor_id=vendor_id, numbers=PILOT).values())
        add_companies(
            vendor_id=vendor_id,
            wave_id=wave_id,
            company_public_ids=companies,
            actor=actor,
            criteria=_criteria(wanted) if wanted else None,
        )


def _criteria(wanted: CompanyFilter) -> dict[str, str]:
    return {name: value for name, value in asdict(wanted).items() if value and name != "moved"}
