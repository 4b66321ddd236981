"""Giving in to a dispute, which costs its amount: at once within the own limit, above it by somebody else's word."""

from uuid import UUID

from django.utils.translation import gettext as _

from comptoir.kit.safe_words import refuse_account_numbers

from ..errors import DisputeClosed, DisputeRefused
from ..models import AnswerKind, AnswerStatus, DisputeAnswer, DisputeStatus
from ..second_word import Asker, say_of
from .answering import dispute_in_question, have_handed_in, record_of, write_down


def give_in(dispute_public_id: UUID, *, text: str, asker: Asker) -> bool:
    """Write down that the team gives in, and why; return whether the worker may tell the processor already.

    Above the own limit it waits for somebody else's word. Must run in the vendor's door. Raises DisputeNotFound,
    DisputeClosed.
    """
    dispute = dispute_in_question(dispute_public_id)
    may = say_of(asker).covers(dispute.amount_minor)
    answer = write_down(
        dispute,
        kind=AnswerKind.ACCEPT,
        status=AnswerStatus.REQUESTED if may else AnswerStatus.WAITING,
        text=text,
        asker=asker,
    )
    record_of(dispute, "dispute_accepted" if may else "dispute_giving_in_asked", reason=text, asker=asker)
    if may:
        have_handed_in(answer, vendor_id=asker.vendor_id)
    return may


def allow_giving_in(dispute_public_id: UUID, *, asker: Asker) -> None:
    """Allow what somebody else asked for, and have the worker tell the processor. Must run in the vendor's door.

    Raises DisputeRefused above the own limit, for what oneself asked for, and where nothing waits; DisputeClosed where
    it comes too late.
    """
    answer = _waiting(dispute_public_id)
    dispute = answer.dispute
    if why_not := say_of(asker).why_not(
        asked_by_id=answer.answered_by_id, amount_minor=dispute.amount_minor, currency=dispute.payment.currency
    ):
        raise DisputeRefused(why_not)
    if dispute.status != DisputeStatus.NEEDS_RESPONSE:
        raise DisputeClosed(_("This dispute takes no answer any more; look at how it stands."))
    _decide(answer, AnswerStatus.REQUESTED, asker=asker)
    record_of(dispute, "dispute_accepted", reason=answer.text, asker=asker)
    have_handed_in(answer, vendor_id=asker.vendor_id)


def turn_down_giving_in(dispute_public_id: UUID, *, why: str, asker: Asker) -> None:
    """Turn down what waits; the dispute can be answered again. Must run in the vendor's door.

    Raises DisputeRefused where nothing waits or no reason is said.
    """
    answer = _waiting(dispute_public_id)
    if not why.strip():
        raise DisputeRefused(_("Say why; it stays on record."))
    refuse_account_numbers(why)
    answer.outcome = why.strip()
    _decide(answer, AnswerStatus.TURNED_DOWN, asker=asker)
    record_of(answer.dispute, "dispute_giving_in_turned_down", reason=why, asker=asker)


def _waiting(dispute_public_id: UUID) -> DisputeAnswer:
    held = DisputeAnswer.objects.select_for_update(of=("self",)).select_related("dispute__payment")
    found = held.filter(dispute__public_id=dispute_public_id, status=AnswerStatus.WAITING).first()
    if found is None:
        raise DisputeRefused(_("Nothing waits for your word on this dispute; look at how it stands."))
    return found


def _decide(answer: DisputeAnswer, status: AnswerStatus, *, asker: Asker) -> None:
    answer.status = status
    answer.decided_by_id, answer.decided_by_label, answer.decided_role = asker.user_id, asker.actor.label, asker.role
    answer.decided_at = asker.now
    answer.save(update_fields=["status", "outcome", "decided_by", "decided_by_label", "decided_role", "decided_at"])
