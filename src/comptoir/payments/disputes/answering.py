"""Answering a dispute: why the payment was right, with the record of the consent. Once; see ``giving_in``, too."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from comptoir.customers.queries import billing_email
from comptoir.kit.events import emit
from comptoir.kit.safe_words import refuse_account_numbers
from comptoir.tenancy.audit import record

from ..errors import DisputeClosed, DisputeNotFound
from ..evidence import AuthorisationRow
from ..gateways import DisputeEvidence, Gateway, GatewayRefused
from ..listing import story
from ..models import TOLD_ANSWERS, AnswerKind, AnswerStatus, Dispute, DisputeAnswer, DisputeStatus
from ..operations import gateway_of
from ..second_word import Asker
from ..truth import look_at_payment


def submit_answer(dispute_public_id: UUID, *, text: str, asker: Asker) -> None:
    """Write down why the payment was right, and have the worker hand it in with the record of the consent.

    Must run in the vendor's door. Raises DisputeNotFound, DisputeClosed.
    """
    dispute = dispute_in_question(dispute_public_id)
    answer = write_down(dispute, kind=AnswerKind.SUBMIT, status=AnswerStatus.REQUESTED, text=text, asker=asker)
    record_of(dispute, "dispute_answered", reason=text, asker=asker)
    have_handed_in(answer, vendor_id=asker.vendor_id)


def dispute_in_question(public_id: UUID) -> Dispute:
    """Return a dispute that the vendor's door shows. Raises DisputeNotFound."""
    found = Dispute.objects.select_related("payment__company").filter(public_id=public_id).first()
    if found is None:
        raise DisputeNotFound(_("There is no such dispute here; the list of disputes shows those that are."))
    return found


def write_down(dispute: Dispute, *, kind: AnswerKind, status: AnswerStatus, text: str, asker: Asker) -> DisputeAnswer:
    """Write down what the team answers. Raises DisputeClosed where it says nothing, or the dispute takes no answer."""
    if not text.strip():
        raise DisputeClosed(_("Say why; it stays on record."))
    refuse_account_numbers(text)
    if dispute.status != DisputeStatus.NEEDS_RESPONSE or dispute.answers.filter(status__in=TOLD_ANSWERS).exists():
        raise DisputeClosed(_("This dispute takes no answer any more; look at how it stands."))
    return DisputeAnswer.objects.create(
        dispute=dispute,
        kind=kind,
        status=status,
        text=text.strip(),
        answered_by_id=asker.user_id,
        answered_by_label=asker.actor.label,
        answered_role=asker.role,
        answered_at=asker.now,
    )


def record_of(dispute: Dispute, action: str, *, reason: str, asker: Asker) -> None:
    """Put on record what was said of a dispute, of its payment, too."""
    for subject in (f"dispute:{dispute.public_id}", f"payment:{dispute.payment.public_id}"):
        record(
            actor=asker.actor,
            action=action,
            subject=subject,
            vendor_id=asker.vendor_id,
            company_id=dispute.payment.company_id,
            reason=reason,
        )


def have_handed_in(answer: DisputeAnswer, *, vendor_id: int) -> None:
    """Have the worker hand an answer to the processor."""
    payment = answer.dispute.payment
    emit(
        name="dispute_answered",
        topic=f"payment:{payment.public_id}",
        vendor_id=vendor_id,
        company_id=payment.company_id,
        data={"answer": answer.id},
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


def _consent_in_words(given: AuthorisationRow) -> str:
    """For the card holder's bank, which reads English: the consent, who gave it, when, from where, and its print."""
    said = f"\nIn the customer's words: {given.words}" if given.words else ""
    where = f" from {given.ip_address}" if given.ip_address else ""
    return (
        f"{given.text}{said}\nAgreed to by {given.given_by} on {given.given_at:%Y-%m-%d %H:%M} UTC{where}."
        f" SHA-256 of the words: {given.sha256}."
    )
