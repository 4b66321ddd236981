"""What PostgreSQL keeps of mail, whoever writes."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from comptoir.mailer import handing_over, operations, queries
from comptoir.mailer.models import Message
from comptoir.tenancy import doors
from comptoir.tenancy import queries as tenancy
from comptoir.tenancy.models import Company
from tests.databases import Database
from tests.factories import NOW, make_company, make_staff, make_vendor


def put_down(*, company: Company, key: str = "news:1", opens_a_door: bool = False) -> Message:
    with transaction.atomic():
        operations.send(
            key=key,
            vendor=tenancy.vendor(company.vendor_id),
            company_id=company.id,
            to="sam@example.com",
            subject="News",
            text="https://billing.example/secret/",
            html="<p>https://billing.example/secret/</p>",
            opens_a_door=opens_a_door,
        )
    return Message.objects.get(key=key)


@pytest.fixture
def company(db: None) -> Company:
    return make_company(vendor=make_vendor())


def refused(statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM mailer_message",
        "TRUNCATE mailer_message CASCADE",
        """UPDATE mailer_message SET "to" = 'other@example.com'""",
        "UPDATE mailer_message SET subject = 'Other news'",
        "UPDATE mailer_message SET key = 'news:2'",
        "UPDATE mailer_message SET failed_at = now()",
        "UPDATE mailer_message SET sent_at = now(), failed_at = now(), error = 'both'",
    ],
)
def test_what_was_mailed_stays_as_it_was(company: Company, change: str) -> None:
    put_down(company=company)

    refused(change)


def test_a_key_is_known_once_around_the_orm_too(company: Company) -> None:
    message = put_down(company=company)

    message.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        message.save(force_insert=True)


def test_words_that_open_a_door_are_forgotten_once_sent(company: Company) -> None:
    message = put_down(company=company, opens_a_door=True)
    refused("UPDATE mailer_message SET sent_at = now()")

    handing_over.hand_over(message_id=message.id, now=NOW)

    message.refresh_from_db()
    assert (message.text, message.html) == ("", "")
    assert message.subject == "News"


def test_words_that_open_a_door_are_forgotten_when_given_up(company: Company) -> None:
    message = put_down(company=company, opens_a_door=True)

    handing_over.give_up(message_id=message.id, reason="nobody there", now=NOW)

    message.refresh_from_db()
    assert (message.text, message.error) == ("", "nobody there")


def test_staff_see_their_own_companies_mail_and_no_open_door(fresh_database: Database) -> None:
    own, foreign = make_company(vendor=make_vendor()), make_company(vendor=make_vendor())
    clerk = make_staff(vendor=own.vendor)
    put_down(company=own, key="news:own")
    put_down(company=own, key="news:door", opens_a_door=True)
    put_down(company=foreign, key="news:foreign")

    with fresh_database.as_web(), doors.staff(user_id=clerk.id, vendor_id=own.vendor_id):
        seen = {row.key for each in (own, foreign) for row in queries.messages(company_id=each.id)}

    assert seen == {"news:own"}


@pytest.mark.parametrize("table", ["mailer_message", "mailer_attachment"])
def test_customers_pages_cannot_read_mail(fresh_database: Database, table: str) -> None:
    company = make_company(vendor=make_vendor())

    with (
        fresh_database.as_web(),
        pytest.raises(DatabaseError, match="permission denied"),
        doors.portal(user_id=1, company_id=company.id),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"SELECT * FROM {table}")


def test_the_newest_mail_comes_first_page_by_page(company: Company) -> None:
    for number in range(3):
        put_down(company=company, key=f"news:{number}")

    def keys(**page: int) -> list[str]:
        return [row.key for row in queries.messages(company_id=company.id, **page)]

    assert keys(limit=2) == ["news:2", "news:1"]
    assert keys(limit=2, offset=2) == ["news:0"]
