"""What can go wrong on the command line, and the sentence that it ends in."""

import sys

from comptoir.embedded import EmbeddedError
from comptoir.kit.errors import ComptoirError


class CannotRun(ComptoirError):
    """The command cannot do its work; the message says why and what to do."""


def explain(error: Exception) -> str | None:
    """Say in a sentence what went wrong, or None when it was not to be expected."""
    if isinstance(error, (ComptoirError, EmbeddedError)):
        return str(error)
    if isinstance(error, PermissionError):
        return f"{error.filename}: {error.strerror}. Run as the user it belongs to, or set COMPTOIR_HOME."
    if _is(error, "psycopg", "OperationalError") or _is(error, "django.db.utils", "OperationalError"):
        return f"The database cannot be used: {_first_line(error)}. Does it run, and is DATABASE_URL right?"
    if _is(error, "django.core.management", "CommandError"):
        return str(error)
    if _is(error, "django.core.exceptions", "ImproperlyConfigured"):
        return f"The settings are not complete: {error}"
    return None


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__


def _is(error: Exception, module: str, name: str) -> bool:
    """Tell whether `error` is of a class of a module that need not have been imported."""
    kind = getattr(sys.modules.get(module), name, None)
    return kind is not None and isinstance(error, kind)
