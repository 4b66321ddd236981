"""What a statement of account is made of says what the ledger says, on any day."""

from datetime import date, timedelta

from django.db import connection

from comptoir.invoicing.account_changes import account_period
from comptoir.tenancy import doors
from tests.belongings import furnish
from tests.databases import Database
from tests.factories import TODAY
from tests.worlds import World

LATER = date(2021, 12, 31)


def owed_by_the_ledger(company_id: int, *, through: date) -> int:
    """What the receivable holds of a company, less its credit."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(sum(p.amount_minor), 0) FROM ledger_posting p
            JOIN ledger_ledgeraccount a ON a.id = p.account_id AND a.code IN ('receivable', 'customer_credit')
            JOIN ledger_journalentry e ON e.id = p.entry_id JOIN ledger_journalbatch b ON b.id = e.batch_id
            WHERE p.company_id = %s AND b.posted_on <= %s
            """,
            [company_id, through],
        )
        return int(cursor.fetchone()[0])


def test_any_two_days_agree_with_the_ledger(fresh_database: Database, world: World) -> None:
    """Invoices, a check, a credit note that is applied and one that is kept, a write-off: furnish does them all."""
    company = world.arches
    furnish(company, invoice=world.invoices[company.name], owner=world.anna, staff=world.nora)
    whole = account_period(company_id=company.id, currency="USD", since=date(2019, 1, 1), through=LATER)
    assert {"invoice", "credit_note", "waived"} <= {change.kind for change in whole.changes}
    assert whole.opening_minor == 0
    days = sorted({change.on for change in whole.changes})
    for first in days:
        for last in days:
            period = account_period(company_id=company.id, currency="USD", since=first, through=last)
            assert period.closing_minor == owed_by_the_ledger(company.id, through=max(last, first - timedelta(days=1)))
            assert period.opening_minor == owed_by_the_ledger(company.id, through=min(last, first - timedelta(days=1)))


def test_a_door_shows_the_changes_of_its_own_companies_alone(fresh_database: Database, world: World) -> None:
    def seen(company_id: int) -> int:
        return len(account_period(company_id=company_id, currency="USD", since=TODAY, through=LATER).changes)

    assert seen(world.cantina.id) == 1
    with fresh_database.as_web():
        with doors.portal(user_id=world.anna.id, company_id=world.arches.id):
            assert (seen(world.arches.id), seen(world.bistro.id), seen(world.cantina.id)) == (1, 0, 0)
        with doors.portal(user_id=world.anna.id):
            assert seen(world.arches.id) == 0
        with doors.staff(user_id=world.nora.id, vendor_id=world.northwind.id):
            assert (seen(world.arches.id), seen(world.bistro.id), seen(world.cantina.id)) == (1, 1, 0)
