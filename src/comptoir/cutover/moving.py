"""The cutover of one company, by the worker: one transaction in which it is billed here, can log in, and is told."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from comptoir.kit.errors import ComptoirError
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.queries import lock
from comptoir.tenancy.audit import record, system
from comptoir.tenancy.models import Company
from comptoir.tenancy.queries import business_today, vendor

from .balances import bring_balances
from .comparison.deciding import may_not_move
from .errors import WaveRefused
from .models import Handover, LetterWhy, Move, WaveStatus
from .writing import next_address, write_letter


def move_ids_to_carry_out(wave_id: int) -> list[int]:
    """Return the moves of a sent wave that are still to be carried out, but for those that could not be."""
    waiting = Move.objects.filter(
        wave_id=wave_id, wave__status=WaveStatus.SENT, moved_on=None, taken_back_at=None, problem=""
    )
    return list(waiting.order_by("id").values_list("id", flat=True))


def move_company(*, move_id: int, now: datetime) -> None:
    """Move one company of a wave that was sent and is not stopped; done again, it does nothing new.

    From this business day it is billed here, each service from where the old system stopped; its owner gets a login,
    and the letter is written and put down to be mailed. All of it, or none: what is in the way is noted on the move.
    """
    try:
        with transaction.atomic():
            _move_company(move_id=move_id, now=now)
    except ComptoirError as error:
        Move.objects.filter(id=move_id, moved_on=None, taken_back_at=None).update(problem=str(error))


def _move_company(*, move_id: int, now: datetime) -> None:
    if not _goes_on(move_id):
        return
    move = Move.objects.select_for_update(of=("self",)).select_related("wave", "company").get(id=move_id)
    if move.moved_on or move.taken_back_at:
        return
    company = move.company
    today = business_today(vendor(company.vendor_id), now=now)
    lock(company_ids=[company.id])
    if may_not_move([company.id]):
        raise WaveRefused(
            _(
                "The comparison of its next invoice with the old system’s last is missing, out of date or not settled. "
                "Have it compared, explained or signed, then let the wave go on."
            )
        )
    to = next_address(move)
    move.moved_on, move.moved_at, move.problem = today, now, ""
    move.reached_by = "email" if to else "paper" if company.address_lines else "call"
    move.save(update_fields=["moved_on", "moved_at", "problem", "reached_by"])
    Company.objects.filter(id=company.id).update(billed_since=today)
    company.billed_since = today
    services = Subscription.objects.filter(company_id=company.id)
    Handover.objects.bulk_create(
        Handover(move=move, subscription_id=service_id, billed_through=billed_from)
        for service_id, billed_from in services.order_by("id").values_list("id", "billed_from")
    )
    actor = system(f"wave “{move.wave.name}” sent")
    record(
        actor=actor,
        action="company moved",
        subject=f"wave:{move.wave_id}",
        vendor_id=company.vendor_id,
        company_id=company.id,
        before={"billed_since": None},
        after={"billed_since": str(today)},
    )
    if move.wave.brings_balances:
        bring_balances(company_id=company.id, seller=vendor(company.vendor_id), on=today, actor=actor)
    write_letter(move, to=to, why=LetterWhy.FIRST, today=today, now=now)


def _goes_on(move_id: int) -> bool:
    """Say whether the move's wave is under way, and keep it so until the transaction ends: stopping it waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT w.status = 'sent' AND w.stopped_at IS NULL FROM cutover_wave w
            JOIN cutover_move m ON m.wave_id = w.id WHERE m.id = %s FOR SHARE OF w
            """,
            [move_id],
        )
        (goes_on,) = cursor.fetchone() or (False,)
    return bool(goes_on)
