"""What others may know of the books: the trial balance, an account's roll-forward by month, and its journal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from .errors import AccountNotFound
from .models import LedgerAccount, Posting


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """What an account stands at, in minor units of its currency: a debit above zero, a credit below.

    ``part`` is the jurisdiction of tax payable, else empty.
    """

    account_id: int
    code: str
    part: str
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class RollForwardRow:
    """A month of an account that is owed (its credits are additions), in minor units above zero where it is owed."""

    month: date
    opening_minor: int
    added_minor: int
    released_minor: int

    @property
    def closing_minor(self) -> int:
        """What is owed at the month's end."""
        return self.opening_minor + self.added_minor - self.released_minor


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account of a vendor."""

    id: int
    code: str
    part: str
    currency: str


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One posting to an account, with what it records; ``document_id`` is the invoice of a receivable.

    ``company_id`` is None where nobody knows whose the money is, or where it is the vendor's alone.
    """

    entry_id: int
    posted_on: date
    description: str
    reason: str
    company_id: int | None
    document_id: int | None
    amount_minor: int

    @property
    def credit_minor(self) -> int:
        """The credit, above zero."""
        return -self.amount_minor


def trial_balance(*, vendor_id: int, on: date) -> list[BalanceRow]:
    """Return what each account stood at when ``on`` was over; each currency adds up to zero."""
    rows = (
        LedgerAccount.objects.filter(vendor_id=vendor_id, posting__entry__batch__posted_on__lte=on)
        .annotate(minor=Sum("posting__amount_minor"))
        .order_by("currency", "code", "part")
    )
    return [BalanceRow(row.id, row.code, row.part, row.currency, row.minor) for row in rows]


def roll_forward(*, account_id: int, since: date, until: date) -> list[RollForwardRow]:
    """Return an account month by month, from the month of ``since`` to that of the day before ``until``.

    ``since`` and ``until`` are firsts of months. For deferred revenue and taxes: what is owed, added and released.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT m.month::date,
                   -coalesce(sum(p.minor) FILTER (WHERE p.month < m.month), 0),
                   -coalesce(sum(p.credits) FILTER (WHERE p.month = m.month), 0),
                   coalesce(sum(p.debits) FILTER (WHERE p.month = m.month), 0)
            FROM generate_series(%(since)s::date, %(until)s::date - 1, interval '1 month') AS m(month)
            LEFT JOIN (
                SELECT date_trunc('month', b.posted_on) AS month, sum(p.amount_minor) AS minor,
                       sum(p.amount_minor) FILTER (WHERE p.amount_minor < 0) AS credits,
                       sum(p.amount_minor) FILTER (WHERE p.amount_minor > 0) AS debits
                FROM ledger_posting p
                JOIN ledger_journalentry e ON e.id = p.entry_id
                JOIN ledger_journalbatch b ON b.id = e.batch_id
                WHERE p.account_id = %(account)s GROUP BY 1) AS p ON p.month <= m.month
            GROUP BY m.month ORDER BY m.month
            """,
            {"account": account_id, "since": since, "until": until},
        )
        rows: Iterable[tuple[date, int, int, int]] = cursor.fetchall()
    return [RollForwardRow(month, int(opening), int(added), int(released)) for month, opening, added, released in rows]


def accounts_of(vendor_id: int) -> list[AccountRow]:
    """Return a vendor's accounts, by code and part."""
    rows = LedgerAccount.objects.filter(vendor_id=vendor_id).order_by("code", "part", "currency")
    return [AccountRow(*row) for row in rows.values_list("id", "code", "part", "currency")]


def account(*, vendor_id: int, account_id: int) -> AccountRow:
    """Return one account. Raises AccountNotFound."""
    for row in accounts_of(vendor_id):
        if row.id == account_id:
            return row
    raise AccountNotFound(_("There is no such account here; the trial balance shows those of this vendor."))


def journal(*, account_id: int, until: date, limit: int, offset: int) -> tuple[list[JournalRow], int]:
    """Return a page of what was posted to an account through ``until``, the latest first, and how many there are."""
    found = Posting.objects.filter(account_id=account_id, entry__batch__posted_on__lte=until)
    rows = (
        found.annotate(
            posted_on=F("entry__batch__posted_on"), said=F("entry__description"), batch_reason=F("entry__batch__reason")
        )
        .order_by("-posted_on", "-entry_id", "position")
        .values_list("entry_id", "posted_on", "said", "batch_reason", "company_id", "document_id", "amount_minor")
    )
    return [JournalRow(*row) for row in rows[offset : offset + limit]], found.count()
