"""What a company is told about its payments."""

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connection

from comptoir.invoicing.models import Invoice
from comptoir.kit.models import EventDelivery
from comptoir.mailer.models import Message
from comptoir.notices.documents import receipt_pdf
from comptoir.tenancy.models import Company
from tests.factories import issue_invoices
from tests.integration.notices.conftest import World, bank_says, make_payment, number_of, save_method

Outbox = list[EmailMultiAlternatives]
Work = Callable[[], list[str]]


def billed(company: Company) -> list[Invoice]:
    """Let a company have a saved bank account and an issued invoice of 49.00."""
    save_method(company, autopay=False)
    invoices = issue_invoices(vendor=company.vendor)
    connection.check_constraints()  # as the commit does that lies between an invoice and its payment
    return invoices


def news_of(mailoutbox: Outbox) -> list[EmailMultiAlternatives]:
    """Return what was mailed beside the invoices themselves."""
    return [mail for mail in mailoutbox if not mail.subject.startswith("Invoice ")]


def test_money_that_arrived_has_its_receipt(world: World, work: Work, mailoutbox: Outbox) -> None:
    invoices = billed(world.company("Fish & Chips LLC"))
    payment = make_payment(invoices)

    bank_says(payment, "succeeded")
    assert work() == []

    (mail,) = news_of(mailoutbox)
    assert mail.subject == "We received your payment of $49.00"
    for said in ("Sep 16, 2020", "STRIPE TEST BANK ••6789", payment.confirmation, number_of(invoices[0]), "can return"):
        assert said in mail.body
    ((_name, content, _type),) = mail.attachments
    assert content == receipt_pdf(payment.public_id).content
    with pikepdf.open(BytesIO(receipt_pdf(payment.public_id).content)) as pdf:
        assert payment.confirmation in str(pdf.docinfo["/Title"])


def test_money_on_its_way_is_not_called_received(world: World, work: Work, mailoutbox: Outbox) -> None:
    payment = make_payment(billed(world.company("Fish & Chips LLC")))

    bank_says(payment, "processing")
    work()

    assert news_of(mailoutbox) == []


def test_a_failed_payment_is_told_with_reason_and_way_out(world: World, work: Work, mailoutbox: Outbox) -> None:
    company = world.company("Fish & Chips LLC")
    payment = make_payment(billed(company))

    bank_says(payment, "waiting", failed="R02")
    assert work() == []

    (mail,) = news_of(mailoutbox)
    assert mail.subject == "Your payment of $49.00 did not go through"
    assert "account is closed" in mail.body
    assert "another account or card" in mail.body
    assert f"/c/{company.public_id}/methods/" in mail.body


def test_a_payment_that_was_called_off_is_told_with_the_reason(world: World, work: Work, mailoutbox: Outbox) -> None:
    payment = make_payment(billed(world.company("Fish & Chips LLC")))
    bank_says(payment, "canceled")
    assert work() == []

    (mail,) = news_of(mailoutbox)
    assert mail.subject == "Your payment of $49.00 was called off"
    assert "The payment processor called it off." in mail.body
    assert "No money was taken." in mail.body


@pytest.mark.parametrize(
    ("code", "why", "remedy"),
    [
        ("R01", "not enough money", "pay again"),
        ("R10", "not authorised", "Automatic payment from it has ended"),
        ("R16", "blocked the account", "speak with your bank"),
    ],
)
def test_a_returned_payment_is_told_with_reason_and_what_is_open(
    world: World, work: Work, mailoutbox: Outbox, code: str, why: str, remedy: str
) -> None:
    invoices = billed(world.company("Fish & Chips LLC"))
    payment = make_payment(invoices)
    bank_says(payment, "succeeded")

    bank_says(payment, "succeeded", returned=code)
    assert work() == []

    receipt, mail = news_of(mailoutbox)
    assert receipt.subject == "We received your payment of $49.00"
    assert mail.subject == "Your bank returned your payment of $49.00"
    for said in ("open again", why, remedy, number_of(invoices[0])):
        assert said in mail.body


def test_news_delivered_twice_is_mailed_once(world: World, work: Work, mailoutbox: Outbox) -> None:
    payment = make_payment(billed(world.company("Fish & Chips LLC")))
    bank_says(payment, "succeeded")
    bank_says(payment, "succeeded", returned="R01")
    work()
    once = len(mailoutbox)

    EventDelivery.objects.update(done_at=None)
    assert work() == []

    assert len(mailoutbox) == once == 3


def test_a_company_without_an_address_holds_nothing_up(world: World, work: Work, mailoutbox: Outbox) -> None:
    payment = make_payment(billed(world.company("Nobody To Write To LLC", email="")))
    bank_says(payment, "succeeded")
    bank_says(payment, "succeeded", returned="R01")

    assert work() == []

    assert not Message.objects.exists()
    assert receipt_pdf(payment.public_id).content.startswith(b"%PDF")
