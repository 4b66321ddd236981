"""Who changed what, and why: written in the transaction of the change, never altered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from comptoir.kit.request_id import current_request_id

from .models import AuditEntry


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it: a customer or one of the billing team by user id, or the system by the name of its rule."""

    kind: Literal["customer", "staff", "system"]
    label: str
    user_id: int | None = None


def system(label: str) -> Actor:
    """Return the actor for what a rule does by itself, named by the rule."""
    return Actor(kind="system", label=label)


def record(
    *,
    actor: Actor,
    action: str,
    subject: str,
    vendor_id: int | None = None,
    company_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Put on record that ``actor`` did ``action`` to ``subject``. Must run in the transaction of the change."""
    record_each(
        [subject],
        actor=actor,
        action=action,
        vendor_id=vendor_id,
        company_id=company_id,
        before=before,
        after=after,
        reason=reason,
    )


def record_each(
    subjects: Iterable[str],
    *,
    actor: Actor,
    action: str,
    vendor_id: int | None = None,
    company_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Put on record that ``actor`` did the same to each of the ``subjects``, in one statement; see ``record``."""
    AuditEntry.objects.bulk_create(
        AuditEntry(
            actor_kind=actor.kind,
            actor_user_id=actor.user_id,
            actor_label=actor.label,
            action=action,
            subject=subject,
            vendor_id=vendor_id,
            company_id=company_id,
            before=before,
            after=after,
            reason=reason,
            request_id=current_request_id(),
        )
        for subject in subjects
    )
