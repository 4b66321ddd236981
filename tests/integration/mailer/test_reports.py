"""What came back is told by signature, marks the address, and stops further mail until someone looks."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from comptoir.config.email import mail_server
from comptoir.kit.clocks import wall_now
from comptoir.kit.models import Event
from comptoir.mailer import handing_over, operations, queries, reports
from comptoir.mailer.errors import NothingToDecide
from comptoir.mailer.marking import mark_address
from comptoir.mailer.models import DeliveryReport, MarkedAddress, MarkReason, Message
from comptoir.tenancy import queries as tenancy
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.models import AuditEntry, Company
from tests.databases import Database
from tests.factories import NOW, make_company, make_staff, make_vendor
from tests.integration.mailer.mail_server import mail_server as mail_server_that_answers
from tests.web import WebClient

SECRET = "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cw=="
SIGNING_KEY = "mailgun-signs-with-this"


def put_down(*, company: Company, key: str = "news:1", to: str = "Sam@Example.com") -> Message:
    with transaction.atomic():
        operations.send(
            key=key,
            vendor=tenancy.vendor(company.vendor_id),
            company_id=company.id,
            to=to,
            subject="News",
            text="In words.",
            html="<p>In words.</p>",
        )
    return Message.objects.get(key=key)


RETURNED = """\
From: MAILER-DAEMON@mx.example
To: billing@comptoir.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="edge"

--edge
Content-Type: text/plain

It could not be delivered.
--edge
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; sam@example.com
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such mailbox
--edge
Content-Type: text/rfc822-headers

Message-ID: <{reference}@comptoir.example>
Subject: News
--edge--
"""
COMPLAINT = """\
From: complaints@mailbox.example
To: billing@comptoir.example
Subject: Complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="edge"

--edge
Content-Type: text/plain

Someone called this unwanted.
--edge
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Mailbox/1.0
Version: 1
Original-Rcpt-To: <sam@example.com>
--edge
Content-Type: message/rfc822

Message-ID: <{reference}@comptoir.example>
Subject: News

In words.
--edge--
"""


def returned(message: Message, *, action: str = "failed") -> bytes:
    """The report of a mail server (RFC 3464) that a message of ours cannot be delivered."""
    return RETURNED.format(reference=handing_over.reference_of(message), action=action).encode()


def complaint(message: Message) -> bytes:
    """The report of a mailbox provider (RFC 5965) that someone called a message of ours unwanted."""
    return COMPLAINT.format(reference=handing_over.reference_of(message)).encode()


def forward(web: WebClient, body: bytes, **instead: str) -> int:
    """What the mail server's script does with a report; returns the answer's status."""
    headers = {**reports.sign(body=body, event_id="evt-1", now=wall_now()), **instead}
    return web.post("/webhooks/returned-mail", body, content_type="message/rfc822", headers=headers).status_code


def take_in_all() -> None:
    for event in Event.objects.filter(name="mail_reported").order_by("id"):
        with transaction.atomic():
            reports.take_in(event_id=event.data["event"], now=NOW)


@pytest.fixture
def company(fresh_database: Database, settings: Any) -> Company:
    settings.MAIL_WEBHOOK_SECRET = SECRET
    return make_company(vendor=make_vendor())


def test_a_message_that_came_back_marks_its_address_and_is_work(web: WebClient, company: Company) -> None:
    message = put_down(company=company)

    assert forward(web, returned(message)) == 200
    take_in_all()

    (mark,) = queries.marked_addresses(company.vendor_id)
    assert (mark.address, mark.reason) == ("sam@example.com", "bounced")
    assert "550 5.1.1 no such mailbox" in mark.detail
    assert [row.status for row in queries.messages(company_id=company.id)] == ["bounced"]
    assert Event.objects.get(name="mail_address_marked").data == {"address": mark.id}


def test_a_complaint_marks_the_address(web: WebClient, company: Company) -> None:
    assert forward(web, complaint(put_down(company=company))) == 200
    take_in_all()

    assert [mark.reason for mark in queries.marked_addresses(company.vendor_id)] == ["complained"]


def test_a_delay_is_no_return(web: WebClient, company: Company) -> None:
    assert forward(web, returned(put_down(company=company), action="delayed")) == 200
    take_in_all()

    assert queries.marked_addresses(company.vendor_id) == []


def test_the_same_report_counts_once(web: WebClient, company: Company) -> None:
    body = returned(put_down(company=company))

    assert [forward(web, body), forward(web, body)] == [200, 200]

    assert DeliveryReport.objects.count() == 1
    assert Event.objects.filter(name="mail_reported").count() == 1


def test_nobody_else_can_say_that_mail_came_back(web: WebClient, company: Company, settings: Any) -> None:
    body = returned(put_down(company=company))
    stale = reports.sign(body=body, event_id="evt-1", now=wall_now() - timedelta(minutes=6))

    assert forward(web, body, **{"webhook-signature": "v1,bm9uc2Vuc2U="}) == 400
    assert forward(web, body, **{"webhook-id": "evt-2"}) == 400
    assert forward(web, body, **stale) == 400
    assert forward(web, b"Subject: no report\n\nHello") == 400
    settings.MAIL_WEBHOOK_SECRET = ""
    assert web.post("/webhooks/returned-mail", body, content_type="message/rfc822").status_code == 400

    assert not DeliveryReport.objects.exists()


def test_a_report_about_a_message_that_is_not_ours_marks_nobody(web: WebClient, company: Company) -> None:
    message = put_down(company=company)
    body = returned(message).replace(handing_over.reference_of(message).encode(), b"%d." % message.id + b"0" * 32)

    assert forward(web, body) == 200
    take_in_all()

    assert queries.marked_addresses(company.vendor_id) == []


@pytest.mark.parametrize("damage", [(b"no such", b"no\0such"), (b"no such", b"no \xeb such")])
def test_a_damaged_report_is_read_as_far_as_it_can_be(
    web: WebClient, company: Company, damage: tuple[bytes, bytes]
) -> None:
    assert forward(web, returned(put_down(company=company)).replace(*damage)) == 200
    take_in_all()

    (mark,) = queries.marked_addresses(company.vendor_id)
    assert "mailbox" in mark.detail


def test_a_report_that_quotes_no_message_id_marks_nobody(web: WebClient, company: Company) -> None:
    message = put_down(company=company)
    quoted = f"<{handing_over.reference_of(message)}@comptoir.example>".encode()

    assert forward(web, returned(message).replace(quoted, b"<")) == 200
    take_in_all()

    assert queries.marked_addresses(company.vendor_id) == []


def mailgun_says(message: Message, *, event: str, key: str = SIGNING_KEY, **more: Any) -> bytes:
    stamp, token = str(int(wall_now().timestamp())), event.ljust(50, "x")
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    data = {
        "event": event,
        "id": f"event-{event}",
        "timestamp": 1600265000.0,
        "recipient": message.to,
        "user-variables": {"reference": handing_over.reference_of(message)},
        **more,
    }
    return json.dumps(
        {"signature": {"timestamp": stamp, "token": token, "signature": signature}, "event-data": data}
    ).encode()


def test_a_providers_reports_are_taken_with_its_signature_only(web: WebClient, company: Company, settings: Any) -> None:
    server = mail_server(f"mailgun://key@mg.vendor.example/?webhook={SIGNING_KEY}")
    settings.ANYMAIL, settings.MAIL_PROVIDER_WEBHOOK = server.anymail, server.provider_webhook
    message = put_down(company=company)

    def say(body: bytes) -> int:
        return web.post("/webhooks/mail", body, content_type="application/json").status_code

    assert say(mailgun_says(message, event="failed", severity="permanent", key="guessed")) == 400
    assert say(mailgun_says(message, event="delivered")) == 200
    assert say(mailgun_says(message, event="opened")) == 200
    take_in_all()
    assert [row.status for row in queries.messages(company_id=company.id)] == ["delivered"]

    assert say(mailgun_says(message, event="failed", severity="permanent", reason="bounce")) == 200
    take_in_all()
    assert [mark.address for mark in queries.marked_addresses(company.vendor_id)] == ["sam@example.com"]


def test_without_a_provider_its_address_takes_nothing(web: WebClient, company: Company) -> None:
    body = mailgun_says(put_down(company=company), event="delivered")

    assert web.post("/webhooks/mail", body, content_type="application/json").status_code == 400


@pytest.fixture
def marked(company: Company) -> MarkedAddress:
    """An address that a message came back from."""
    message = put_down(company=company)
    handing_over.hand_over(message_id=message.id, now=NOW)
    with transaction.atomic():
        mark_address(message=message, reason=MarkReason.BOUNCED, detail="550 no such mailbox", now=NOW)
    return MarkedAddress.objects.get()


def test_nothing_more_is_sent_to_a_marked_address_but_listed_until_someone_clears_it(
    marked: MarkedAddress, company: Company, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    mailoutbox.clear()
    later = put_down(company=company, key="news:2", to="sam@example.com")
    elsewhere = put_down(company=make_company(vendor=make_vendor()), key="news:3")
    for message in (later, elsewhere):
        handing_over.hand_over(message_id=message.id, now=NOW)
    assert len(mailoutbox) == 1, "another vendor's mail is its own affair"
    assert [(row.id, row.status) for row in queries.messages_to_decide(company.vendor_id)] == [(later.id, "held")]

    nora = make_staff(vendor=company.vendor)
    actor = Actor(kind="staff", label="Nora", user_id=nora.id)
    mark = {"vendor_id": company.vendor_id, "address_id": marked.id, "actor": actor, "now": NOW}
    with transaction.atomic():
        operations.clear_address(**mark, reason="they had a typo on their side")  # type: ignore[arg-type]
        operations.request_decision(vendor_id=company.vendor_id, message_id=later.id, decision="send", actor=actor)
    with transaction.atomic():
        operations.carry_out(vendor_id=later.vendor_id, message_id=later.id, decision="send", by="Nora", now=NOW)
    handing_over.hand_over(message_id=later.id, now=NOW)

    assert len(mailoutbox) == 2
    assert AuditEntry.objects.get(action="mail_address_cleared").reason == "they had a typo on their side"
    with pytest.raises(NothingToDecide):
        operations.clear_address(**mark, reason="again")  # type: ignore[arg-type]


def test_a_mailbox_that_the_server_refuses_at_once_is_marked_but_not_for_our_own_fault(
    company: Company, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    for key, to, answer in (
        ("news:1", "gone@example.com", "550 5.1.1 no such mailbox"),
        ("news:2", "there@example.com", "550 5.7.1 relaying denied"),
    ):
        with mail_server_that_answers(about_recipients=answer) as port:
            settings.EMAIL_PORT = port
            handing_over.hand_over(message_id=put_down(company=company, key=key, to=to).id, now=NOW)

    assert [mark.address for mark in queries.marked_addresses(company.vendor_id)] == ["gone@example.com"]
