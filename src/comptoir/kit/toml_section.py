"""A table of a TOML file, asked key by key; every complaint names the file and the key."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from comptoir.kit.errors import ComptoirError


class ProfileInvalid(ComptoirError):
    """The mapping profile cannot be used; the message names the file and the key."""


class Section:
    """One table. `finish` complains of keys that nobody asked for, so that a misspelt key is not ignored."""

    def __init__(self, *, source: str, key: str, content: Mapping[str, Any]) -> None:
        self._source = source
        self._key = key
        self._content = content
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def invalid(self, *, key: str, reason: str) -> ProfileInvalid:
        """Return the error about `key`, to be raised."""
        path = f"{self._key}.{key}" if self._key and key else self._key or key
        return ProfileInvalid(
            _("%(source)s: %(key)s: %(reason)s") % {"source": self._source, "key": path, "reason": reason}
        )

    def text(self, key: str, *, default: str | None = None) -> str:
        """Return a text. Raises ProfileInvalid if it is missing or no text."""
        self._asked.add(key)
        value = self._content.get(key, default)
        if value is None:
            raise self.invalid(key=key, reason=_("This key is missing."))
        if not isinstance(value, str):
            raise self.invalid(key=key, reason=_("This must be a text in quotation marks."))
        return value

    def filled(self, key: str) -> str:
        """Return a text that is not empty."""
        value = self.text(key).strip()
        if not value:
            raise self.invalid(key=key, reason=_("This must not be empty."))
        return value

    def choice(self, key: str, *, choices: Collection[str], default: str | None = None) -> str:
        """Return one of `choices`."""
        value = self.text(key, default=default)
        if value not in choices:
            reason = _("“%(value)s” is not one of %(choices)s.")
            raise self.invalid(key=key, reason=reason % {"value": value, "choices": ", ".join(choices)})
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty if the key is missing."""
        self._asked.add(key)
        values = self._content.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise self.invalid(key=key, reason=_("This must be a list of texts."))
        return tuple(values)

    def section(self, key: str) -> Section:
        """Return a table below this one, empty if the key is missing."""
        self._asked.add(key)
        content = self._content.get(key, {})
        if not isinstance(content, dict):
            raise self.invalid(key=key, reason=_("This must be a table."))
        return Section(source=self._source, key=f"{self._key}.{key}" if self._key else key, content=content)

    def sections(self, key: str) -> list[Section]:
        """Return a list of tables, at least one."""
        self._asked.add(key)
        items = self._content.get(key, [])
        if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
            raise self.invalid(key=key, reason=_("This must be one or more tables in double brackets."))
        path = f"{self._key}.{key}" if self._key else key
        return [
            Section(source=self._source, key=f"{path}[{index}]", content=item)
            for index, item in enumerate(items, start=1)
        ]

    def scalars(self, *, known: Collection[str]) -> dict[str, str | date]:
        """Return all keys of the table, which must be among `known`: texts and dates."""
        found: dict[str, str | date] = {}
        for key, value in self._content.items():
            if key not in known:
                raise self.invalid(key=key, reason=_("There is no field of this name."))
            if isinstance(value, int) and not isinstance(value, bool):
                value = str(value)
            if type(value) not in {str, date}:
                raise self.invalid(key=key, reason=_("This must be a text, a whole number or a date."))
            found[key] = value
        self._asked.update(found)
        return found

    def words(self) -> dict[str, str | int]:
        """Return all keys of the table with their texts or whole numbers."""
        for key, value in self._content.items():
            if not isinstance(value, str | int) or isinstance(value, bool):
                raise self.invalid(key=key, reason=_("This must be a text or a whole number."))
        self._asked.update(self._content)
        return dict(self._content)

    def finish(self) -> None:
        """Raise ProfileInvalid for the first key that nobody asked for."""
        for key in self._content:
            if key not in self._asked:
                raise self.invalid(key=key, reason=_("This key is not known."))
