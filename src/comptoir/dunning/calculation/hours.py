"""When all of a company's stores are closed, by the clocks on their walls."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.core import get_global

QUARTER = timedelta(minutes=15)
LOOK_AHEAD = timedelta(days=8)  # every week is like the last one
NIGHT = (time(1), time(5))
SAME_NIGHT = timedelta(hours=12)
USUAL_HOURS = (time(6), time(0))

# The time zones in which a state of the USA, or province of Canada, lies: first that of most of it.
ZONES_OF_STATES = {
    ("America/New_York",): "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
    ("America/New_York", "America/Chicago"): "FL IN KY MI",
    ("America/Chicago", "America/New_York"): "TN",
    ("America/Chicago",): "AL AR IA IL LA MN MO MS OK WI",
    ("America/Chicago", "America/Denver"): "KS ND NE SD TX",
    ("America/Denver",): "CO MT NM UT WY",
    ("America/Denver", "America/Los_Angeles"): "ID",
    ("America/Phoenix", "America/Denver"): "AZ",
    ("America/Los_Angeles", "America/Denver"): "NV OR",
    ("America/Los_Angeles",): "CA WA",
    ("America/Anchorage", "America/Adak"): "AK",
    ("Pacific/Honolulu",): "HI",
    ("America/Puerto_Rico",): "PR VI",
    ("America/Toronto", "America/Winnipeg", "America/Atikokan"): "ON",
    ("America/Toronto", "America/Halifax", "America/Blanc-Sablon"): "QC",
    ("America/Halifax",): "NB NS PE",
    ("America/St_Johns", "America/Goose_Bay"): "NL",
    ("America/Winnipeg",): "MB",
    ("America/Regina", "America/Edmonton"): "SK",
    ("America/Edmonton",): "AB NT",
    ("America/Vancouver", "America/Edmonton", "America/Dawson_Creek"): "BC",
    ("America/Whitehorse",): "YT",
}
ZONES_OF = {state: zones for zones, states in ZONES_OF_STATES.items() for state in states.split()}
WITH_STATES = ("US", "CA")


@dataclass(frozen=True, slots=True)
class Day:
    """When a store is open on a day: from ``opens`` until ``closes``, past midnight too; the same time is all day."""

    opens: time = USUAL_HOURS[0]
    closes: time = USUAL_HOURS[1]

    @property
    def ends_next_day(self) -> bool:
        """Whether it closes after midnight, or at it."""
        return self.closes <= self.opens


@dataclass(frozen=True, slots=True)
class Hours:
    """When a store is open, by its own clock, on each day of the week from Monday on; None where it stays closed."""

    zone: str
    week: tuple[Day | None, ...] = (Day(),) * 7

    @property
    def as_entered(self) -> tuple[Day, dict[int, Day | None]]:
        """The hours of most days, and those of the days of the week that are other: 1 is Monday, 7 Sunday."""
        open_days = [day for day in self.week if day] or [Day()]
        usual = max(open_days, key=lambda day: (open_days.count(day), -open_days.index(day)))
        return usual, {number: day for number, day in enumerate(self.week, start=1) if day != usual}


def week_of(usual: Day, *, other: Mapping[int, Day | None]) -> tuple[Day | None, ...]:
    """Return a week of ``usual`` days, but for the ``other`` ones: 1 is Monday, 7 Sunday."""
    return tuple(other.get(weekday, usual) for weekday in range(1, 8))


def usual_hours(*, country: str, state: str, zone: str) -> tuple[Hours, ...]:
    """Return the hours of a store that never told its own, by each clock that may hang on its wall.

    These are its state's, elsewhere its country's, or else that of ``zone``. It is closed when it is by all of them.
    The first is that of most of the state.
    """
    if country in WITH_STATES:
        zones = ZONES_OF.get(state.strip().upper(), ())
    else:
        zones = tuple(sorted(each for each, where in get_global("zone_territories").items() if where == country))
    return tuple(Hours(each) for each in zones or (zone,))


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


def hour_to_close(
    stores: Iterable[Hours], *, after: datetime, night_only: bool, beside_one_at_night: bool
) -> datetime | None:
    """Return when a product is closed, from ``after`` on: None where there is no such moment.

    Beside one that has to wait for the night it waits with it, where that is the same night: they are closed, and told,
    together.
    """
    different = frozenset(stores)
    own = next_closed(different, after=after, night_only=night_only)
    if night_only or not beside_one_at_night or own is None:
        return own
    night = next_closed(different, after=after, night_only=True)
    return night if night and night - own <= SAME_NIGHT else own


def _next_quarter(after: datetime) -> datetime:
    utc = after.astimezone(UTC).replace(second=0, microsecond=0)
    whole = utc.replace(minute=utc.minute - utc.minute % 15)
    return whole if whole == after else whole + QUARTER


def _store_is_closed(hours: Hours, *, at: datetime, night_only: bool) -> bool:
    local = at.astimezone(ZoneInfo(hours.zone))
    clock = local.time()
    if night_only and not NIGHT[0] <= clock < NIGHT[1]:
        return False
    today, yesterday = hours.week[local.weekday()], hours.week[local.weekday() - 1]
    if yesterday and yesterday.ends_next_day and clock < yesterday.closes:
        return False
    return today is None or clock < today.opens or (clock >= today.closes and not today.ends_next_day)
