"""What customers agreed to, as proof: nothing here is ever changed or deleted, removal of the method included.

NACHA asks for proof of an authorisation until two years past its end; here it simply stays (triggers refuse DELETE and
TRUNCATE, and any change of the words, their fingerprint, who, when and from where).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from .entry_classes import entry_class
from .errors import AuthorisationNotFound
from .models import Authorisation
from .queries import method_label


@dataclass(frozen=True, slots=True)
class AuthorisationRow:
    """A consent to be debited automatically: the words and their fingerprint, by whom, when, from where, until when.

    ``method_label`` is empty where the method was never saved; ``active_since`` is None then.
    """

    public_id: UUID
    company_id: int
    method_label: str
    entry_class: str
    text: str
    version: str
    sha256: str
    given_by: str
    given_at: datetime
    ip_address: str
    user_agent: str
    active_since: datetime | None
    ended_at: datetime | None
    ended_reason: str


def authorisations(company_id: int) -> list[AuthorisationRow]:
    """Return all that a company ever agreed to, the latest first, also what has ended and whose method is removed."""
    found = Authorisation.objects.filter(company_id=company_id).select_related("method").order_by("-id")
    return [_row(each) for each in found]


def authorisation(public_id: UUID) -> AuthorisationRow:
    """Return one consent. Raises AuthorisationNotFound."""
    found = Authorisation.objects.filter(public_id=public_id).select_related("method").first()
    if found is None:
        raise AuthorisationNotFound(
            _("There is no such authorisation here; your page of payment methods leads to those of your company.")
        )
    return _row(found)


def end_in_words(reason: str) -> str:
    """Return why a consent ended, in the reader's language; the record keeps one wording, ``reason``, for all."""
    words = {
        "turned off by the customer": _("turned off by the customer"),
        "the method was removed": _("the method was removed"),
        "replaced by a later one": _("replaced by a later one"),
        "the method was not saved": _("the method was not saved"),
    }
    if reason.startswith("the bank says unauthorised"):
        return _("the bank says that it was not authorised")
    return words.get(reason, reason)


def _row(found: Authorisation) -> AuthorisationRow:
    method = found.method
    return AuthorisationRow(
        public_id=found.public_id,
        company_id=found.company_id,
        method_label=method_label(method) if method else "",
        entry_class=entry_class(kind=method.kind, holder_type=method.holder_type) if method else "",
        text=found.text,
        version=found.text_version,
        sha256=found.text_sha256,
        given_by=found.given_by_label,
        given_at=found.given_at,
        ip_address=found.ip_address or "",
        user_agent=found.user_agent,
        active_since=found.active_since,
        ended_at=found.ended_at,
        ended_reason=found.ended_reason,
    )
