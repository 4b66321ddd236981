"""One row of an export, read field by field through the profile; what is wrong is noted, not raised."""

from __future__ import annotations

import datetime
import re
import string
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from comptoir.cutover.legacy import fields
from comptoir.cutover.legacy.profile import FileMapping, Profile
from comptoir.cutover.legacy.records import Finding, Severity
from comptoir.kit.cells import Unreadable, parse_date

# The cells of a row that say something of one matter, as they stand: equal ones say the same.
CellsOf = Callable[[Sequence[str]], tuple[str, ...]]

ONE_DAY = datetime.timedelta(days=1)
# What nearly all addresses look like, and Django's validator takes as well; it looks at the others, for it takes long.
PLAIN_EMAIL = re.compile(r"[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z]{2,63}", re.ASCII)
LONGEST_EMAIL = 254


# The same amounts stand in many rows: so many are understood once.
REMEMBERED = 4096


class Source(NamedTuple):
    """Where a field's text comes from: its cell, if it has a column; else a template that names others, or a text."""

    position: int | None
    template: str
    text: str


def tidy(cell: str) -> str:
    """Return a cell's text without spaces at its ends, and with single ones within."""
    return " ".join(cell.split())


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the fields stand in the rows of one file, and where the text of each comes from."""

    profile: Profile
    mapping: FileMapping
    width: int
    positions: Mapping[str, int]
    sources: Mapping[str, Source]
    control_position: int
    warned_of: Sequence[str]
    currency: str
    minor: Callable[[str], int]
    decimal: Callable[[str], Decimal]

    @classmethod
    def of(cls, *, profile: Profile, mapping: FileMapping, header: Sequence[str]) -> Layout:
        """Find the columns of the profile in a header that was checked."""
        positions = {name: header.index(column) for name, column in mapping.columns.items()}
        return cls(
            profile=profile,
            mapping=mapping,
            width=len(header),
            positions=positions,
            sources={
                name: _source(position=positions.get(name), default=mapping.defaults.get(name, ""))
                for name in positions.keys() | mapping.defaults.keys()
            },
            control_position=header.index(mapping.control_column),
            warned_of=[name for name, column in mapping.columns.items() if column in mapping.warn_when_blank],
            currency=profile.vendor.currency,
            minor=lru_cache(maxsize=REMEMBERED)(mapping.amounts.minor),
            decimal=lru_cache(maxsize=REMEMBERED)(mapping.amounts.decimal),
        )

    def cells_of(self, fields: Collection[str]) -> CellsOf:
        """Return what takes from a row all cells that say something of `fields`, by their defaults, too."""
        named = {name for field in fields for name in (field, *_fields_of(self.mapping.defaults.get(field, "")))}
        positions = sorted(self.positions[name] for name in named if name in self.positions)
        if len(positions) > 1:
            return itemgetter(*positions)
        return lambda cells: tuple(cells[position] for position in positions)


def _source(*, position: int | None, default: str) -> Source:
    named = bool(_fields_of(default))
    return Source(position, template=default if named else "", text="" if named else default.format())


def _fields_of(template: str) -> list[str]:
    return [name for _text, name, _spec, _conversion in string.Formatter().parse(template) if name is not None]


class Row:
    """A row's values by field. A row with a refusal among its findings is not to be used."""

    __slots__ = ("_layout", "cells", "findings", "line", "number")

    def __init__(self, *, layout: Layout, line: int, cells: Sequence[str]) -> None:
        self._layout = layout
        self.cells = cells if len(cells) >= layout.width else [*cells, *[""] * (layout.width - len(cells))]
        self.line = line
        self.findings: list[Finding] = []
        self.number = self["customer_number"]
        if len(cells) != layout.width:
            reason = _("The row has %(count)d cells where the header has %(width)d.")
            self.refuse(reason=reason % {"count": len(cells), "width": layout.width})
        elif not self.number:
            self.refuse("customer_number", reason=_("A customer number is missing."))

    def __getitem__(self, name: str) -> str:
        """Return the cell of a field, spaces tidied; empty if blank or not in the file."""
        position = self._layout.positions.get(name)
        return "" if position is None else tidy(self.cells[position])

    @property
    def refused(self) -> bool:
        return bool(self.findings) and any(finding.severity == "refusal" for finding in self.findings)

    def text(self, name: str) -> str:
        """Return a field's text: the cell, else the profile's default, else nothing."""
        source = self._layout.sources.get(name)
        if source is None:
            return ""
        position, template, text = source
        if position is not None and (value := tidy(self.cells[position])):
            return value
        return template.format_map(self) if template else text

    def required(self, name: str) -> str:
        """Return a field's text, refusing the row if there is none."""
        value = self.text(name)
        if not value:
            self.refuse(name, reason=_("This is needed, but blank."))
        return value

    def date(self, name: str) -> datetime.date | None:
        """Return a date, None if blank; refuses the row if it cannot be read."""
        value = self.text(name)
        if not value:
            return None
        try:
            return parse_date(text=value, pattern=self._layout.mapping.date_pattern)
        except Unreadable as error:
            self.refuse(name, reason=str(error))
            return None

    def end_date(self, name: str) -> datetime.date | None:
        """Return a date that ends a period, as the day after it."""
        day = self.date(name)
        return day + ONE_DAY if day and self._layout.mapping.last_days else day

    def amount(self, name: str) -> int | None:
        """Return minor units, None if blank; refuses the row if they cannot be read."""
        value = self.text(name)
        if not value:
            return None
        try:
            return self._layout.minor(value)
        except Unreadable as error:
            self.refuse(name, reason=str(error))
            return None

    def word(self, name: str) -> str:
        """Return Comptoir's word for the file's; refuses the row if there is none."""
        value = self.text(name)
        meaning = self._layout.profile.words[name].get(fields.fold(value), "")
        if value and not meaning:
            reason = _("The profile does not say what this means; add it under “words.%(name)s”.")
            self.refuse(name, reason=reason % {"name": name})
        return meaning

    def whole(self, name: str, *, most: int) -> int | None:
        """Return a number from 0 to `most`, None if blank; otherwise refuses the row."""
        value = self.text(name)
        if not value:
            return None
        if not (value.isascii() and value.isdigit() and len(value) < 10 and int(value) <= most):
            self.refuse(name, reason=_("This is not a whole number up to %(most)d.") % {"most": most})
            return None
        return int(value)

    def email(self, name: str) -> str:
        """Return an e-mail address in small letters, refusing the row if it is none."""
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
        """Return what the row adds to the control total, 0 if it is blank or unreadable."""
        value = tidy(self.cells[self._layout.control_position])
        try:
            return self._layout.decimal(value) if value else Decimal(0)
        except Unreadable:
            return Decimal(0)

    def check_blanks(self) -> None:
        """Warn of blank cells where the profile asks for a warning."""
        for name in self._layout.warned_of:
            if not self[name]:
                self.warn(name, reason=_("This is blank."), done=_("It is taken as not known."))

    def check_currency(self) -> None:
        """Refuse the row if its currency is not the vendor's."""
        ours = self._layout.currency
        value = self.text("currency")
        if value and value.upper() != ours:
            reason = _("The vendor's currency is %(currency)s; amounts are not converted.")
            self.refuse("currency", reason=reason % {"currency": ours})

    def refuse(self, name: str = "", *, reason: str) -> None:
        """Note why the row, and with it the whole customer or invoice, cannot be taken."""
        self._note(
            "refusal", name, reason=reason, done=_("The customer or invoice of this line is left out as a whole.")
        )

    def warn(self, name: str = "", *, reason: str, done: str) -> None:
        """Note something odd, and what was done with it."""
        self._note("warning", name, reason=reason, done=done)

    def _note(self, severity: Severity, name: str, *, reason: str, done: str) -> None:
        position = self._layout.positions.get(name)
        raw = "" if position is None else self.cells[position]
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
