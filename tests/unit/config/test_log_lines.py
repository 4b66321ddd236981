"""Logs are read by many: a line is a line, and no line lets its reader in."""

import logging
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from comptoir.config.log_lines import OneLineWithoutSecrets

SECRET = "c0ffee-f00d"
SECRET_PARTS = {"token", "key"}


def written(message: str, *args: object) -> str:
    """What a log would show of a message."""
    record = logging.LogRecord("comptoir.web", logging.INFO, "", 0, message, args, None)
    assert OneLineWithoutSecrets().filter(record)
    return record.getMessage()


def addresses_with_secrets(resolver: URLResolver | None = None) -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from addresses_with_secrets(entry) if not entry.namespace else ()
        elif isinstance(entry, URLPattern) and SECRET_PARTS & entry.pattern.regex.groupindex.keys():
            given = {part: SECRET if part in SECRET_PARTS else "2f" for part in entry.pattern.regex.groupindex}
            yield reverse(entry.name, kwargs=given)


def test_a_request_cannot_write_lines_of_its_own() -> None:
    line = written("%s %s %s", "GET", "/x\n2020-09-16 INFO comptoir.web all is well\r\x1b[2K", 404)
    assert "\n" not in line
    assert "\x1b" not in line
    assert line.startswith(r"GET /x\n2020-09-16 INFO")


def test_links_that_let_their_reader_in_are_not_logged() -> None:
    paths = list(addresses_with_secrets())
    assert len(paths) == 7
    for path in paths:
        assert SECRET in path
        assert SECRET not in written("%s %s %s", "GET", path, 200), path
        assert SECRET not in written(f"Internal Server Error: {path}"), path


@pytest.mark.parametrize("message", ["GET /c/0b6e/invoices/ 200 4 ms", "Für Ana: 100 % • déjà"])
def test_the_rest_is_as_it_was(message: str) -> None:
    assert written("%s", message) == message
