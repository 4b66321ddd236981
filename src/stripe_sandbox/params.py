"""Reading the parameters of a request: form-encoded, with brackets for what is nested."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from .errors import ApiError

# Parameters that the API of this version no longer knows, and what took their place.
REPLACED = {"payment_method_types": "allowed_payment_method_types"}


def decode(encoded: str) -> dict[str, Any]:
    """Turn ``a[b][0]=c`` into ``{"a": {"b": ["c"]}}``."""
    tree: dict[str, Any] = {}
    for count, (name, value) in enumerate(parse_qsl(encoded, keep_blank_values=True)):
        path = [part.rstrip("]") for part in name.split("[")]
        node = tree
        for part in path[:-1]:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise ApiError(f"Invalid parameter: {name}", param=name)
        # `expand[]` has no index: its place in the request stands in.
        node[path[-1] or str(count)] = value
    return {name: _lists(value) for name, value in tree.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(re.fullmatch(r"\d+", key) for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(inner) for key, inner in value.items()}


class Params:
    """The parameters of one request or of one nested group, read by name and type."""

    def __init__(self, values: dict[str, Any], *, within: str = "") -> None:
        self.values = values
        self.within = within

    def name(self, key: str) -> str:
        """Give the parameter's full name, as an error reports it."""
        return f"{self.within}[{key}]" if self.within else key

    def only(self, *known: str) -> None:
        """Refuse what Stripe has no parameter for: a misspelled one must not pass."""
        for key in self.values:
            if key not in known:
                advice = f" Did you mean {REPLACED[key]}?" if key in REPLACED else ""
                raise ApiError(
                    f"Received unknown parameter: {self.name(key)}.{advice}",
                    code="parameter_unknown",
                    param=self.name(key),
                )

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def text(self, key: str, *, choices: Sequence[str] = ()) -> str | None:
        """Give a string, None where it is absent or blank."""
        value = self.values.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or (choices and value not in choices):
            must = f" must be one of {', '.join(choices)}" if choices else ""
            raise ApiError(f"Invalid {self.name(key)}:{must or ' must be a string'}", param=self.name(key))
        return value

    def needed(self, key: str, *, choices: Sequence[str] = ()) -> str:
        """Give a string that must be there."""
        value = self.text(key, choices=choices)
        if value is None:
            raise ApiError(f"Missing required param: {self.name(key)}.", code="parameter_missing", param=self.name(key))
        return value

    def number(self, key: str) -> int | None:
        """Give an integer, or None where it is absent."""
        value = self.text(key)
        if value is None:
            return None
        if not re.fullmatch(r"-?\d{1,15}", value):
            raise ApiError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=self.name(key))
        return int(value)

    def flag(self, key: str) -> bool:
        """Give a boolean, False where it is absent."""
        return self.text(key, choices=("true", "false")) == "true"

    def strings(self, key: str) -> list[str]:
        """Give a list of strings, empty where it is absent."""
        value = self.values.get(key) or []
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise ApiError(f"Invalid array: {self.name(key)}", param=self.name(key))
        return value

    def group(self, key: str) -> "Params":
        """Give a nested group, empty where it is absent."""
        value = self.values.get(key) or {}
        if not isinstance(value, dict):
            raise ApiError(f"Invalid object: {self.name(key)}", param=self.name(key))
        return Params(value, within=self.name(key))

    def groups(self, key: str) -> list["Params"]:
        """Give a list of nested groups, empty where it is absent."""
        value = self.values.get(key) or []
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise ApiError(f"Invalid array: {self.name(key)}", param=self.name(key))
        return [Params(each, within=f"{self.name(key)}[{index}]") for index, each in enumerate(value)]

    def metadata(self, key: str = "metadata") -> dict[str, str]:
        """Give at most 50 pairs, names up to 40 characters, values up to 500."""
        pairs = self.group(key)
        if len(pairs.values) > 50:
            raise ApiError("Metadata can have up to 50 keys.", param=self.name(key))
        kept = {}
        for name in pairs.values:
            value = pairs.text(name)
            if value is None:
                continue
            if len(name) > 40 or len(value) > 500:
                raise ApiError("Metadata names have up to 40 characters, values 500.", param=pairs.name(name))
            kept[name] = value
        return kept
