"""One row of an export, read field by field through the profile; what is wrong is noted, not raised."""

from __future__ import annotations

import datetime
import re
import string
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from comptoir.cutover.legacy import fields
from comptoir.cutover.legacy.profile import FileMapping, Profile
from comptoir.cutover.legacy.records import Finding, Severity
from comptoir.kit.cells import AmountFormat, Unreadable, parse_date

ONE_DAY = datetime.timedelta(days=1)
# What nearly all addresses look like, and Django's validator takes as well; it looks at the others, for it takes long.
PLAIN_EMAIL = re.compile(r"[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z]{2,63}", re.ASCII)
LONGEST_EMAIL = 254


@lru_cache(maxsize=4096)
def _minor(amounts: AmountFormat, text: str) -> int:
    return amounts.minor(text)


@lru_cache(maxsize=4096)
def _decimal(amounts: AmountFormat, text: str) -> Decimal:
    return amounts.decimal(text)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the fields stand in the rows of one file."""

    profile: Profile
    mapping: FileMapping
    width: int
    positions: Mapping[str, int]
    control_position: int
    constants: Mapping[str, str]
    warned_of: Sequence[str]
    currency: str

    @classmethod
    def of(cls, *, profile: Profile, mapping: FileMapping, header: Sequence[str]) -> Layout:
        """This method will find the columns of the profile in a header that was checked."""
        positions = {name: header.index(column) for name, column in mapping.columns.items()}
        return cls(
            profile=profile,
            mapping=mapping,
            width=len(header),
            positions=positions,
            control_position=header.index(mapping.control_column),
            constants={name: text.format() for name, text in mapping.defaults.items() if not _fields_of(text)},
            warned_of=[name for name, column in mapping.columns.items() if column in mapping.warn_when_blank],
            currency=profile.vendor.currency,
        )

    def cells_of(self, fields: Collection[str]) -> tuple[int, ...]:
        """This method will return where all cells stand that say something of `fields`, by their defaults, too."""
        named = {name for field in fields for name in (field, *_fields_of(self.mapping.defaults.get(field, "")))}
        return tuple(sorted(self.positions[name] for name in named if name in self.positions))


def _fields_of(template: str) -> list[str]:
    return [name for _text, name, _spec, _conversion in string.Formatter().parse(template) if name is not None]


class Row:
    """A row's values by field. A row with a refusal among its findings is not to be used."""

    __slots__ = ("_cells", "_layout", "_tidy", "findings", "line", "number")

    def __init__(self, *, layout: Layout, line: int, cells: Sequence[str]) -> None:
        self._layout = layout
        self._cells = cells
        self._tidy = [" ".join(cell.split()) for cell in cells]
        self.line = line
        self.findings: list[Finding] = []
        self.number = self["customer_number"]
        if len(cells) != layout.width:
            reason = _("The row has %(count)d cells where the header has %(width)d.")
            self.refuse(reason=reason % {"count": len(cells), "width": layout.width})
        elif not self.number:
            self.refuse("customer_number", reason=_("A customer number is missing."))

    def __getitem__(self, name: str) -> str:
        """This method will return the cell of a field, spaces tidied; empty if blank or not in the file."""
        position = self._layout.positions.get(name)
        return "" if position is None or position >= len(self._tidy) else self._tidy[position]

    def cells_at(self, positions: Sequence[int]) -> list[str]:
        """This method will return the cells at some places, spaces tidied."""
        return [self._tidy[position] if position < len(self._tidy) else "" for position in positions]

    @property
    def refused(self) -> bool:
        return bool(self.findings) and any(finding.severity == "refusal" for finding in self.findings)

    def text(self, name: str) -> str:
        """This method will return a field's text: the cell, else the profile's default, else nothing."""
        if value := self[name]:
            return value
        constant = self._layout.constants.get(name)
        if constant is not None:
            return constant
        template = self._layout.mapping.defaults.get(name)
        return template.format_map(self) if template else ""

    def required(self, name: str) -> str:
        """This method will return a field's text, refusing the row if there is none."""
        value = self.text(name)
        if not value:
            self.refuse(name, reason=_("This is needed, but blank."))
        return value

    def date(self, name: str) -> datetime.date | None:
        """This method will return a date, None if blank; refuses the row if it cannot be read."""
        value = self.text(name)
        if not value:
            return None
        try:
            return parse_date(text=value, pattern=self._layout.mapping.date_pattern)
        except Unreadable as error:
            self.refuse(name, reason=str(error))
            return None

    def end_date(self, name: str) -> datetime.date | None:
        """This method will return a date that ends a period, as the day after it."""
        day = self.date(name)
        return day + ONE_DAY if day and self._layout.mapping.last_days else day

    def amount(self, name: str) -> int | None:
        """This method will return minor units, None if blank; refuses the row if they cannot be read."""
        value = self.text(name)
        if not value:
            return None
        try:
            return _minor(self._layout.mapping.amounts, value)
        except Unreadable as error:
            self.refuse(name, reason=str(error))
            return None

    def word(self, name: str) -> str:
        """This method will return Comptoir's word for the file's; refuses the row if there is none."""
        value = self.text(name)
        meaning = self._layout.profile.words[name].get(fields.fold(value), "")
        if value and not meaning:
            reason = _("The profile does not say what this means; add it under “words.%(name)s”.")
            self.refuse(name, reason=reason % {"name": name})
        return meaning

    def whole(self, name: str, *, most: int) -> int | None:
        """This method will return a number from 0 to `most`, None if blank; otherwise refuses the row."""
        value = self.text(name)
        if not value:
            return None
        if not (value.isascii() and value.isdigit() and len(value) < 10 and int(value) <= most):
            self.refuse(name, reason=_("This is not a whole number up to %(most)d.") % {"most": most})
            return None
        return int(value)

    def email(self, name: str) -> str:
        """This method will return an e-mail address in small letters, refusing the row if it is none."""
        value = self.text(name).lower()
        if not value:
            return ""
        try:
            if not PLAIN_EMAIL.fullmatch(value) or len(value) > LONGEST_EMAIL:
                validate_email(value)
        except ValidationError:
            self.refuse(name, reason=_("This is not an e-mail address."))
        return value

    def control(self) -> Decimal:
        """This method will return what the row adds to the control total, 0 if it is blank or unreadable."""
        value = self._cell(self._layout.control_position)
        try:
            return _decimal(self._layout.mapping.amounts, value) if value else Decimal(0)
        except Unreadable:
            return Decimal(0)

    def check_blanks(self) -> None:
        """This method will warn of blank cells where the profile asks for a warning."""
        for name in self._layout.warned_of:
            if not self[name]:
                self.warn(name, reason=_("This is blank."), done=_("It was taken as not known."))

    def check_currency(self) -> None:
        """This method will refuse the row if its currency is not the vendor's."""
        ours = self._layout.currency
        value = self.text("currency")
        if value and value.upper() != ours:
            reason = _("The vendor's currency is %(currency)s; amounts are not converted.")
            self.refuse("currency", reason=reason % {"currency": ours})

    def refuse(self, name: str = "", *, reason: str) -> None:
        """This method will note why the row, and with it the whole customer or invoice, cannot be taken."""
        self._note("refusal", name, reason=reason, done=_("Nothing of it was taken."))

    def warn(self, name: str = "", *, reason: str, done: str) -> None:
        """This method will note something odd, and what was done with it."""
        self._note("warning", name, reason=reason, done=done)

    def _cell(self, position: int) -> str:
        return self._tidy[position] if position < len(self._tidy) else ""

    def _note(self, severity: Severity, name: str, *, reason: str, done: str) -> None:
        position = self._layout.positions.get(name)
        raw = self._cells[position] if position is not None and position < len(self._cells) else ""
        self.findings.append(
            Finding(
                severity=severity,
                line=self.line,
                number=self.number,
                column=self._layout.mapping.columns.get(name, name),
                value=raw if raw.strip() or name in self._layout.positions else self.text(name),
                reason=reason,
                done=done,
            )
        )
