"""Half-open periods of days."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The days from ``starts_on`` up to, not including, ``ends_on``."""

    starts_on: date
    ends_on: date

    def __post_init__(self) -> None:
        if self.ends_on <= self.starts_on:
            raise ValueError(f"a period must have at least one day: {self.starts_on} to {self.ends_on}")

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days

    @property
    def last_day(self) -> date:
        return self.ends_on - timedelta(days=1)

    def overlaps(self, other: "Period") -> bool:
        return self.starts_on < other.ends_on and other.starts_on < self.ends_on
