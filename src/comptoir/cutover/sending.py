"""What the worker does for one company of a wave that was sent: the login, the membership, the letter."""

from datetime import datetime

from django.db import transaction

from comptoir.customers.operations import add_owner
from comptoir.customers.queries import contacts
from comptoir.identity.operations import provision_login
from comptoir.notices import letters
from comptoir.tenancy.audit import system

from .models import Move, WaveStatus


def move_ids_to_tell(wave_id: int) -> list[int]:
    """Return the moves of a sent wave whose letter is not on its way yet."""
    waiting = Move.objects.filter(wave_id=wave_id, wave__status=WaveStatus.SENT, letter_sent_at=None)
    return list(waiting.order_by("id").values_list("id", flat=True))


def tell_company(*, move_id: int, now: datetime) -> None:
    """Open the door for a moved company and send its letter, in one transaction; done again, it does nothing new.

    The login is the billing address that the owner gave, else the owner's; either asks for the way in. A company
    without any address gets no login; its letter is kept, to be printed.
    """
    with transaction.atomic():
        move = Move.objects.select_for_update(of=("self",)).select_related("wave", "company").get(id=move_id)
        if move.letter_sent_at is not None or move.wave.sent_on is None:
            return
        if move.letter_to:
            _open_door(move)
        letters.send_letter(
            company_id=move.company_id,
            to=move.letter_to or None,
            login_email=move.letter_to or None,
            first_invoice_month=move.wave.first_invoice_month,
            deadline=move.wave.deadline,
            today=move.wave.sent_on,
        )
        if move.letter_to:
            move.letter_sent_at = now
            move.save(update_fields=["letter_sent_at"])


def _open_door(move: Move) -> None:
    known = contacts(move.company_id)
    user_id = provision_login(
        email=move.letter_to,
        name=next((contact.name for contact in known if contact.email == move.letter_to), ""),
        language=move.company.language,
        also=[contact.email for contact in known],
    )
    add_owner(
        company_id=move.company_id,
        vendor_id=move.company.vendor_id,
        user_id=user_id,
        actor=system(f"wave “{move.wave.name}” sent"),
    )
