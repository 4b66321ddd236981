"""A day, as browsers want it."""

from typing import Any

from django.forms import DateInput


class DayInput(DateInput):
    """The browser's own field for a day: it takes and gives ISO dates, whatever language the page is in."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")
