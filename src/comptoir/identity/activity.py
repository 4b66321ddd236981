"""What happened at a person's login, where it is open now, and ending that."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from .devices import device_name
from .models import LoginEvent

KEPT_FOR = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class EventRow:
    """What happened, when and from where; ``way`` of logging in: totp, webauthn, recovery_codes."""

    kind: str
    way: str
    at: datetime
    ip: str
    device: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """Where a login is open, and since when."""

    id: int
    since: datetime
    ip: str
    device: str
    is_this: bool


def note(*, user_id: int, kind: str, ip: str, user_agent: str, way: str = "") -> None:
    """Put down what happened at a login."""
    LoginEvent.objects.create(user_id=user_id, kind=kind, way=way, ip=ip, user_agent=user_agent[:200])


def recent_events(user_id: int, *, limit: int = 30) -> list[EventRow]:
    """Return what happened at a login, the latest first."""
    found = LoginEvent.objects.filter(user_id=user_id).order_by("-id")[:limit]
    return [EventRow(row.kind, row.way, row.at, row.ip, device_name(row.user_agent)) for row in found]


def open_sessions(user_id: int, *, this: str, now: datetime) -> list[SessionRow]:
    """Return where a login is open; ``this`` is the key of the session that asks, which comes first."""
    alive = Session.objects.filter(expire_date__gt=now).values("session_key")
    found = UserSession.objects.filter(user_id=user_id, session_key__in=alive).order_by("-created_at")
    rows = [
        SessionRow(row.pk, row.created_at, row.ip, device_name(row.user_agent), row.session_key == this)
        for row in found
    ]
    return sorted(rows, key=lambda row: not row.is_this)


def end_session(user_id: int, *, session_id: int) -> dict[str, Any] | None:
    """End one of a person's sessions; return what was kept in it, or None where there is no such one."""
    found = UserSession.objects.filter(user_id=user_id, pk=session_id).first()
    if found is None:
        return None
    kept = SessionStore(found.session_key).load()
    found.end()
    return kept


def end_other_sessions(user_id: int, *, this: str) -> int:
    """End all of a person's sessions but ``this`` one; return how many."""
    others = list(UserSession.objects.filter(user_id=user_id).exclude(session_key=this))
    for other in others:
        other.end()
    return len(others)


def forget_what_is_old(*, now: datetime) -> None:
    """Delete what happened longer than half a year ago, and sessions that have run out."""
    LoginEvent.objects.filter(at__lt=now - KEPT_FOR).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
