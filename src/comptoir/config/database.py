"""From a database URL to Django's connection settings."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def connection_settings(url: str) -> dict[str, Any]:
    """Translate ``postgresql://user:password@host:port/name?option=value`` for Django.

    A socket directory goes in the query: ``postgresql://user@/name?host=/run/postgresql``.
    Raises ValueError for any other kind of URL.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError("DATABASE_URL must begin with postgresql://; Comptoir runs on PostgreSQL only.")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": options.pop("port", "") or str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
