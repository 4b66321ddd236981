"""How far the companies of a wave, or of all waves, have come: stage by stage, from what is on record elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from comptoir.customers.queries import answered_store_counts, store_counts
from comptoir.invoicing.models import Invoice, InvoiceKind
from comptoir.mailer.queries import statuses_of
from comptoir.payments.queries import pays_by_companies

from .models import DeadlinePaper, LegacyCompany, Letter, Move, ReachedBy, WaveStatus

STAGES = ("moved", "delivered", "opened", "password", "stores", "method", "invoice", "paid")
ARRIVED = frozenset({"sent", "delivered", "printed"})


@dataclass(frozen=True, slots=True)
class Moved:
    """A company of a wave that was sent, and the stages of STAGES that it has reached.

    ``letter`` is what became of its latest letter: a mail's status, or paper, printed, call or called; "" while it is
    not moved. ``problem`` says why it could not be. ``deadline_of`` names the move of which the word at the deadline
    waits for the printer; None where none does, as where the letter came back.
    """

    move_id: int
    public_id: UUID
    number: str
    name: str
    language: str
    phone: str
    wave_id: int
    wave_name: str
    moved_on: date | None
    problem: str
    reached_by: str
    letter_to: str
    letter: str
    letter_edition: int
    letter_sent_at: datetime | None
    deadline_of: UUID | None
    call_note: str
    pays_by: str
    stages: frozenset[str]

    @property
    def is_to_print(self) -> bool:
        """Whether its letter, or the word at the deadline, waits for the printer."""
        return self.letter == "paper" or self.deadline_of is not None


def moved_companies(*, vendor_id: int, today: date, wave_id: int | None = None) -> list[Moved]:
    """Return the companies of a wave that was sent, or of all of them, with the stages that each has reached.

    By number; who was taken back is left out.
    """
    found = Move.objects.filter(wave__vendor_id=vendor_id, wave__status=WaveStatus.SENT, taken_back_at=None)
    if wave_id is not None:
        found = found.filter(wave_id=wave_id)
    moves = list(found.select_related("company", "wave").order_by("company__number"))
    company_ids = [move.company_id for move in moves]
    letters = _latest_letters(moves)
    mailed = statuses_of(letters.values())
    phones = dict(LegacyCompany.objects.filter(company_id__in=company_ids).values_list("company_id", "phone"))
    reached = _reached(company_ids, today=today)
    pays_by = pays_by_companies(company_ids)
    words = DeadlinePaper.objects.filter(move__in=moves, printed_at=None).exclude(move__reached_by=ReachedBy.CALL)
    papers = set(words.values_list("move_id", flat=True))
    rows = []
    for move in moves:
        reference = letters.get(move.id, "")
        outcome = _outcome(move, mailed=mailed.get(reference, "queued"))
        own = {stage for stage, companies in reached.items() if move.company_id in companies}
        own |= {"moved"} if move.moved_on else set()
        own |= {"delivered"} if outcome in ARRIVED else set()
        own |= {"opened"} if move.portal_opened_at else set()
        own |= {"method"} if pays_by[move.company_id] != "check" else set()
        rows.append(
            Moved(
                move_id=move.id,
                public_id=move.company.public_id,
                number=move.company.number,
                name=move.company.name,
                language=move.company.language,
                phone=phones.get(move.company_id, ""),
                wave_id=move.wave_id,
                wave_name=move.wave.name,
                moved_on=move.moved_on,
                problem=move.problem,
                reached_by=move.reached_by,
                letter_to=move.letter_to,
                letter=outcome,
                letter_edition=edition_of(reference),
                letter_sent_at=move.letter_sent_at,
                deadline_of=move.public_id if move.id in papers and pays_by[move.company_id] == "check" else None,
                call_note=move.call_note,
                pays_by=pays_by[move.company_id],
                stages=frozenset(own),
            )
        )
    return rows


def edition_of(reference: str) -> int:
    """Return which edition of a company's letter a reference names; 0 is the first."""
    last = reference.rpartition(":")[2]
    return int(last) if last.isdecimal() else 0


def letter_edition(company_id: int) -> int:
    """Return which edition a company's latest letter is; 0 is the first, also of one that has none."""
    latest = Letter.objects.filter(move__company_id=company_id).order_by("-id").values_list("reference", flat=True)
    return edition_of(latest.first() or "")


def steps_missing(*, company_id: int, on: date) -> tuple[str, ...]:
    """Return what a moved company has still to do: password, stores, method."""
    reached = _reached([company_id], today=on)
    done = {
        "password": company_id in reached["password"],
        "stores": company_id in reached["stores"],
        "method": pays_by_companies([company_id])[company_id] != "check",
    }
    return tuple(step for step, is_done in done.items() if not is_done)


def _reached(company_ids: Sequence[int], *, today: date) -> dict[str, set[int]]:
    owned = store_counts(company_ids, on=today)
    answered = answered_store_counts(company_ids, on=today)
    invoiced, paid = _invoiced_and_paid(company_ids)
    return {
        "password": _with_password(company_ids),
        "stores": {each for each in company_ids if owned.get(each, 0) == answered.get(each, 0)},
        "invoice": invoiced,
        "paid": paid,
    }


def _latest_letters(moves: Iterable[Move]) -> dict[int, str]:
    rows = Letter.objects.filter(move__in=moves).order_by("move_id", "-id").distinct("move_id")
    return dict(rows.values_list("move_id", "reference"))


def _outcome(move: Move, *, mailed: str) -> str:
    if not move.moved_on:
        return ""
    if move.reached_by == ReachedBy.EMAIL:
        return mailed
    if move.reached_by == ReachedBy.PAPER:
        return "printed" if move.printed_at else "paper"
    return "called" if move.called_at else "call"


def _with_password(company_ids: Sequence[int]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM cutover_passwords_set(%s)", [list(company_ids)])
        return {row[0] for row in cursor.fetchall()}


def _invoiced_and_paid(company_ids: Sequence[int]) -> tuple[set[int], set[int]]:
    """Return who has an invoice, and whose first one is settled; what was brought from the old system is none."""
    first = (
        Invoice.objects.filter(company_id__in=company_ids)
        .exclude(kind=InvoiceKind.OPENING)
        .order_by("company_id", "issue_date", "id")
        .distinct("company_id")
        .values_list("company_id", "balance__open_minor")
    )
    rows = list(first)
    return {company_id for company_id, _open in rows}, {company_id for company_id, left in rows if left == 0}


def counts(companies: Iterable[Moved]) -> Mapping[str, int]:
    """Return how many companies have reached each of STAGES."""
    found = list(companies)
    return {stage: sum(stage in company.stages for company in found) for stage in STAGES}
