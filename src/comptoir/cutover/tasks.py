"""What the worker does for imports and waves."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import translation
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.types import JSONDict

from comptoir.kit.clocks import wall_now
from comptoir.kit.events import Happened
from comptoir.kit.request_id import current_request_id, under_request_id
from comptoir.mailer.queries import address_of_mark

from .comparison import tasks as comparison_tasks  # noqa: F401  the queue finds its jobs here
from .importing import run_requested
from .moving import move_company, move_ids_to_carry_out
from .reminding import ask_for_due_letters, send_notice, take_due_notices
from .undoing import carry_out_undo
from .writing import send_again, write_to_next_address


def run_import(event: Happened) -> None:
    """Do an import that was asked for; its findings are in the language of who asked."""
    with translation.override(event.data["language"]):
        run_requested(import_id=event.data["import"], now=wall_now())


def run_undo(event: Happened) -> None:
    """Take away what an import brought, as somebody asked; what is in the way is said in the language of who asked."""
    with translation.override(event.data["language"]):
        carry_out_undo(undo_id=event.data["undo"], now=wall_now())


def carry_out_wave(event: Happened) -> None:
    """Have every company of a wave moved that is still to be, one job each, so that workers share them."""
    jobs: list[JSONDict] = [
        {"move_id": move_id, "request_id": current_request_id()}
        for move_id in move_ids_to_carry_out(event.data["wave"])
    ]
    if jobs:
        carry_out_move.batch_defer(*jobs)


@app.task(name="cutover.carry_out_move", retry=RetryStrategy(max_attempts=6, exponential_wait=4))
@under_request_id
def carry_out_move(move_id: int) -> None:
    """Move one company, and tell it."""
    move_company(move_id=move_id, now=wall_now())


def send_letter_again(event: Happened) -> None:
    """Send one company's letter once more, as the team asked."""
    if event.vendor_id is not None:
        send_again(
            vendor_id=event.vendor_id,
            move_id=event.data["move"],
            to=event.data["to"],
            request=UUID(event.data["request"]),
            now=wall_now(),
        )


def letters_came_back(event: Happened) -> None:
    """Send letters to the next address where mail came back from one."""
    if event.vendor_id is not None:
        address = address_of_mark(event.data["address"])
        write_to_next_address(vendor_id=event.vendor_id, address=address, now=wall_now())


def ask_for_letters_due(*, vendor_id: int, on: date) -> None:
    """Tell the team whose letters are due by a business day. Again, it does nothing new."""
    with transaction.atomic():
        ask_for_due_letters(vendor_id=vendor_id, on=on, now=wall_now())


def remind_those_who_moved(*, vendor_id: int, on: date) -> None:
    """Have the reminders sent that are due by a business day, one job for each company. Again, it does nothing new."""
    with transaction.atomic():
        jobs: list[JSONDict] = [
            {"notice_id": notice_id, "move_id": move_id, "on": on.isoformat(), "request_id": current_request_id()}
            for notice_id, move_id in take_due_notices(vendor_id=vendor_id, on=on, now=wall_now())
        ]
        if jobs:
            send_move_notice.batch_defer(*jobs)


@app.task(name="cutover.send_move_notice", retry=RetryStrategy(max_attempts=6, exponential_wait=4))
@under_request_id
def send_move_notice(notice_id: int, move_id: int, on: str) -> None:
    """Tell one company of a wave what is still missing, or that it pays by check."""
    send_notice(notice_id=notice_id, move_id=move_id, on=date.fromisoformat(on), now=wall_now())
