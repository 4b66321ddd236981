"""Calls to the programs of others: taken or not, with nothing read of an answer but its status.

Where a vendor's own people typed the address, it must not lead into the network that Comptoir runs in: whoever types
it could otherwise reach, with Comptoir's hands, what listens there for its neighbours alone.
"""

import socket
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from .errors import NotTaken

WAIT_SECONDS = 10


def call(
    url: str, body: str | Mapping[str, str], *, headers: Mapping[str, str] | None = None, may_be_internal: bool
) -> str:
    """Post ``body``, and return who took it with what status, for a log line.

    Raises NotTaken where nobody did: an answer that leads elsewhere took nothing. It names the host alone, since the
    rest of an address may be a secret.
    """
    host = urlsplit(url).hostname or ""
    with requests.Session() as session:
        if not may_be_internal and not is_known_inside(host):
            session.mount("https://", _PublicAlone())
            session.mount("http://", _PublicAlone())
        try:
            answer = session.post(url, body, headers=headers, timeout=WAIT_SECONDS, allow_redirects=False, stream=True)
        except requests.RequestException as error:
            raise NotTaken(f"{host} did not answer: {type(error).__name__}") from None
    if answer.status_code not in range(200, 300):
        raise NotTaken(f"{host} answered {answer.status_code}")
    return f"{host}: {answer.status_code}"


def is_known_inside(host: str) -> bool:
    """Return whether whoever runs Comptoir named a host as one of the own network that may be called."""
    return host in settings.INTERNAL_PROGRAMS


def is_inside(host: str) -> bool:
    """Return whether a host is written as an address of the own network, or of this machine; a name tells nothing."""
    try:
        return not _is_public(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_public(address: str) -> bool:
    found: IPv4Address | IPv6Address = ip_address(address)
    return (getattr(found, "ipv4_mapped", None) or found).is_global


class _PublicAlone(HTTPAdapter):
    """Speaks to public addresses alone. It looks at what it is connected to: a name may lead elsewhere each time."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PublicPool, "https": _PublicSecurePool}


class _PublicConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _refuse_internal(super()._new_conn(), host=self.host)


class _PublicSecureConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _refuse_internal(super()._new_conn(), host=self.host)


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicSecurePool(HTTPSConnectionPool):
    ConnectionCls = _PublicSecureConnection


def _refuse_internal(connected: socket.socket, *, host: str) -> socket.socket:
    if _is_public(connected.getpeername()[0]):
        return connected
    connected.close()
    raise NotTaken(f"{host} leads into the own network, and is not among COMPTOIR_INTERNAL_PROGRAMS")
