"""The proof of an authorisation as a PDF, made from what is on record when it is asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.documents.data import LetterDocument
from comptoir.documents.operations import on_demand
from comptoir.documents.queries import StoredPdf
from comptoir.kit.dates import format_date
from comptoir.kit.money import format_money
from comptoir.payments.evidence import (
    CHANNEL_WORDS,
    AuthorisationRow,
    OnePayment,
    authorisation,
    authorisation_of_payment,
    end_in_words,
)
from comptoir.tenancy.queries import company, vendor

from .papers import brand, party


def evidence_pdf(public_id: UUID) -> StoredPdf:
    """Return the proof of an authorisation, if the caller may see it, in the company's language.

    It says what was agreed to, by whom, when, from where, and since when and why it holds no more. Raises
    AuthorisationNotFound.
    """
    return _proof(authorisation(public_id))


def payment_evidence_pdf(payment_public_id: UUID) -> StoredPdf:
    """Return the proof of the authorisation of one payment, as ``evidence_pdf`` does.

    Raises AuthorisationNotFound.
    """
    return _proof(authorisation_of_payment(payment_public_id))


def _proof(row: AuthorisationRow) -> StoredPdf:
    buyer = company(row.company_id)
    seller = vendor(buyer.vendor_id)
    with translation.override(buyer.language):
        document = LetterDocument(
            brand=brand(seller),
            recipient=party(buyer),
            written_on=(row.ended_at or row.given_at).date(),
            subject=_("Authorisation of one payment") if row.one_payment else _("Authorisation of automatic payment"),
            paragraphs=(row.text, *_facts(row)),
            language=buyer.language,
        )
        filename = _("Authorisation {day}.pdf").format(day=row.given_at.date().isoformat())
    return on_demand("authorisation", document, company=buyer, filename=filename)


def _facts(row: AuthorisationRow) -> list[str]:
    facts = [*(_recorded(row) if row.recorded_by else _read_on_a_page(row))]
    if row.one_payment:
        facts.append(_one_payment(row.one_payment, method_label=row.method_label))
    if row.active_since:
        facts.append(
            _("In force since %(moment)s, for %(method)s.")
            % {"moment": _moment(row.active_since), "method": row.method_label}
        )
    if row.entry_class:
        facts.append(_("Debits are made under NACHA’s entry class %(code)s.") % {"code": row.entry_class})
    if row.ended_at:
        facts.append(
            _("Ended on %(moment)s: %(reason)s.")
            % {"moment": _moment(row.ended_at), "reason": end_in_words(row.ended_reason)}
        )
    if row.one_payment:
        facts.append(_("This record is kept for at least two years after the payment."))
    else:
        facts.append(_("This record is kept for at least two years after the authorisation ends."))
    return facts


def _read_on_a_page(row: AuthorisationRow) -> list[str]:
    version = f"{row.version} ({row.language})" if row.language else row.version
    return [
        _("Given by %(person)s on %(moment)s.") % {"person": row.given_by, "moment": _moment(row.given_at)},
        _("From the address %(address)s, with the browser %(browser)s.")
        % {"address": row.ip_address or "–", "browser": row.user_agent or "–"},
        _("Version of the words: %(version)s. Fingerprint (SHA-256): %(sha256)s")
        % {"version": version, "sha256": row.sha256},
    ]


def _recorded(row: AuthorisationRow) -> list[str]:
    return [
        _("Given by %(person)s. %(channel)s: “%(words)s”")
        % {"person": row.given_by, "channel": CHANNEL_WORDS[row.channel], "words": row.words},
        _("Recorded by %(person)s on %(moment)s.") % {"person": row.recorded_by, "moment": _moment(row.given_at)},
        _("Fingerprint of the words (SHA-256): %(sha256)s") % {"sha256": row.sha256},
    ]


def _one_payment(one: OnePayment, *, method_label: str) -> str:
    language = get_language() or "en"
    facts = {
        "confirmation": one.confirmation,
        "amount": format_money(amount_minor=one.amount_minor, currency=one.currency, language=language),
        "day": format_date(day=one.day, language=language),
        "method": method_label,
    }
    if method_label:
        return _("For payment %(confirmation)s of %(amount)s, begun on %(day)s, from %(method)s.") % facts
    return _("For payment %(confirmation)s of %(amount)s, begun on %(day)s; no bank account is known.") % facts


def _moment(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
