"""Who has come to which step, and what is on record of one company: for the billing team's pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from comptoir.documents.printing import BatchRow, batch_row
from comptoir.tenancy.queries import VendorRow

from .calculation.standing import overdue, owed_minor
from .calculation.steps import StepKind
from .facts import facts_of
from .handing_over import among_handed_over
from .models import Pause
from .papers import KeptBack, kept_back, letters_that_wait
from .policies import PolicyRow

# From mild to hard; a company is at the hardest that holds for it.
STAGES = ("overdue", "reminder", "firm_reminder", "final_notice", "closed", "handed_over")
# Beside the stage: what holds it up.
PAUSED = "paused"
ROWS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class LateCompany:
    """A company with something overdue, in minor units: since when, at which stage, and until when it is left alone."""

    public_id: UUID
    number: str
    name: str
    overdue_minor: int
    invoices: int
    due_on: date
    stage: str
    last_notice_on: date | None
    paused_until: date | None


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A message about what was due, and what became of it; ``received_on`` is None while it proves nothing."""

    id: int
    public_id: UUID
    company_public_id: UUID
    company_number: str
    company_name: str
    kind: str
    sent_on: date
    sent_to: str
    has_paper: bool
    printed_in: int | None
    posted_on: date | None
    posted_by: str
    mail_came_back: bool
    paper_returned_on: date | None
    paper_returned_by: str
    received_on: date | None
    paper: str
    again_by: str
    was_given_again: bool

    @property
    def may_be_given_again(self) -> bool:
        """Whether somebody may have it given once more: a final notice that came back and proves nothing."""
        unproven = self.kind == "final_notice" and self.paper_returned_on and not self.received_on
        return bool(unproven) and not self.again_by

    @property
    def came_back(self) -> bool:
        """Whether all that was sent of it came back."""
        return bool(self.paper_returned_on) or (self.mail_came_back and not self.posted_on)


@dataclass(frozen=True, slots=True)
class PostRow:
    """A letter that waits for the post, and why it is not to go there, if anything keeps it back."""

    notice: NoticeRow
    kept_back: KeptBack | None


@dataclass(frozen=True, slots=True)
class OldSheet:
    """A sheet that was printed and is not to be posted any more: its company's number and name, and its step."""

    number: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Pile:
    """Letters that were put together for the printer at once, or (no ``batch``) not yet.

    ``take_out`` is what was printed with them, and is written anew, paid or written off since.
    """

    batch: BatchRow | None
    rows: tuple[PostRow, ...]
    take_out: tuple[OldSheet, ...] = ()

    @property
    def to_go(self) -> tuple[int, ...]:
        """The ids of those that are to go to the post."""
        return tuple(row.notice.id for row in self.rows if row.kept_back is None)


@dataclass(frozen=True, slots=True)
class PauseRow:
    """A hold, or a promise of an amount in minor units, and whether it still runs."""

    public_id: UUID
    kind: str
    until: date
    amount_minor: int | None
    reason: str
    made_by: str
    made_at: datetime
    released_by: str
    runs: bool


@dataclass(frozen=True, slots=True)
class CompanyDunning:
    """How a company stands: its policy, what is overdue, what pauses it, and on which day each next step comes."""

    policy: PolicyRow
    overdue_minor: int
    due_on: date | None
    pauses: tuple[str, ...]
    coming: tuple[tuple[StepKind, date], ...]
    notices: tuple[NoticeRow, ...]
    held: tuple[PauseRow, ...]
    closings: tuple[tuple[str, datetime | None, bool], ...]


LATE = """
WITH late AS (
    SELECT i.company_id, sum(b.open_minor)::bigint AS minor, count(*) AS invoices, min(i.due_date) AS due_on,
           max(array_position(ARRAY['reminder', 'firm_reminder', 'final_notice'], t.kind)) AS told,
           max(n.sent_on) AS last_on
    FROM invoicing_invoice i JOIN invoicing_invoicebalance b ON b.invoice_id = i.id
    LEFT JOIN LATERAL (SELECT t.kind, t.notice_id FROM dunning_noticeitem t WHERE t.invoice_id = i.id
                       ORDER BY t.id DESC LIMIT 1) t ON true
    LEFT JOIN dunning_notice n ON n.id = t.notice_id
    WHERE i.vendor_id = %(vendor)s AND b.open_minor > b.in_flight_minor AND i.due_date < %(on)s
    GROUP BY 1),
rows AS (
    SELECT c.public_id, c.number, c.name, late.minor, late.invoices, late.due_on,
           CASE WHEN h.company_id IS NOT NULL THEN 'handed_over'
                WHEN EXISTS (SELECT 1 FROM access_standing s
                             WHERE s.company_id = c.id AND s.state IN ('suspended', 'limited')) THEN 'closed'
                ELSE coalesce((ARRAY['reminder', 'firm_reminder', 'final_notice'])[late.told], 'overdue') END AS stage,
           late.last_on,
           (SELECT max(p.until) FROM dunning_pause p
            WHERE p.company_id = c.id AND p.released_at IS NULL AND p.until >= %(on)s) AS paused_until
    FROM late JOIN tenancy_company c ON c.id = late.company_id
    LEFT JOIN dunning_handover h ON h.company_id = c.id AND h.ended_on IS NULL)
"""


def late_companies(
    *, vendor_id: int, on: date, stage: str = "", paused: bool = False, text: str = "", page: int = 1
) -> list[LateCompany]:
    """Return a page of those with something overdue, the longest first; those of a stage, paused, or so named."""
    return [
        LateCompany(*row)
        for row in _ask(
            LATE
            + """SELECT * FROM rows WHERE (%(stage)s = '' OR stage = %(stage)s)
            AND (NOT %(paused)s OR paused_until IS NOT NULL)
            AND (name ILIKE %(like)s OR number ILIKE %(like)s)
            ORDER BY due_on, number LIMIT %(limit)s OFFSET %(offset)s""",
            {
                "vendor": vendor_id,
                "on": on,
                "stage": stage,
                "paused": paused,
                "like": f"%{text}%",
                "limit": ROWS_A_PAGE,
                "offset": (page - 1) * ROWS_A_PAGE,
            },
        )
    ]


def late_counts(*, vendor_id: int, on: date) -> dict[str, int]:
    """Return how many companies are at each stage, and how many of all are paused by a person."""
    counts = dict.fromkeys((*STAGES, PAUSED), 0)
    for stage, companies, paused in _ask(
        LATE + "SELECT stage, count(*), count(paused_until) FROM rows GROUP BY stage", {"vendor": vendor_id, "on": on}
    ):
        counts[stage] = companies
        counts[PAUSED] += paused
    return counts


def company_dunning(company_id: int, *, vendor: VendorRow, on: date) -> CompanyDunning:
    """Return all that is on record of one company, for the day."""
    (facts,) = facts_of([company_id], vendor=vendor, on=on)
    late = overdue(facts.facts, terms=facts.policy.terms, today=on)
    listed = among_handed_over([company_id])
    coming: dict[StepKind, date] = {}
    owes = owed_minor(late, facts=facts.facts, terms=facts.policy.terms) > 0
    for row in late if owes else ():
        for kind, day in facts.ahead(row, handed_over=listed).items():
            if kind != "due_soon":
                coming[kind] = min(max(day, on), coming.get(kind, date.max))
    pauses: list[str] = [pause.kind for pause in facts.pauses]
    if any(row.is_under_way for row in facts.facts.invoices):
        pauses.append("payment")
    if any(row.debit_on for row in facts.facts.invoices):
        pauses.append("attempt")
    return CompanyDunning(
        policy=facts.policy,
        overdue_minor=sum(row.open_minor for row in late),
        due_on=late[0].due_on if late else None,
        pauses=tuple(sorted(set(pauses))),
        coming=tuple(sorted(coming.items(), key=lambda each: each[1])),
        notices=tuple(_notices("n.company_id = %(company)s", {"company": company_id})),
        held=tuple(_pauses(company_id, on=on)),
        closings=tuple(_closings(company_id)),
    )


def letters_to_post(*, vendor: VendorRow, on: date) -> list[Pile]:
    """Return the reminders on paper that nobody has posted, oldest first: those to be printed, then batch by batch.

    A batch of which nothing is to be posted any more is there while something of it waits to be printed anew.
    """
    waiting = letters_that_wait(vendor.id).values_list("id", flat=True)
    rows = list(reversed(_notices("n.id = ANY(%(ids)s)", {"ids": list(waiting)})))
    held = kept_back((row.id for row in rows), vendor=vendor, on=on)
    piles: dict[int | None, list[PostRow]] = {}
    for row in rows:
        piles.setdefault(row.printed_in, []).append(PostRow(row, held.get(row.id)))
    old = _old_sheets(rows, vendor_id=vendor.id)
    return [
        Pile(batch_row(batch_id) if batch_id else None, tuple(piles.get(batch_id, ())), tuple(old.get(batch_id, ())))
        for batch_id in sorted({*piles, *old}, key=lambda batch_id: batch_id or 0)
    ]


def _old_sheets(rows: Sequence[NoticeRow], *, vendor_id: int) -> dict[int | None, list[OldSheet]]:
    """Return what is to be taken out of the batches in which letters that wait are, or were before, by batch."""
    found: dict[int | None, list[OldSheet]] = {}
    if not rows:
        return found
    values = {
        "vendor": vendor_id,
        "waiting": [row.id for row in rows],
        "unprinted": [row.id for row in rows if row.printed_in is None],
        "batches": list({row.printed_in for row in rows if row.printed_in}),
        "since": min(row.sent_on for row in rows),
    }
    for batch_id, *sheet in _ask(OLD_SHEETS, values):
        found.setdefault(batch_id, []).append(OldSheet(*sheet))
    return found


# A sheet is of the notice after which its paper is named, however often that was written.
OLD_SHEETS = """
SELECT b.id, sheet ->> 0, sheet ->> 1, n.kind
FROM documents_printbatch b CROSS JOIN LATERAL jsonb_array_elements(b.sheets) sheet
JOIN dunning_notice n ON n.vendor_id = b.vendor_id AND 'reminder:' || n.public_id = left(sheet -> 2 ->> 0, 45)
WHERE b.vendor_id = %(vendor)s AND b.requested_on >= %(since)s
  AND (b.id = ANY(%(batches)s) OR n.id = ANY(%(unprinted)s))
  AND (n.printed_in_id IS DISTINCT FROM b.id OR n.posted_on IS NULL AND n.id <> ALL(%(waiting)s))
ORDER BY b.id, 2, n.id
"""


def count_letters_to_post(vendor_id: int) -> int:
    """Return how many reminders on paper wait to be posted."""
    return letters_that_wait(vendor_id).count()


def find_notice(*, vendor_id: int, public_id: UUID) -> NoticeRow | None:
    """Return one of a vendor's messages, or None."""
    found = _notices("n.vendor_id = %(vendor)s AND n.public_id = %(id)s", {"vendor": vendor_id, "id": public_id})
    return next(iter(found), None)


def _notices(where: str, values: Mapping[str, Any]) -> list[NoticeRow]:
    return [
        NoticeRow(*row)
        for row in _ask(
            f"""
            SELECT n.id, n.public_id, c.public_id, c.number, c.name, n.kind, n.sent_on, n.sent_to, n.has_paper,
                   n.printed_in_id, n.posted_on, n.posted_by,
                   coalesce(m.returned_at IS NOT NULL OR m.failed_at IS NOT NULL, false),
                   n.paper_returned_on, n.paper_returned_by, dunning_received_on(n.id),
                   coalesce(nullif(n.paper, ''), 'reminder:' || n.public_id), n.again_by,
                   n.again_by <> '' AND EXISTS (
                       SELECT 1 FROM dunning_noticeitem i JOIN dunning_noticeitem later
                       ON later.invoice_id = i.invoice_id AND later.kind = i.kind AND later.nth = i.nth + 1
                       WHERE i.notice_id = n.id)
            FROM dunning_notice n JOIN tenancy_company c ON c.id = n.company_id
            LEFT JOIN mailer_message m ON m.id = n.message_id WHERE {where} ORDER BY n.id DESC LIMIT 500
            """,
            values,
        )
    ]


def _pauses(company_id: int, *, on: date) -> list[PauseRow]:
    return [
        PauseRow(
            pause.public_id,
            pause.kind,
            pause.until,
            pause.amount_minor,
            pause.reason,
            pause.made_by,
            pause.made_at,
            pause.released_by,
            pause.released_at is None and pause.until >= on,
        )
        for pause in Pause.objects.filter(company_id=company_id).order_by("-id")[:50]
    ]


def _closings(company_id: int) -> list[tuple[str, datetime | None, bool]]:
    """What is going to be closed: the product, at which instant, and whether a second person has to allow it."""
    return [
        (name, at, bool(waits))
        for name, at, waits in _ask(
            """
            SELECT p.name, c.at, b.id IS NOT NULL AND b.approved IS DISTINCT FROM true FROM dunning_closing c
            JOIN catalog_product p ON p.id = c.product_id LEFT JOIN dunning_brakestop b ON b.id = c.stop_id
            WHERE c.company_id = %(company)s AND c.done_at IS NULL AND c.dropped_at IS NULL ORDER BY p.name
            """,
            {"company": company_id},
        )
    ]


def _ask(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, dict(values))
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
