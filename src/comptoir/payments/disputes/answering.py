"""Answering a dispute: why the payment was right, with the record of the consent; or giving in. Once."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from comptoir.customers.queries import billing_email
from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record

from ..errors import DisputeClosed, DisputeNotFound
from ..gateways import DisputeEvidence, Gateway, GatewayRefused
from ..listing import Evidence, story
from ..models import AnswerKind, AnswerStatus, Dispute, DisputeAnswer, DisputeStatus
from ..operations import gateway_of
from ..truth import look_at_payment


def submit_answer(dispute_public_id: UUID, *, text: str, user_id: int, actor: Actor, now: datetime) -> None:
    """Write down why the payment was right, and have the worker hand it in with the record of the consent.

    Must run in the vendor's door. Raises DisputeNotFound, DisputeClosed.
    """
    _answer(dispute_public_id, kind=AnswerKind.SUBMIT, text=text, user_id=user_id, actor=actor, now=now)


def accept_dispute(dispute_public_id: UUID, *, text: str, user_id: int, actor: Actor, now: datetime) -> None:
    """Write down that the team gives in, and why, and have the worker tell the processor.

    Must run in the vendor's door. Raises DisputeNotFound, DisputeClosed.
    """
    _answer(dispute_public_id, kind=AnswerKind.ACCEPT, text=text, user_id=user_id, actor=actor, now=now)


def _answer(dispute_public_id: UUID, *, kind: AnswerKind, text: str, user_id: int, actor: Actor, now: datetime) -> None:
    found = Dispute.objects.select_related("payment__company").filter(public_id=dispute_public_id).first()
    if found is None:
        raise DisputeNotFound(_("There is no such dispute here; the list of disputes shows those that are."))
    if not text.strip():
        raise DisputeClosed(_("Say why; it stays on record."))
    told = found.answers.filter(status__in=[AnswerStatus.REQUESTED, AnswerStatus.DONE])
    if found.status != DisputeStatus.NEEDS_RESPONSE or told.exists():
        raise DisputeClosed(_("This dispute takes no answer any more; look at how it stands."))
    made = DisputeAnswer.objects.create(
        dispute=found,
        kind=kind,
        text=text.strip(),
        answered_by_id=user_id,
        answered_by_label=actor.label,
        answered_at=now,
    )
    company = found.payment.company
    for subject in (f"dispute:{found.public_id}", f"payment:{found.payment.public_id}"):
        record(
            actor=actor,
            action="dispute_answered" if kind == AnswerKind.SUBMIT else "dispute_accepted",
            subject=subject,
            vendor_id=company.vendor_id,
            company_id=company.id,
            reason=text,
        )
    emit(
        name="dispute_answered",
        topic=f"payment:{found.payment.public_id}",
        vendor_id=company.vendor_id,
        company_id=company.id,
        data={"answer": made.id},
    )


def hand_in(*, answer_id: int, now: datetime) -> None:
    """Hand an answer to the processor, once, and follow what it says then.

    What became of the dispute is asked first: an answer may have been taken before without our hearing of it. Must not
    run in a transaction. Raises GatewayUnclear, to be tried again.
    """
    given = DisputeAnswer.objects.select_related("dispute__payment__company").get(id=answer_id)
    payment = given.dispute.payment
    if given.status == AnswerStatus.REQUESTED:
        outcome = _hand_once(given, gateway_of(payment.company.vendor_id))
        with transaction.atomic():
            DisputeAnswer.objects.filter(id=answer_id, status=AnswerStatus.REQUESTED).update(
                status=AnswerStatus.REFUSED if outcome else AnswerStatus.DONE, outcome=outcome
            )
    look_at_payment(payment_id=payment.id, now=now)


def _hand_once(given: DisputeAnswer, gateway: Gateway) -> str:
    """Hand an answer in where the dispute still waits for one; return why it was not taken, or nothing.

    One that does not wait any more may have taken this answer without our hearing of it; or it was over before.
    """
    told = gateway.intent(given.dispute.payment.intent_id or "").dispute
    if told is None or told.id != given.dispute.gateway_id:
        return _("The processor does not know this dispute any more.")
    if told.status == "needs_response":
        return _hand(given, gateway)
    if given.kind == AnswerKind.SUBMIT and not told.was_answered:
        return _("The dispute was over before the answer could be handed in.")
    return ""


def _hand(given: DisputeAnswer, gateway: Gateway) -> str:
    """Hand an answer in; return why the processor did not take it, or nothing."""
    try:
        if given.kind == AnswerKind.SUBMIT:
            gateway.answer_dispute(given.dispute.gateway_id, evidence=evidence_for(given.dispute, text=given.text))
        else:
            gateway.accept_dispute(given.dispute.gateway_id)
    except GatewayRefused as refusal:
        return str(refusal)
    return ""


def evidence_for(dispute: Dispute, *, text: str) -> DisputeEvidence:
    """Return what is handed in beside the team's own words: who paid for what, and under which consent."""
    company = dispute.payment.company
    told = story(dispute.payment.public_id)
    return DisputeEvidence(
        explanation=text,
        consent=_consent_in_words(told.evidence) if told.evidence else "",
        product=", ".join(invoice.number for invoice, _minor in told.items),
        customer_name=company.name,
        customer_email=billing_email(company.id) or "",
        ip_address=told.evidence.ip_address if told.evidence else "",
    )


def _consent_in_words(given: Evidence) -> str:
    """For the card holder's bank, which reads English: the consent, who gave it, when, from where, and its print."""
    said = f"\nIn the customer's words: {given.words}" if given.words else ""
    where = f" from {given.ip_address}" if given.ip_address else ""
    return (
        f"{given.text}{said}\nAgreed to by {given.given_by} on {given.given_at:%Y-%m-%d %H:%M} UTC{where}."
        f" SHA-256 of the words: {given.sha256}."
    )
