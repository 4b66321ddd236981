"""What a customer is mailed about its methods, and because the billing team asks for it."""

from collections.abc import Callable
from datetime import date, timedelta

from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction

from comptoir.invoicing.models import Invoice
from comptoir.payments.asking import ask_for_invoice_mail, ask_for_pay_link
from comptoir.payments.expiring import remind_of_expiring_cards
from comptoir.payments.gateways import Verification
from comptoir.payments.models import PaymentMethod, SetupSession
from comptoir.payments.on_behalf import Clerk, Said, pay_on_behalf
from comptoir.payments.ordering import Order
from comptoir.payments.verifying import await_verification
from comptoir.tenancy.queries import company as company_row
from comptoir.tenancy.queries import vendor as vendor_row
from tests.factories import NOW, TESTS, TODAY, issue_invoices, make_user
from tests.integration.notices.conftest import World, save_method

Outbox = list[EmailMultiAlternatives]
Work = Callable[[], list[str]]


def billed(world: World, *, language: str = "en") -> Invoice:
    company = world.company("Fish & Chips LLC", language=language)
    (invoice,) = issue_invoices(vendor=world.vendor)
    assert invoice.company_id == company.id
    connection.check_constraints()  # as the commit does that lies between an invoice and what follows
    return invoice


def test_an_invoice_is_mailed_again_with_the_same_paper_and_a_link_leads_to_pay_it(
    world: World, work: Work, mailoutbox: Outbox
) -> None:
    invoice = billed(world)
    work()
    asked = {"company_id": invoice.company_id, "vendor_id": world.vendor.id, "actor": TESTS}
    ask_for_invoice_mail(invoice=invoice.public_id, **asked)  # type: ignore[arg-type]
    ask_for_pay_link(invoices=[invoice.public_id], **asked)  # type: ignore[arg-type]
    assert work() == []
    first, again, link = mailoutbox
    assert again.attachments == first.attachments
    assert again.subject.endswith("once more")
    assert link.subject == "Pay $49.00 here"
    assert f"/c/{invoice.company.public_id}/pay/?invoice={invoice.public_id}" in link.body
    assert "You log in first" in link.body


def test_a_customer_is_mailed_what_it_consented_to_in_its_language(
    world: World, work: Work, mailoutbox: Outbox
) -> None:
    invoice = billed(world, language="fr")
    method = save_method(invoice.company, autopay=False)
    with transaction.atomic():
        pay_on_behalf(
            clerk=Clerk(user_id=make_user().id, actor=TESTS, vendor=vendor_row(world.vendor.id), today=TODAY, now=NOW),
            company=company_row(invoice.company_id),
            order=Order(invoices=[invoice.public_id], amount_minor=4_900),
            method_public_id=method.public_id,
            said=Said(given_by="Sam Fisher", channel="phone", given_on=TODAY, words="Oui."),
        )
    work()
    (told,) = (mail for mail in mailoutbox if "comme demandé" in mail.subject)
    assert "Sam Fisher a autorisé" in " ".join(told.body.split())


def test_a_card_that_expires_is_told_once_for_each_window(world: World, work: Work, mailoutbox: Outbox) -> None:
    company = world.company("Fish & Chips LLC")
    card = save_method(company, kind="card")
    PaymentMethod.objects.filter(id=card.id).update(expires_on=TODAY + timedelta(days=31))
    for day in (TODAY, TODAY, TODAY + timedelta(days=23), TODAY + timedelta(days=24)):
        remind_of_expiring_cards(vendor_id=world.vendor.id, on=day)
        work()
    assert [mail.subject for mail in mailoutbox] == ["Your card expires on Oct 16, 2020"] * 2
    assert "paid from it automatically" in mailoutbox[0].body


def test_small_deposits_are_announced(world: World, work: Work, mailoutbox: Outbox) -> None:
    company = world.company("Fish & Chips LLC")
    setup = SetupSession.objects.create(company=company, kind="us_bank_account", status="verifying", started_at=NOW)
    asked = Verification(kind="amounts", url="https://pay.example/v", arrives_on=date(2020, 9, 18))
    for _twice in range(2):
        await_verification(asked, company=company, now=NOW, setup=setup)
        work()
    (mail,) = mailoutbox
    assert "Two small deposits arrive by Sep 18, 2020" in " ".join(mail.body.split())
    assert f"/c/{company.public_id}/methods/" in mail.body
