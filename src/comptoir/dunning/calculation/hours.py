"""When all of a company's stores are closed, by the clocks on their walls."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)
LOOK_AHEAD = timedelta(hours=48)  # every day is like the last one
NIGHT = (time(1), time(5))
USUAL_HOURS = (time(6), time(0))

# The time zone in which most of a state, or province, lies.
ZONES_OF_STATES = {
    "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
    "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
    "America/Denver": "CO ID MT NM UT WY",
    "America/Phoenix": "AZ",
    "America/Los_Angeles": "CA NV OR WA",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR VI",
    "America/Toronto": "ON QC",
    "America/Halifax": "NB NS PE",
    "America/St_Johns": "NL",
    "America/Winnipeg": "MB",
    "America/Regina": "SK",
    "America/Edmonton": "AB",
    "America/Vancouver": "BC",
}
ZONE_OF = {state: zone for zone, states in ZONES_OF_STATES.items() for state in states.split()}


@dataclass(frozen=True, slots=True)
class Hours:
    """When a store is open, each day, by its own clock: from ``opens`` until ``closes``, past midnight too.

    Opening and closing at the same time is never closed.
    """

    zone: str
    opens: time = USUAL_HOURS[0]
    closes: time = USUAL_HOURS[1]


def usual_hours(*, state: str, zone: str) -> Hours:
    """Return the hours of a store that never told its own: by its state's clock, or else that of ``zone``."""
    return Hours(ZONE_OF.get(state.strip().upper(), zone))


def is_closed(stores: Iterable[Hours], *, at: datetime, night_only: bool) -> bool:
    """Return whether every store is closed at an instant, and with ``night_only`` whether it is night there."""
    return all(_store_is_closed(hours, at=at, night_only=night_only) for hours in set(stores))


def next_closed(stores: Iterable[Hours], *, after: datetime, night_only: bool) -> datetime | None:
    """Return the first quarter of an hour, from ``after`` on, at which and until the end of which all are closed.

    None where there is no such moment, as of stores that never close.
    """
    different = frozenset(stores)
    at = _next_quarter(after)
    while at <= after + LOOK_AHEAD:
        if is_closed(different, at=at, night_only=night_only) and is_closed(
            different, at=at + QUARTER - timedelta(seconds=1), night_only=night_only
        ):
            return at
        at += QUARTER
    return None


def _next_quarter(after: datetime) -> datetime:
    utc = after.astimezone(UTC).replace(second=0, microsecond=0)
    whole = utc.replace(minute=utc.minute - utc.minute % 15)
    return whole if whole == after else whole + QUARTER


def _store_is_closed(hours: Hours, *, at: datetime, night_only: bool) -> bool:
    local = at.astimezone(ZoneInfo(hours.zone)).time()
    if night_only and not NIGHT[0] <= local < NIGHT[1]:
        return False
    if hours.opens < hours.closes:
        return not hours.opens <= local < hours.closes
    return hours.closes <= local < hours.opens
