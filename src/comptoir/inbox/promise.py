"""When the team answers: hours of work, counted on from a moment, in the vendor's own time zone. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Promise:
    """When a team works (1 is Monday), and within how many working hours it answers."""

    weekdays: str
    opens_at: time
    closes_at: time
    hours: int
    urgent_hours: int


USUAL = Promise(weekdays="12345", opens_at=time(9), closes_at=time(17), hours=16, urgent_hours=2)


def answer_by(*, promise: Promise, urgent: bool, now: datetime, time_zone: str) -> datetime:
    """Return the instant (UTC) by which the team promises an answer to what is written ``now``.

    Only working hours count. A day on which clocks change has its hours as they really pass.
    """
    left = timedelta(hours=promise.urgent_hours if urgent else promise.hours)
    day = now.astimezone(ZoneInfo(time_zone)).date()
    while True:
        opens, closes = _working(promise, day=day, time_zone=time_zone)
        begins = max(opens, now)
        if begins < closes:
            if left <= closes - begins:
                return begins + left
            left -= closes - begins
        day += timedelta(days=1)


def _working(promise: Promise, *, day: date, time_zone: str) -> tuple[datetime, datetime]:
    zone = ZoneInfo(time_zone)
    opens, closes = (
        datetime.combine(day, at, tzinfo=zone).astimezone(UTC) for at in (promise.opens_at, promise.closes_at)
    )
    return opens, closes if str(day.isoweekday()) in promise.weekdays else opens
