"""How old what is owed is, on any day: from the ledger's postings up to then, and the invoices' due dates."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection


@dataclass(frozen=True, slots=True)
class AgeingRow:
    """What a company owed, in minor units of one currency, by how long it was past due."""

    company_public_id: UUID
    company_number: str
    company_name: str
    currency: str
    not_due_minor: int
    to_30_minor: int
    to_60_minor: int
    to_90_minor: int
    over_90_minor: int

    @property
    def total_minor(self) -> int:
        """All that was owed."""
        return self.not_due_minor + self.to_30_minor + self.to_60_minor + self.to_90_minor + self.over_90_minor


def ageing(*, vendor_id: int, on: date) -> list[AgeingRow]:
    """Return who owed a vendor how much when ``on`` was over, by company number, and since when it was due.

    Due on that day or later is not yet past due; then up to 30, 60, 90 days, and over 90. Opening balances count.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.public_id, c.number, c.name, i.currency,
                   coalesce(sum(o.minor) FILTER (WHERE i.due_date >= %(on)s), 0)::bigint,
                   coalesce(sum(o.minor) FILTER (WHERE %(on)s - i.due_date BETWEEN 1 AND 30), 0)::bigint,
                   coalesce(sum(o.minor) FILTER (WHERE %(on)s - i.due_date BETWEEN 31 AND 60), 0)::bigint,
                   coalesce(sum(o.minor) FILTER (WHERE %(on)s - i.due_date BETWEEN 61 AND 90), 0)::bigint,
                   coalesce(sum(o.minor) FILTER (WHERE %(on)s - i.due_date > 90), 0)::bigint
            FROM (SELECT p.document_id, sum(p.amount_minor) AS minor
                  FROM ledger_posting p
                  JOIN ledger_ledgeraccount a ON a.id = p.account_id AND a.code = 'receivable'
                  JOIN ledger_journalentry e ON e.id = p.entry_id
                  JOIN ledger_journalbatch b ON b.id = e.batch_id
                  WHERE a.vendor_id = %(vendor)s AND b.posted_on <= %(on)s
                  GROUP BY 1 HAVING sum(p.amount_minor) <> 0) AS o
            JOIN invoicing_invoice i ON i.id = o.document_id
            JOIN tenancy_company c ON c.id = i.company_id
            GROUP BY c.id, i.currency ORDER BY c.number, i.currency
            """,
            {"vendor": vendor_id, "on": on},
        )
        return [AgeingRow(*row) for row in cursor.fetchall()]
