"""Mail that needs someone is on one page, and is dealt with there."""

from collections.abc import Callable

from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from comptoir.identity.models import User
from comptoir.mailer import handing_over, operations
from comptoir.mailer.marking import mark_address
from comptoir.mailer.models import MarkedAddress, MarkReason, Message
from comptoir.tenancy import queries as tenancy
from comptoir.tenancy.models import Vendor
from tests.factories import NOW, make_company
from tests.web import WebClient

PAGE = "/console/northwind/mail/"


def put_down(vendor: Vendor, *, key: str) -> Message:
    with transaction.atomic():
        operations.send(
            key=key,
            vendor=tenancy.vendor(vendor.id),
            company_id=make_company(vendor=vendor, name=f"Company of {key}").id,
            to="sam@example.com",
            subject=f"News {key}",
            text="In words.",
            html="<p>In words.</p>",
        )
    return Message.objects.get(key=key)


def test_an_address_is_cleared_and_what_was_kept_back_is_sent(
    web: WebClient,
    vendor: Vendor,
    staff: Callable[[str], User],
    work: Callable[[], bool],
    mailoutbox: list[EmailMultiAlternatives],
) -> None:
    first = put_down(vendor, key="first")
    with transaction.atomic():
        mark_address(message=first, reason=MarkReason.BOUNCED, detail="550 no such mailbox", now=NOW)
    handing_over.hand_over(message_id=first.id, now=NOW)
    web.force_login(staff("clerk"))

    assert "Mail that needs someone" in web.get("/console/northwind/").content.decode()
    listed = web.get(PAGE).content.decode()
    assert "550 no such mailbox" in listed
    assert "Kept back" in listed

    mark = MarkedAddress.objects.get()
    web.post(f"{PAGE}addresses/{mark.id}/clear/", {"reason": "they told us on the phone"})
    web.post(f"{PAGE}{first.id}/send/")
    work()
    handing_over.hand_over(message_id=first.id, now=NOW)

    assert [mail.subject for mail in mailoutbox] == ["News first"]
    assert "All mail went out" in web.get(PAGE).content.decode()
    assert (
        "they told us on the phone"
        in web.get(
            f"/console/northwind/companies/{first.company.public_id}/"  # type: ignore[union-attr]
        ).content.decode()
    )


def test_of_a_message_in_doubt_a_person_says_that_it_arrived(
    web: WebClient, vendor: Vendor, staff: Callable[[str], User], work: Callable[[], bool]
) -> None:
    message = put_down(vendor, key="doubtful")
    Message.objects.update(sending_at=NOW)
    handing_over.hand_over(message_id=message.id, now=NOW)
    web.force_login(staff("clerk"))
    assert "In doubt" in web.get(PAGE).content.decode()

    web.post(f"{PAGE}{message.id}/arrived/")
    work()

    message.refresh_from_db()
    assert message.sent_at == NOW
    assert web.post(f"{PAGE}{message.id}/nonsense/").status_code == 404
