"""The wall clock. Faces and tasks read it and pass it on; domain functions never do."""

from datetime import UTC, datetime


def wall_now() -> datetime:
    """Return the present instant, in UTC, for sessions, tokens, evidence and the queue."""
    return datetime.now(tz=UTC)
