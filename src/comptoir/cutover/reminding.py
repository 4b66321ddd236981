"""Telling the team which waves are due, who has not finished what is missing, and at the deadline who pays by check."""

from datetime import date, datetime

from django.db import transaction

from comptoir.notices.documents import deadline_reference
from comptoir.notices.move_notices import keep_move_paper, send_move_notice
from comptoir.payments.queries import pays_by_companies
from comptoir.tenancy.audit import system
from comptoir.work.operations import open_work

from .funnel import steps_missing
from .letter_texts import letter_text, text_for
from .models import DeadlinePaper, Move, NoticeKind, ReachedBy, Wave, WaveNotice, WaveStatus
from .planning import subject_of_wave
from .writing import have_called, need_not_be_called


def ask_for_due_letters(*, vendor_id: int, on: date, now: datetime) -> None:
    """Put every planned wave on the team's list whose letters were to go out by ``on``. Must run in a transaction.

    Nothing is sent by itself: whoever sends a wave looks at it once more.
    """
    due = Wave.objects.filter(vendor_id=vendor_id, status=WaveStatus.PLANNED, letter_on__lte=on)
    for wave_id in due.order_by("id").values_list("id", flat=True):
        open_work(vendor_id=vendor_id, kind="wave_to_send", subject=subject_of_wave(wave_id), now=now)


def take_due_notices(*, vendor_id: int, on: date, now: datetime) -> list[tuple[int, int]]:
    """Mark the notices of a vendor's waves done that are due by ``on``, and return which company gets which.

    Pairs of notice and move. Of several reminders that are late the last is sent alone; a stopped wave waits. Must run
    in one transaction with what sends them.
    """
    due = list(
        WaveNotice.objects.select_for_update(of=("self",))
        .filter(
            wave__vendor_id=vendor_id,
            wave__status=WaveStatus.SENT,
            wave__stopped_at=None,
            due_on__lte=on,
            done_at=None,
        )
        .order_by("wave_id", "due_on", "id")
    )
    WaveNotice.objects.filter(id__in=[notice.id for notice in due]).update(done_at=now)
    last = {notice.wave_id: notice for notice in due}
    moves = Move.objects.filter(wave_id__in=last, moved_on__isnull=False, taken_back_at=None).order_by("id")
    return [(last[wave_id].id, move_id) for wave_id, move_id in moves.values_list("wave_id", "id")]


def send_notice(*, notice_id: int, move_id: int, on: date, now: datetime) -> None:
    """Tell one company of a wave what it has still to do, or that it pays by check; not one that has finished.

    Whom no mail reaches somebody calls before the deadline; at the deadline it is told on paper, else by a call.
    """
    with transaction.atomic():
        notice = WaveNotice.objects.get(id=notice_id)
        move = Move.objects.select_related("wave", "company").get(id=move_id)
        company = move.company
        if notice.kind == NoticeKind.DEADLINE:
            need_not_be_called(move, actor=system("deadline"), now=now, about=["missing_to_call"])
            missing: tuple[str, ...] = ()
            is_told = pays_by_companies([company.id])[company.id] == "check"
        else:
            missing = steps_missing(company_id=company.id, on=on)
            is_told = bool(missing)
        if not is_told or move.taken_back_at:
            return
        if move.reached_by != ReachedBy.EMAIL:
            if notice.kind == NoticeKind.DEADLINE:
                _tell_without_mail(move, on=on, now=now)
            else:
                have_called(move, kind="missing_to_call", now=now)
            return
        send_move_notice(
            company_id=company.id,
            key=f"cutover-notice:{notice.id}:{move.public_id}",
            to=move.letter_to,
            first_invoice_month=move.wave.first_invoice_month,
            deadline=move.wave.deadline,
            link=str(move.public_id),
            words=letter_text(vendor_id=company.vendor_id, kind=notice.kind, language=company.language).words,
            missing=missing,
        )


def _tell_without_mail(move: Move, *, on: date, now: datetime) -> None:
    company, wave = move.company, move.wave
    if move.reached_by == ReachedBy.CALL:
        have_called(move, kind="deadline_to_call", now=now)
        return
    keep_move_paper(
        company_id=company.id,
        reference=deadline_reference(move.public_id),
        first_invoice_month=wave.first_invoice_month,
        deadline=wave.deadline,
        today=on,
        words=text_for(vendor_id=company.vendor_id, kind=NoticeKind.DEADLINE, language=company.language),
    )
    DeadlinePaper.objects.get_or_create(move=move, defaults={"written_at": now})
