"""The mail that lets someone join a billing team, and what is left of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction

from comptoir.identity.operations import accept_invitation, invite_staff
from comptoir.identity.queries import Invitation
from comptoir.kit.clocks import wall_now
from comptoir.mailer.models import Message
from tests.factories import NOW, TESTS, make_vendor

Outbox = list[EmailMultiAlternatives]
Work = Callable[[], list[str]]


def invite(*, now: datetime = NOW) -> Invitation:
    vendor = make_vendor(name="Harbor", language="fr")
    with transaction.atomic():
        return invite_staff(vendor_id=vendor.id, email="ana@example.com", role="manager", actor=TESTS, now=now)


def test_the_link_reaches_the_one_invited(db: None, work: Work, mailoutbox: Outbox) -> None:
    invitation = invite()

    assert work() == []

    (mail,) = mailoutbox
    assert mail.to == ["ana@example.com"]
    assert invitation.token in mail.body
    assert invitation.token in str(mail.alternatives[0][0])
    assert "23 sept. 2020" in mail.body


def test_whoever_joined_before_the_mail_went_out_gets_none(db: None, work: Work, mailoutbox: Outbox) -> None:
    accept_invitation(token=invite(now=wall_now()).token, name="Ana", language="fr", password="a long enough sentence")

    assert work() == []

    assert mailoutbox == []


def test_once_sent_the_link_is_nowhere_in_the_database(db: None, work: Work, mailoutbox: Outbox) -> None:
    token = invite().token

    work()

    assert Message.objects.get().sent_at
    assert [row for row in every_row("mailer_message", "kit_event", "kit_eventdelivery") if token in row] == []


def every_row(*tables: str) -> list[str]:
    found: list[Any] = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t")
            found += cursor.fetchall()
    assert found
    return [str(row[0]) for row in found]
