"""Calls to the programs of others: taken or not, with nothing read of an answer but its status.

A vendor's own people type the addresses. None may lead into the network that Comptoir runs in: whoever types it could
otherwise reach, with Comptoir's hands, what listens there for its neighbours alone. And none may hold the worker up.
"""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from .errors import NotTaken

WAIT_SECONDS = 10
# An answer that comes letter by letter never lets a single wait run out.
LONGEST_SECONDS = 30
MOST_ADDRESSES = 3
GLOBAL_UNICAST = IPv6Network("2000::/3")
# How a network without IPv4 reaches it: the address is in the last 32 bits (RFC 6052).
TRANSLATED = IPv6Network("64:ff9b::/96")


def call(url: str, body: str | Mapping[str, str], *, headers: Mapping[str, str] | None = None) -> str:
    """Post ``body``, and return who took it with what status, for a log line.

    Raises NotTaken where nobody did: an answer that leads elsewhere took nothing. It names the host alone, since the
    rest of an address may be a secret.
    """
    host = urlsplit(url).hostname or ""
    with requests.Session() as session, _line(is_public_alone=not is_known_inside(host)) as line:
        if line.is_public_alone:
            # A proxy of the environment would resolve the name, and may reach what we may not.
            session.trust_env = False
        session.mount("https://", _OnTheLine())
        session.mount("http://", _OnTheLine())
        try:
            answer = session.post(url, body, headers=headers, timeout=WAIT_SECONDS, allow_redirects=False, stream=True)
        except requests.RequestException as error:
            raise NotTaken(f"{host} did not answer: {type(error).__name__}") from None
        if line.is_cut:  # what was heard until then looks like an answer
            raise NotTaken(f"{host} did not answer within {LONGEST_SECONDS} seconds")
    if answer.status_code not in range(200, 300):
        raise NotTaken(f"{host} answered {answer.status_code}")
    return f"{host}: {answer.status_code}"


def is_known_inside(host: str) -> bool:
    """Return whether whoever runs Comptoir named a host as one of the own network that may be called."""
    return host in settings.INTERNAL_PROGRAMS


def is_inside(host: str) -> bool:
    """Return whether a host is written as an address of the own network, or of this machine; a name tells nothing."""
    try:
        return not is_public(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_public(address: str) -> bool:
    """Return whether an address is reached from everywhere, whatever form it is written in. Raises ValueError."""
    found: IPv4Address | IPv6Address = ip_address(address)
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        elif found in TRANSLATED:
            found = IPv4Address(int(found) & 0xFFFF_FFFF)
        elif found not in GLOBAL_UNICAST or found.sixtofour is not None:
            return False
    return found.is_global and not found.is_multicast


class _Line:
    """What one call is connected by."""

    def __init__(self, *, is_public_alone: bool) -> None:
        self.is_public_alone = is_public_alone
        self.is_cut = False
        self._open: list[socket.socket] = []

    def connect(self, host: str, port: int) -> socket.socket:
        """Connect to the address that was looked at: asked for again, a name may lead elsewhere."""
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[:MOST_ADDRESSES]
        found = [str(where[0]) for _family, _kind, _protocol, _name, where in rows]
        if self.is_public_alone and not all(map(is_public, found)):
            raise NotTaken(f"{host} leads into the own network, and is not among COMPTOIR_INTERNAL_PROGRAMS")
        refusal = OSError("no address")
        for address in found:
            try:
                connected = socket.create_connection((address, port), WAIT_SECONDS)
            except OSError as error:
                refusal = error
            else:
                self._open.append(connected.dup())
                return connected
        raise refusal

    def cut(self) -> None:
        """End what is open, whoever waits on it."""
        self.is_cut = True
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def hang_up(self) -> None:
        """Give back what was kept to cut the line by."""
        for each in self._open:
            each.close()


_LINE: ContextVar[_Line] = ContextVar("line")


@contextmanager
def _line(*, is_public_alone: bool) -> Iterator[_Line]:
    line = _Line(is_public_alone=is_public_alone)
    before, cutting = _LINE.set(line), Timer(LONGEST_SECONDS, line.cut)
    cutting.start()
    try:
        yield line
    finally:
        cutting.cancel()
        cutting.join()
        line.hang_up()
        _LINE.reset(before)


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _LINE.get().connect(self.host, self.port or self.default_port)


class _SecureConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _LINE.get().connect(self.host, self.port or self.default_port)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _OnTheLine(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
