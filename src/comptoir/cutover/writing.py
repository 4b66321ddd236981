"""Writing letters: to the first good address, to the next when mail comes back, on paper, or nothing but a call."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from comptoir.customers.operations import add_owner
from comptoir.customers.queries import contacts
from comptoir.identity.operations import provision_login
from comptoir.kit.events import emit
from comptoir.mailer.queries import marked_among
from comptoir.notices import letters
from comptoir.notices.documents import letter_reference
from comptoir.payments.queries import pays_by_companies
from comptoir.tenancy.audit import Actor, record, system
from comptoir.tenancy.queries import business_today, vendor
from comptoir.work.operations import close_work, open_work

from .errors import NotInWave
from .funnel import Moved
from .letter_texts import text_for
from .models import DeadlinePaper, Letter, LetterWhy, Move, ReachedBy

# Why somebody is to call a moved company.
CALLS = ("letter_to_call", "missing_to_call", "deadline_to_call")


def next_address(move: Move, *, tried: Collection[str] = ()) -> str:
    """Return the first address of a company, billing before owner, that no mail came back from; "" if there is none."""
    known = [contact.email for contact in contacts(move.company_id)]
    marked = marked_among(vendor_id=move.company.vendor_id, addresses=known)
    return next((email for email in known if email not in marked and email not in tried), "")


def write_letter(
    move: Move, *, to: str, why: LetterWhy, today: date, now: datetime, request: UUID | None = None
) -> None:
    """Write a moved company's letter, and have it mailed to ``to``; without, it is kept for paper.

    The address opens the portal: it is the login, and any other of the company's asks for its link. Must run in the
    transaction in which the move is held.
    """
    company, wave = move.company, move.wave
    earlier = Letter.objects.filter(move__company_id=company.id).count()
    reference = letter_reference(company.public_id, edition=earlier)
    if to:
        _open_door(move, to=to)
    letters.send_letter(
        company_id=company.id,
        to=to or None,
        login_email=to or None,
        first_invoice_month=wave.first_invoice_month,
        deadline=wave.deadline,
        today=today,
        edition=earlier,
        link=str(move.public_id),
        text=text_for(vendor_id=company.vendor_id, kind="letter", language=company.language),
    )
    Letter.objects.create(move=move, reference=reference, to=to, why=why, request=request, written_at=now)
    move.letter_to, move.letter_sent_at, move.printed_at = to, now if to else None, None
    move.save(update_fields=["letter_to", "letter_sent_at", "printed_at"])
    _reach(move, by=ReachedBy.EMAIL if to else ReachedBy.PAPER if company.address_lines else ReachedBy.CALL, now=now)


def ask_for_letters(*, vendor_id: int, company_public_ids: Collection[UUID], to: str, actor: Actor) -> int:
    """Have the worker send letters once more: to ``to``, else to each company's first good address; return how many.

    In the billing team's door. Raises NotInWave where a company is not moved, or not any more.
    """
    moves = list(_moved(vendor_id).filter(company__public_id__in=company_public_ids))
    if not moves or len(moves) < len(set(company_public_ids)):
        raise NotInWave(_("A letter goes to companies that have been moved; this one has not, or not any more."))
    for move in moves:
        record(
            actor=actor,
            action="letter asked for",
            subject=f"wave:{move.wave_id}",
            vendor_id=vendor_id,
            company_id=move.company_id,
            after={"to": to},
        )
        emit(
            name="letter_asked",
            topic=f"move:{move.public_id}",
            vendor_id=vendor_id,
            company_id=move.company_id,
            data={"move": move.id, "to": to, "request": str(uuid4())},
        )
    return len(moves)


def send_again(*, vendor_id: int, move_id: int, to: str, request: UUID, now: datetime) -> None:
    """Send a moved company's letter once more, as ``request`` asks; done again, it does nothing new."""
    with transaction.atomic():
        move = _held(move_id, vendor_id=vendor_id)
        if move is None or Letter.objects.filter(request=request).exists():
            return
        today = business_today(vendor(vendor_id), now=now)
        write_letter(move, to=to or next_address(move), why=LetterWhy.AGAIN, today=today, now=now, request=request)


def write_to_next_address(*, vendor_id: int, address: str, now: datetime) -> None:
    """Send the letters that went to an address from which mail came back to each company's next one.

    Where there is none, the letter goes on paper; without a postal address, somebody calls. Whoever has opened the
    portal already needs no other letter.
    """
    waiting = Move.objects.filter(
        wave__vendor_id=vendor_id,
        letter_to__iexact=address,
        reached_by=ReachedBy.EMAIL,
        portal_opened_at=None,
        taken_back_at=None,
    )
    for move_id in waiting.order_by("id").values_list("id", flat=True):
        with transaction.atomic():
            move = _held(move_id, vendor_id=vendor_id)
            if move is None or move.letter_to.lower() != address.lower() or move.portal_opened_at:
                continue
            tried = set(move.letters.values_list("to", flat=True))
            to = next_address(move, tried=tried)
            today = business_today(vendor(vendor_id), now=now)
            write_letter(move, to=to, why=LetterWhy.NEXT_ADDRESS, today=today, now=now)


def note_call(*, vendor_id: int, company_public_id: UUID, note: str, actor: Actor, now: datetime) -> None:
    """Put on record what was said with a company on the telephone. In the billing team's door. Raises NotInWave."""
    move = _moved(vendor_id).filter(company__public_id=company_public_id).first()
    if move is None:
        raise NotInWave(_("This company has not been moved, or not any more."))
    Move.objects.filter(id=move.id).update(called_at=now, call_note=note)
    record(
        actor=actor,
        action="company called",
        subject=f"wave:{move.wave_id}",
        vendor_id=vendor_id,
        company_id=move.company_id,
        reason=note,
    )
    need_not_be_called(move, actor=actor, now=now)


def letter_came_back(*, vendor_id: int, company_public_id: UUID, actor: Actor, now: datetime) -> None:
    """Put a company whose paper letter came back on the list of those to call. In the billing team's door.

    What it is told at the deadline does not reach it on paper either. Raises NotInWave where no letter went on paper.
    """
    move = _moved(vendor_id).filter(company__public_id=company_public_id, reached_by=ReachedBy.PAPER).first()
    if move is None:
        raise NotInWave(_("This company’s letter did not go on paper; reload the page to see how it stands."))
    _reach(move, by=ReachedBy.CALL, now=now)
    is_told_at_the_deadline = DeadlinePaper.objects.filter(move=move).exists()
    if is_told_at_the_deadline and pays_by_companies([move.company_id])[move.company_id] == "check":
        have_called(move, kind="deadline_to_call", now=now)
    record(
        actor=actor,
        action="paper letter came back",
        subject=f"wave:{move.wave_id}",
        vendor_id=vendor_id,
        company_id=move.company_id,
    )


def have_called(move: Move, *, kind: str, now: datetime) -> None:
    """Put a company on the list of those to call."""
    company = move.company
    subject = f"company:{company.public_id}"
    open_work(vendor_id=company.vendor_id, company_id=company.id, kind=kind, subject=subject, now=now)


def need_not_be_called(move: Move, *, actor: Actor, now: datetime, about: Sequence[str] = CALLS) -> None:
    """Take a company off the list of those to call, if it is there."""
    company = move.company
    for kind in about:
        close_work(vendor_id=company.vendor_id, kind=kind, subject=f"company:{company.public_id}", actor=actor, now=now)


def note_printed(printed: Collection[Moved], *, now: datetime) -> None:
    """Note that what waited on paper for companies was put together for the printer. In the billing team's door."""
    words = [moved.deadline_of for moved in printed if moved.deadline_of is not None]
    letters_ids = [moved.move_id for moved in printed if moved.letter == "paper"]
    DeadlinePaper.objects.filter(move__public_id__in=words, printed_at=None).update(printed_at=now)
    Move.objects.filter(id__in=letters_ids, reached_by=ReachedBy.PAPER, printed_at=None).update(printed_at=now)


def _moved(vendor_id: int) -> QuerySet[Move]:
    return Move.objects.select_related("wave", "company").filter(
        wave__vendor_id=vendor_id, moved_on__isnull=False, taken_back_at=None
    )


def _held(move_id: int, *, vendor_id: int) -> Move | None:
    """Hold a moved company's move; a page writes the event that leads here, and the number in it may be any."""
    return _moved(vendor_id).select_for_update(of=("self",)).filter(id=move_id).first()


def _reach(move: Move, *, by: ReachedBy, now: datetime) -> None:
    """Note how the latest letter goes; where none does, somebody has to call, whoever called because of an earlier."""
    move.reached_by = by
    if by == ReachedBy.CALL:
        move.called_at, move.call_note = None, ""
    move.save(update_fields=["reached_by", "called_at", "call_note"])
    if by == ReachedBy.CALL:
        have_called(move, kind="letter_to_call", now=now)
    else:
        need_not_be_called(move, actor=system("letter sent"), now=now, about=["letter_to_call"])


def _open_door(move: Move, *, to: str) -> None:
    known = contacts(move.company_id)
    user_id = provision_login(
        email=to,
        name=next((contact.name for contact in known if contact.email == to), ""),
        language=move.company.language,
        also=[contact.email for contact in known],
    )
    add_owner(
        company_id=move.company_id,
        vendor_id=move.company.vendor_id,
        user_id=user_id,
        actor=system(f"wave “{move.wave.name}” sent"),
    )
