"""Calls to addresses that others typed reach nothing in the own network, and hold nobody up."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from pytest_django import Settings

from comptoir.access import calls
from comptoir.access.calls import call, is_public
from comptoir.access.errors import NotTaken

PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
        "::1", "::", "fe80::1%1", "fc00::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::10.0.0.1",
        "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::10.0.0.1", "2002:a00:1::", "2001:db8::1",
    ],
)  # fmt: skip
def test_what_lies_in_the_own_network_is_known_in_whatever_form(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:21f::1", f"::ffff:{PUBLIC}", f"64:ff9b::{PUBLIC}"])
def test_what_is_reached_from_everywhere_is_called(address: str) -> None:
    assert is_public(address)


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Have each question for a name answered in turn, and return what was connected to."""
    left, reached = list(answers), []

    def ask(_host: str, port: int, **_options: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in left.pop(0)]

    def connect(address: tuple[str, int], *_options: Any) -> socket.socket:
        reached.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", ask)
    monkeypatch.setattr(socket, "create_connection", connect)
    return reached


@pytest.mark.parametrize("inside", [["127.0.0.1"], [PUBLIC, "10.0.0.1"], ["64:ff9b::a9fe:a9fe"]])
def test_a_name_that_leads_inside_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, inside: list[str]
) -> None:
    settings.INTERNAL_PROGRAMS = []
    reached = resolve_to(monkeypatch, inside)
    with pytest.raises(NotTaken, match="own network"):
        call("https://news.example/", "x")
    assert reached == []


def test_a_name_that_leads_elsewhere_when_asked_again_is_asked_once(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.INTERNAL_PROGRAMS = []
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    reached = resolve_to(monkeypatch, [PUBLIC], ["127.0.0.1"])
    with pytest.raises(NotTaken, match=r"news\.example did not answer"):
        call("https://news.example/", "x")
    assert reached == [PUBLIC]


def test_of_many_addresses_a_few_are_tried(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.INTERNAL_PROGRAMS = []
    reached = resolve_to(monkeypatch, [PUBLIC] * 50)
    with pytest.raises(NotTaken):
        call("https://news.example/", "x")
    assert len(reached) == calls.MOST_ADDRESSES


@pytest.fixture
def slow() -> Iterator[str]:
    """A program that answers letter by letter, for as long as anybody waits."""
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        with suppress(OSError):
            line, _address = listening.accept()
            with line:
                line.sendall(b"HTTP/1.1 200 OK\r\n")
                while True:
                    line.sendall(b"X-More: 1\r\n")
                    time.sleep(0.05)

    thread = threading.Thread(target=answer)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    listening.close()
    thread.join()


def test_an_answer_that_never_ends_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, slow: str
) -> None:
    settings.INTERNAL_PROGRAMS = ["127.0.0.1"]
    monkeypatch.setattr(calls, "LONGEST_SECONDS", 0.2)
    began = time.monotonic()
    with pytest.raises(NotTaken, match=r"127\.0\.0\.1 did not answer"):
        call(slow, "x")
    assert time.monotonic() - began < 2
