"""From a database URL to Django's connection settings."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def connection_settings(url: str, *, variable: str) -> dict[str, Any]:
    """Translate ``postgresql://user:password@host:port/name?option=value`` for Django.

    A socket directory goes in the query: ``postgresql://user@/name?host=/run/postgresql``.
    ``variable`` is where the URL comes from. Raises ImproperlyConfigured for any other kind of URL.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ImproperlyConfigured(f"{variable} must begin with postgresql://; Comptoir runs on PostgreSQL only.")
    try:
        port = str(parts.port or "")
    except ValueError as error:
        raise ImproperlyConfigured(f"{variable} names no port: {error}.") from error
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": options.pop("port", "") or port,
        # Django's own cursor prepares nothing; ``kit.together`` does.
        "OPTIONS": {**options, "prepare_threshold": 0},
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
