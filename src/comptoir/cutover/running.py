"""Sending a wave, stopping it, going on; taking a company back. All of it runs in the billing team's door."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from comptoir.invoicing.opening import may_go_back
from comptoir.kit.events import emit
from comptoir.subscriptions.queries import lock
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.models import Company

from .before_sending import planned_companies
from .errors import NotInWave, UnableToTakeBack, WaveRefused
from .models import Move, Wave, WaveStatus
from .planning import held_plan, held_wave, refuse_moved, settle_letters
from .waves import wave as wave_row
from .writing import need_not_be_called


def send_wave(
    *, vendor_id: int, wave_id: int, actor: Actor, today: date, now: datetime, version: int | None = None
) -> int:
    """Let the worker move a wave's companies, each in a transaction of its own, and send their letters.

    Returns how many companies move. Raises WaveNotFound, WaveRefused when one of them cannot be moved as it is, and
    WaveChanged when the wave is not of the ``version`` any more that somebody looked at.
    """
    wave = held_plan(vendor_id=vendor_id, wave_id=wave_id, version=version)
    companies = list(Company.objects.filter(move__wave=wave).order_by("id"))
    if not companies:
        raise WaveRefused(_("There is no company in this wave yet; choose some first."))
    refuse_moved([company for company in companies if company.billed_since])
    looked_at = planned_companies(wave_row(vendor_id=vendor_id, wave_id=wave_id))
    if blocked := [company.number for company in looked_at if company.is_blocked]:
        raise WaveRefused(
            _("These companies cannot be moved as they are; see why, put it right or take them out: %(companies)s.")
            % {"companies": ", ".join(blocked[:10])}
        )
    Wave.objects.filter(id=wave.id).update(status=WaveStatus.SENT, sent_at=now, sent_on=today, version=F("version") + 1)
    settle_letters(wave, actor=actor, now=now)
    record(
        actor=actor,
        action="wave sent",
        subject=f"wave:{wave.id}",
        vendor_id=vendor_id,
        after={"companies": len(companies), "sent_on": str(today)},
    )
    _have_it_carried_out(wave)
    return len(companies)


def stop_wave(*, vendor_id: int, wave_id: int, actor: Actor, now: datetime) -> None:
    """Stop a wave: who has not been moved by now is not, and nobody is reminded, until it goes on.

    The company that is being moved this moment is waited for. Raises WaveNotFound, WaveRefused.
    """
    wave = held_wave(vendor_id=vendor_id, wave_id=wave_id)
    if wave.status != WaveStatus.SENT or wave.stopped_at:
        raise WaveRefused(_("This wave is not under way; reload the page to see how it stands."))
    _note(wave, actor=actor, action="wave stopped", stopped_at=now)


def continue_wave(*, vendor_id: int, wave_id: int, actor: Actor) -> None:
    """Go on with a wave: who has not been moved yet is, also who could not be moved before.

    Raises WaveNotFound, WaveRefused.
    """
    wave = held_wave(vendor_id=vendor_id, wave_id=wave_id)
    if wave.status != WaveStatus.SENT:
        raise WaveRefused(_("This wave has not been sent yet."))
    Move.objects.filter(wave=wave, moved_on=None).exclude(problem="").update(problem="")
    _note(wave, actor=actor, action="wave continued", stopped_at=None)
    _have_it_carried_out(wave)


def take_back(*, vendor_id: int, company_public_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Let the old system bill a company again, as if it had not been moved; another wave may take it later.

    Who was not moved yet is left out of a wave that was sent. Raises NotInWave, and UnableToTakeBack once the company
    has any invoice here, but for a balance brought from the old system that is credited in full.
    """
    moves = Move.objects.select_for_update(of=("self",)).select_related("company", "wave")
    move = moves.filter(
        company__public_id=company_public_id,
        wave__vendor_id=vendor_id,
        wave__status=WaveStatus.SENT,
        taken_back_at=None,
    ).first()
    if move is None:
        raise NotInWave(_("This company is in no wave that was sent; there is nothing to take back."))
    company = move.company
    lock(company_ids=[company.id])  # a bill run holds them while it issues
    if not may_go_back(company.id):
        raise UnableToTakeBack(
            _(
                "%(company)s has an invoice here already, so it stays; correct the invoice instead. What was brought "
                "from the old system is credited in full first."
            )
            % {"company": company.name}
        )
    move.taken_back_at, move.taken_back_why = now, reason
    move.save(update_fields=["taken_back_at", "taken_back_why"])
    if move.moved_on:
        Company.objects.filter(id=company.id).update(billed_since=None)
    need_not_be_called(move, actor=actor, now=now)
    record(
        actor=actor,
        action="company taken back",
        subject=f"wave:{move.wave_id}",
        vendor_id=vendor_id,
        company_id=company.id,
        before={"billed_since": str(move.moved_on or "")},
        after={"billed_since": None},
        reason=reason,
    )


def _have_it_carried_out(wave: Wave) -> None:
    emit(name="wave_sent", topic=f"wave:{wave.id}", vendor_id=wave.vendor_id, data={"wave": wave.id})


def _note(wave: Wave, *, actor: Actor, action: str, stopped_at: datetime | None) -> None:
    Wave.objects.filter(id=wave.id).update(stopped_at=stopped_at, version=F("version") + 1)
    record(actor=actor, action=action, subject=f"wave:{wave.id}", vendor_id=wave.vendor_id)
