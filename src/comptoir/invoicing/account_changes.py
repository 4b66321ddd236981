"""What moved what a company owes, in the order of days: from the ledger, so that a statement always agrees with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from django.db import connection

from comptoir.kit.lookups import Ids
from comptoir.kit.together import ask_together

from .company_credit import LOST
from .credit_queries import CreditNoteRow, credit_notes_named
from .queries import InvoiceRow, invoices_named

ChangeKind = Literal["invoice", "credit_note", "payment", "came_back", "waived", "refund", "refund_came_back", "other"]
KINDS: dict[str, ChangeKind] = {
    "invoice issued": "invoice",
    "credit note issued": "credit_note",
    "written off": "waived",
    LOST: "waived",
    "refund": "refund",
    "refund came back": "refund_came_back",
}


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What changed on a day what a company owes, in minor units: billed above zero, paid or credited below.

    A payment is one change, however many invoices it paid, and so is a refund; what was paid from credit changes
    nothing.
    """

    on: date
    kind: ChangeKind
    amount_minor: int
    invoice: InvoiceRow | None
    credit_note: CreditNoteRow | None
    payment_public_id: UUID | None
    refund_public_id: UUID | None


@dataclass(frozen=True, slots=True)
class AccountPeriod:
    """What a company owed when ``since`` began, and each change up to the end of ``through``; minor units.

    Owed is what is open on invoices less the company's credit: below zero, the company has credit.
    """

    opening_minor: int
    changes: tuple[AccountChange, ...]

    @property
    def closing_minor(self) -> int:
        """What it owed at the end."""
        return self.opening_minor + sum(change.amount_minor for change in self.changes)


def account_period(*, company_id: int, currency: str, since: date, through: date) -> AccountPeriod:
    """Return what changed what a company owes from ``since`` through ``through``, both days included.

    In a door of another company there is nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT min(entry_id), posted_on, said, invoice_id, payment_public_id, refund_public_id, credit_note_id,
                   sum(amount_minor)
            FROM (SELECT entry_id, posted_on, said, credit_note_id, amount_minor, payment_public_id, refund_public_id,
                         CASE WHEN moved_by IS NULL THEN invoice_id END AS invoice_id,
                         CASE WHEN moved_by IS NULL THEN entry_id END AS by_itself, amount_minor > 0 AS adds
                  FROM (SELECT *, coalesce(payment_public_id, refund_public_id) AS moved_by
                        FROM invoicing_account_changes(%s, %s) WHERE posted_on <= %s) AS change) AS one
            GROUP BY posted_on, said, invoice_id, payment_public_id, refund_public_id, credit_note_id, by_itself, adds
            ORDER BY 2, 1
            """,
            [company_id, currency, through],
        )
        rows = cursor.fetchall()
    opening = int(sum(row[-1] for row in rows if row[1] < since))
    shown = [row for row in rows if row[1] >= since]
    bills = invoices_named(ids=Ids({row[3] for row in shown if row[3]}))
    notes = credit_notes_named(ids=Ids({row[6] for row in shown if row[6]}))
    ask_together(bills, notes)
    return AccountPeriod(opening, tuple(_changes(shown, bills=bills.read(), notes=notes.read())))


def _changes(
    rows: Iterable[tuple[int, date, str, int | None, UUID | None, UUID | None, int | None, int]],
    *,
    bills: dict[int, InvoiceRow],
    notes: dict[int, CreditNoteRow],
) -> Iterable[AccountChange]:
    for _entry, on, said, invoice_id, payment, refund, note_id, amount in rows:
        kind = ("came_back" if amount > 0 else "payment") if payment else KINDS.get(said, "other")
        yield AccountChange(
            on=on,
            kind=kind,
            amount_minor=int(amount),
            invoice=bills.get(invoice_id or 0),
            credit_note=notes.get(note_id or 0),
            payment_public_id=payment,
            refund_public_id=refund,
        )
