"""Mail goes out once, whatever happens on the way."""

import time
from typing import Any

import pytest
from django.core.mail import BadHeaderError, EmailMultiAlternatives
from django.db import transaction
from procrastinate import JobContext
from procrastinate.contrib.django import app as queue
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from comptoir.kit.models import Event
from comptoir.mailer import handing_over, operations, queries
from comptoir.mailer.errors import NothingToDecide, UnableToDeliver
from comptoir.mailer.models import Attachment, Message
from comptoir.mailer.operations import Decision, File
from comptoir.mailer.tasks import LAST_ATTEMPT, deliver
from comptoir.tenancy import queries as tenancy
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.models import AuditEntry
from tests.databases import Database
from tests.factories import NOW, make_company, make_staff, make_vendor
from tests.integration.mailer.mail_server import mail_server

BACKENDS = "tests.integration.mailer.backends"


def put_down(*, key: str = "news:1", company: Any = None, **more: Any) -> bool:
    company = company or make_company(vendor=make_vendor(name="Harbor"))
    with transaction.atomic():
        return operations.send(
            key=key,
            vendor=tenancy.vendor(company.vendor_id),
            company_id=company.id,
            to="sam@example.com",
            subject=more.pop("subject", "News"),
            text="In words.",
            html="<p>In words.</p>",
            **more,
        )


def hand_over_all() -> None:
    for message_id in Message.objects.order_by("id").values_list("id", flat=True):
        handing_over.hand_over(message_id=message_id, now=NOW)


@pytest.mark.django_db
def test_a_message_arrives_as_it_was_put_down(mailoutbox: list[EmailMultiAlternatives]) -> None:
    put_down(attachments=[File(filename="Invoice 1.pdf", content=b"%PDF-1.7 \x00")])

    hand_over_all()

    (mail,) = mailoutbox
    assert mail.from_email == "Harbor Billing <billing@comptoir.example>"
    assert mail.reply_to == [Message.objects.get().vendor.email]
    assert mail.to == ["sam@example.com"]
    assert mail.body == "In words."
    assert mail.alternatives == [("<p>In words.</p>", "text/html")]
    assert mail.attachments == [("Invoice 1.pdf", b"%PDF-1.7 \x00", "application/pdf")]
    assert mail.message()["Auto-Submitted"] == "auto-generated"


@pytest.mark.django_db
def test_files_are_let_go_once_sent(mailoutbox: list[EmailMultiAlternatives]) -> None:
    put_down(attachments=[File(filename="Invoice 1.pdf", content=b"%PDF")])

    hand_over_all()

    assert Attachment.objects.count() == 0
    assert Message.objects.get().sent_at == NOW


@pytest.mark.django_db
def test_the_same_news_is_put_down_once() -> None:
    company = make_company(vendor=make_vendor())

    assert put_down(company=company)
    assert not put_down(company=company, subject="The same, in other words")

    assert Message.objects.get().subject == "News"
    assert ProcrastinateJob.objects.filter(task_name="mailer.deliver").count() == 1


@pytest.mark.django_db
def test_what_is_sent_is_not_sent_again(mailoutbox: list[EmailMultiAlternatives]) -> None:
    put_down()

    hand_over_all()
    hand_over_all()

    assert len(mailoutbox) == 1


@pytest.mark.django_db
def test_a_kill_while_a_message_is_under_way_puts_it_on_a_list_and_sends_no_double(
    mailoutbox: list[EmailMultiAlternatives], settings: Any
) -> None:
    put_down()
    good, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{BACKENDS}.KilledAfterSending"
    with pytest.raises(KeyboardInterrupt):
        hand_over_all()

    settings.EMAIL_BACKEND = good
    hand_over_all()
    hand_over_all()

    assert len(mailoutbox) == 1
    (waiting,) = queries.messages_to_decide(Message.objects.get().vendor_id)
    assert waiting.status == "in_doubt"
    assert Event.objects.filter(name="mail_in_doubt").count() == 1


@pytest.mark.django_db
def test_what_may_have_gone_out_is_never_said_to_have_failed(settings: Any) -> None:
    """Whatever breaks after the hand-over, the database for one, leaves a doubt: sending again would be a double."""
    put_down()
    message = Message.objects.get()
    Message.objects.update(sending_at=NOW)
    handing_over.give_up(message_id=message.id, reason="OperationalError", now=NOW)
    (waiting,) = queries.messages_to_decide(message.vendor_id)
    assert waiting.status == "in_doubt"


@pytest.mark.django_db
def test_a_line_that_breaks_in_the_middle_leaves_a_doubt_not_a_second_attempt(settings: Any) -> None:
    put_down()

    with mail_server(about_recipients="250 fine", about_content=None) as port:
        over_smtp(settings, port)
        attempt(number=0)

    (waiting,) = queries.messages_to_decide(Message.objects.get().vendor_id)
    assert waiting.status == "in_doubt"


def decide(decision: Decision, *, message: Message) -> None:
    nora = make_staff(vendor=message.vendor)
    actor = Actor(kind="staff", label="Nora", user_id=nora.id)
    operations.request_decision(vendor_id=message.vendor_id, message_id=message.id, decision=decision, actor=actor)
    operations.carry_out(vendor_id=message.vendor_id, message_id=message.id, decision=decision, by="Nora", now=NOW)


@pytest.fixture
def in_doubt(db: None, settings: Any, mailoutbox: list[EmailMultiAlternatives]) -> Message:
    """A message with a file, which was under way when its worker died."""
    put_down(attachments=[File(filename="Invoice 1.pdf", content=b"%PDF")])
    message = Message.objects.get()
    Message.objects.update(sending_at=NOW)
    handing_over.hand_over(message_id=message.id, now=NOW)
    message.refresh_from_db()
    return message


def test_a_person_sends_a_message_in_doubt_once_more_under_the_same_message_id(
    in_doubt: Message, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    before = handing_over.reference_of(in_doubt)

    decide("send", message=in_doubt)
    hand_over_all()

    (mail,) = mailoutbox
    assert mail.message()["Message-ID"] == f"<{before}@comptoir.example>"
    assert mail.attachments


def test_another_vendors_word_on_a_message_is_nothing(in_doubt: Message) -> None:
    stranger = make_vendor()
    operations.carry_out(vendor_id=stranger.id, message_id=in_doubt.id, decision="drop", by="Mallory", now=NOW)
    (waiting,) = queries.messages_to_decide(in_doubt.vendor_id)
    assert waiting.status == "in_doubt"


def test_a_person_says_that_a_message_in_doubt_arrived(
    in_doubt: Message, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    decide("arrived", message=in_doubt)
    hand_over_all()

    assert mailoutbox == []
    assert [row.status for row in queries.messages(company_id=in_doubt.company_id or 0)] == ["sent"]
    with pytest.raises(NothingToDecide):
        decide("send", message=in_doubt)


def test_a_person_drops_a_message_in_doubt_and_is_on_record(in_doubt: Message) -> None:
    decide("drop", message=in_doubt)

    (row,) = queries.messages(company_id=in_doubt.company_id or 0)
    assert (row.status, row.error) == ("failed", "Given up by Nora.")
    assert AuditEntry.objects.filter(action="mail_drop", actor_label="Nora").exists()


@pytest.mark.django_db
def test_different_news_has_different_message_ids(mailoutbox: list[EmailMultiAlternatives]) -> None:
    put_down(key="news:1")
    put_down(key="news:2")

    hand_over_all()

    assert len({mail.message()["Message-ID"] for mail in mailoutbox}) == 2


@pytest.mark.django_db
def test_a_line_break_in_a_name_stays_out_of_the_headers(mailoutbox: list[EmailMultiAlternatives]) -> None:
    put_down(subject="News for Sam\nBcc: everyone@example.com")

    hand_over_all()

    assert mailoutbox[0].subject == "News for Sam Bcc: everyone@example.com"


def test_mail_of_a_transaction_that_failed_is_never_sent(fresh_database: Database) -> None:
    company = make_company(vendor=make_vendor())

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        put_down(company=company)
        _ = 1 / 0

    assert not Message.objects.exists()
    assert not ProcrastinateJob.objects.exists()


def test_mail_outside_of_a_transaction_is_refused(fresh_database: Database) -> None:
    vendor = tenancy.vendor(make_vendor().id)

    with pytest.raises(RuntimeError, match="inside the transaction"):
        operations.send(key="news:1", vendor=vendor, company_id=None, to="a@example.com", subject="", text="", html="")


def attempt(*, number: int) -> None:
    """Run the delivery job of the only message, as the worker does for the ``number``-th time."""
    message_id = Message.objects.get().id
    job = Job(
        id=1,
        queue="default",
        lock=None,
        queueing_lock=None,
        task_name=deliver.name,
        task_kwargs={"message_id": message_id},
        attempts=number,
    )
    context = JobContext(app=queue, job=job, start_timestamp=time.time(), abort_reason=lambda: None)
    deliver(context, message_id=message_id)


def over_smtp(settings: Any, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port


@pytest.mark.django_db
def test_a_mailbox_that_does_not_exist_is_told_to_the_team_not_tried_again(settings: Any) -> None:
    put_down(attachments=[File(filename="Invoice 1.pdf", content=b"%PDF")])

    with mail_server(about_recipients="550 no such mailbox") as port:
        over_smtp(settings, port)
        attempt(number=0)

    (row,) = queries.messages(company_id=Message.objects.get().company_id or 0)
    assert (row.status, row.error) == ("failed", "550 no such mailbox")
    assert Attachment.objects.count() == 0


@pytest.mark.django_db
def test_a_mailbox_that_is_full_for_now_is_tried_again(settings: Any, mailoutbox: list[EmailMultiAlternatives]) -> None:
    put_down()
    in_memory = settings.EMAIL_BACKEND
    with mail_server(about_recipients="452 mailbox full, try later") as port:
        over_smtp(settings, port)
        with pytest.raises(UnableToDeliver):
            attempt(number=0)
    (row,) = queries.messages(company_id=Message.objects.get().company_id or 0)
    assert row.status == "queued"

    settings.EMAIL_BACKEND = in_memory
    attempt(number=1)

    assert len(mailoutbox) == 1


@pytest.mark.django_db
def test_after_the_last_attempt_a_message_is_given_up_with_the_reason(settings: Any) -> None:
    put_down()

    with mail_server(about_recipients="452 mailbox full, try later") as port:
        over_smtp(settings, port)
        attempt(number=LAST_ATTEMPT)

    (row,) = queries.messages(company_id=Message.objects.get().company_id or 0)
    assert row.status == "failed"
    assert "mailbox full" in row.error


@pytest.mark.django_db
def test_without_a_mail_server_a_message_waits(settings: Any) -> None:
    put_down()
    over_smtp(settings, port=1)

    with pytest.raises(UnableToDeliver, match="ConnectionRefusedError"):
        attempt(number=0)


@pytest.mark.django_db
def test_what_cannot_become_a_mail_is_told_to_the_team_at_once() -> None:
    put_down()
    Message.objects.update(reply_to="billing@vendor.example\nBcc: everyone@example.com")

    with pytest.raises(BadHeaderError):
        attempt(number=0)

    (row,) = queries.messages(company_id=Message.objects.get().company_id or 0)
    assert row.status == "failed"
    assert "BadHeaderError" in row.error
