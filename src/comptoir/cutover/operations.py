"""Asking for an import, in the billing team's door; noting, in the customer's, that somebody came."""

from datetime import datetime
from hashlib import sha256

from django.utils.translation import get_language

from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record

from .keeping import keep_file
from .legacy.profile import parse_profile
from .models import ImportKind, Move


def request_import(
    *,
    vendor_id: int,
    profile_name: str,
    profile_text: str,
    filename: str,
    content: bytes,
    actor: Actor,
    kind: str = ImportKind.CUSTOMERS,
    is_trial: bool = False,
) -> int:
    """Ask the worker to import a file of customers, or of old invoices, through a profile; return the import's id.

    A trial takes nothing, and reports what would be. Raises ProfileInvalid;
    what is wrong with the file is told by the import's report.
    """
    parse_profile(text=profile_text, source=profile_name)
    import_id = keep_file(
        vendor_id=vendor_id,
        kind=kind,
        is_trial=is_trial,
        profile_name=profile_name,
        profile_text=profile_text,
        filename=filename,
        content=content,
        actor=actor,
    )
    record(
        actor=actor,
        action="trial of import requested" if is_trial else "import requested",
        subject=f"legacy_import:{import_id}",
        vendor_id=vendor_id,
        after={"filename": filename, "sha256": sha256(content).hexdigest()},
    )
    emit(
        name="import_requested",
        topic=f"legacy_imports:{vendor_id}",
        vendor_id=vendor_id,
        data={"import": import_id, "language": get_language() or "en"},
    )
    return import_id


def note_portal_opened(*, company_id: int, now: datetime) -> None:
    """Note that someone of a moved company has opened its portal; the first time counts. For the customer's door."""
    Move.objects.filter(company_id=company_id, portal_opened_at=None, taken_back_at=None).update(portal_opened_at=now)
