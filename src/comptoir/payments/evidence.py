"""What customers agreed to, as proof: nothing here is ever changed or deleted, removal of the method included.

NACHA asks for proof of an authorisation until two years past its end; here it simply stays (triggers refuse DELETE and
TRUNCATE, and any change of the words, their fingerprint, who, when and from where).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.kit.together import Question

from .entry_classes import entry_class
from .errors import AuthorisationNotFound
from .models import Authorisation, ConsentChannel, Payment, PaymentOrigin, RecordedConsent
from .queries import method_label

CHANNEL_WORDS: dict[str, str | Promise] = {
    ConsentChannel.PHONE: gettext_lazy("By telephone"),
    ConsentChannel.E_MAIL: gettext_lazy("By e-mail"),
    ConsentChannel.LETTER: gettext_lazy("By letter"),
    ConsentChannel.IN_PERSON: gettext_lazy("In person"),
}


@dataclass(frozen=True, slots=True)
class OnePayment:
    """The payment that an authorisation is for; ``day`` is the business date on which it began."""

    public_id: UUID
    confirmation: str
    amount_minor: int
    currency: str
    day: date


@dataclass(frozen=True, slots=True)
class AuthorisationRow:
    """A consent to be debited: the words and their fingerprint, by whom, when, from where, until when.

    It stands for a method, or is for ``one_payment``. ``method_label`` is empty where no method was saved or, of one
    payment, where none was typed yet; ``active_since`` is None then. What the team wrote down has a ``channel`` by
    which the customer consented, its ``words``, and who recorded it.
    """

    company_id: int
    method_label: str
    entry_class: str
    text: str
    version: str
    language: str
    sha256: str
    given_by: str
    given_at: datetime
    ip_address: str = ""
    user_agent: str = ""
    public_id: UUID | None = None
    active_since: datetime | None = None
    ended_at: datetime | None = None
    ended_reason: str = ""
    one_payment: OnePayment | None = None
    channel: str = ""
    words: str = ""
    recorded_by: str = ""


def authorisations(company_id: int) -> list[AuthorisationRow]:
    """Return all by which a company ever let a method be debited automatically, the latest first, also ended ones."""
    found = Authorisation.objects.filter(company_id=company_id, payment=None).select_related("method").order_by("-id")
    return [_row(each) for each in found]


def authorisation(public_id: UUID) -> AuthorisationRow:
    """Return one consent to be debited automatically. Raises AuthorisationNotFound."""
    found = Authorisation.objects.filter(public_id=public_id, payment=None).select_related("method").first()
    if found is None:
        raise AuthorisationNotFound(
            _("There is no such authorisation here; your page of payment methods leads to those of your company.")
        )
    return _row(found)


def authorised_payments(company_id: int, *, limit: int, offset: int) -> tuple[list[AuthorisationRow], int]:
    """Return a company's consents to one payment each, the latest first, and how many there are."""
    found = _authorised().filter(company_id=company_id)
    return [_row_of_payment(each) for each in found.order_by("-id")[offset : offset + limit]], found.count()


def authorisation_of_payment(public_id: UUID) -> AuthorisationRow:
    """Return the consent to one payment, given on a page or to the team. Raises AuthorisationNotFound."""
    found = _authorised().filter(public_id=public_id).first()
    if found is None:
        raise AuthorisationNotFound(
            _("No authorisation of this payment alone is kept: it was made by typed card, by check, or automatically.")
        )
    return _row_of_payment(found)


def evidence_of(payment: Payment) -> AuthorisationRow | None:
    """Return why a payment could be taken: the consent to it alone, or the standing one in force when it began.

    None where it needed no words: it was made by hand, by a typed card or a check.
    """
    found = _authorised().filter(id=payment.id).first()
    if found:
        return _row_of_payment(found)
    standing = _standing(payment)
    return _row(standing) if standing else None


# Whether a consent to this one payment is kept.
is_authorised_alone = Question(
    lambda public_ids: _authorised().filter(public_id__any=public_ids).values_list("id"), lambda rows: bool(rows)
)


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


def _authorised() -> QuerySet[Payment]:
    given = Payment.objects.filter(Q(authorisation__isnull=False) | Q(recorded_consent__isnull=False))
    return given.select_related("authorisation", "recorded_consent")


def _standing(payment: Payment) -> Authorisation | None:
    if payment.origin != PaymentOrigin.AUTOPAY:
        return None
    active = Authorisation.objects.filter(method_id=payment.method_id, active_since__lte=payment.created_at)
    return active.select_related("method").order_by("-active_since").first()


def _row(found: Authorisation) -> AuthorisationRow:
    method = found.method
    return AuthorisationRow(
        public_id=found.public_id,
        company_id=found.company_id,
        method_label=method_label(method) if method else "",
        entry_class=entry_class(kind=method.kind, holder_type=method.holder_type) if method else "",
        text=found.text,
        version=found.text_version,
        language=found.text_language,
        sha256=found.text_sha256,
        given_by=found.given_by_label,
        given_at=found.given_at,
        ip_address=found.ip_address or "",
        user_agent=found.user_agent,
        active_since=found.active_since,
        ended_at=found.ended_at,
        ended_reason=found.ended_reason,
    )


def _row_of_payment(payment: Payment) -> AuthorisationRow:
    one = OnePayment(
        public_id=payment.public_id,
        confirmation=payment.confirmation,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        day=payment.initiated_on,
    )
    given: Authorisation | None = getattr(payment, "authorisation", None)
    return replace(
        _row(given) if given else _recorded(payment.recorded_consent),
        one_payment=one,
        method_label=payment.method_label,
        entry_class=payment.entry_class,
    )


def _recorded(spoken: RecordedConsent) -> AuthorisationRow:
    return AuthorisationRow(
        company_id=spoken.company_id,
        method_label="",
        entry_class="",
        text=spoken.text,
        version="",
        language="",
        sha256=spoken.text_sha256,
        given_by=spoken.given_by,
        given_at=spoken.recorded_at,
        channel=spoken.channel,
        words=spoken.words,
        recorded_by=spoken.recorded_by_label,
    )
