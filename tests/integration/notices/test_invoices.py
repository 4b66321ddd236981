"""Issued invoices reach whoever gets the bills, each with its PDF, and none holds up the others."""

import threading
from collections.abc import Callable
from datetime import date
from io import BytesIO
from unittest.mock import Mock

import pikepdf
import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connections

from comptoir.documents.errors import DocumentNotReady
from comptoir.documents.models import StoredDocument
from comptoir.invoicing.queries import invoices_by_ids
from comptoir.kit.dates import format_date
from comptoir.kit.money import format_money
from comptoir.mailer.models import Attachment, Message
from comptoir.notices import invoices as sending
from comptoir.notices.documents import invoice_pdf
from comptoir.notices.errors import SomeNotSent
from comptoir.notices.tasks import INVOICES_PER_SLICE, send_slice
from comptoir.payments.models import AutopayLimit, DebitNotice, MethodKind
from comptoir.tenancy import doors
from comptoir.tenancy.models import Company, Vendor
from tests.databases import Database
from tests.factories import (
    NOW,
    TODAY,
    issue_invoices,
    make_company,
    make_member,
    make_plan,
    make_subscription,
    make_user,
    make_vendor,
)
from tests.integration.notices.conftest import World, bank_says, make_payment, number_of, save_method

Outbox = list[EmailMultiAlternatives]
Work = Callable[[], list[str]]


def attached(mail: EmailMultiAlternatives) -> bytes:
    ((_name, content, media_type),) = mail.attachments
    assert media_type == "application/pdf"
    assert isinstance(content, bytes)
    return content


def test_a_bill_runs_invoices_arrive_with_their_pdf(world: World, work: Work, mailoutbox: Outbox) -> None:
    world.company("Fish & Chips LLC", email="bills@fish.example")
    (invoice,) = issue_invoices(vendor=world.vendor)

    assert work() == []

    (mail,) = mailoutbox
    assert mail.to == ["bills@fish.example"]
    assert mail.from_email == "Harbor Billing <billing@comptoir.example>"
    assert mail.subject == f"Invoice {number_of(invoice)}: $49.00, due on Oct 1, 2020"
    assert attached(mail) == invoice_pdf(invoice.public_id).content
    with pikepdf.open(BytesIO(attached(mail))) as pdf:
        assert number_of(invoice) in str(pdf.docinfo["/Title"])


def test_a_check_payer_is_told_where_to_send_the_check(world: World, work: Work, mailoutbox: Outbox) -> None:
    company = world.company("Fish & Chips LLC")
    (invoice,) = issue_invoices(vendor=world.vendor)

    work()

    text = mailoutbox[0].body
    assert f"{world.vendor.id:04} {company.id:08} {invoice.id:010} {4_900:012}" in text
    assert "Make it payable to: Harbor Inc." in text
    assert f"/c/{company.public_id}/invoices/{invoice.public_id}/" in text
    with pikepdf.open(BytesIO(attached(mailoutbox[0]))) as slip:
        spoken = [str(item.Alt) for item in slip.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item]
    assert any(f"/invoices/{invoice.public_id}/" in words for words in spoken), "the slip's code leads to the invoice"


@pytest.mark.parametrize(
    ("kind", "collected_on"),
    [(MethodKind.BANK_ACCOUNT, "Nov 2, 2020"), (MethodKind.CARD, "Nov 1, 2020")],
)
def test_autopay_is_announced_with_its_day_and_source(
    world: World, work: Work, mailoutbox: Outbox, kind: str, collected_on: str
) -> None:
    """The first of November 2020 is a Sunday, on which no bank debits an account."""
    company = world.company("Fish & Chips LLC")
    method = save_method(company, kind=kind)
    company.subscriptions.update(billed_from=date(2020, 11, 1), billed_through=date(2020, 11, 1))
    issue_invoices(vendor=world.vendor, through=date(2020, 11, 1), issue_date=date(2020, 10, 17))

    work()

    sentence = f"collect it automatically on {collected_on} from {method.brand} ••6789"
    assert sentence in mailoutbox[0].body
    assert collected_on in mailoutbox[0].subject


def told() -> list[tuple[int, date, date, str]]:
    """What was kept as evidence: the amount and day of debits, and when and whom that was told."""
    return list(DebitNotice.objects.order_by("id").values_list("amount_minor", "debit_on", "sent_on", "sent_to"))


def test_another_amount_than_the_last_is_told_with_a_day_that_leaves_ten(
    world: World, work: Work, mailoutbox: Outbox
) -> None:
    company = world.company("Fish & Chips LLC", email="bills@fish.example")
    save_method(company)
    (first,) = issue_invoices(vendor=world.vendor)
    work()
    assert told() == [(4_900, date(2020, 10, 1), TODAY, "bills@fish.example")]
    assert "The last time" not in mailoutbox[0].body
    bank_says(make_payment([first], origin="autopay"), "succeeded")
    work()
    company.subscriptions.update(agreed_price_minor=5_900)
    world.vendor.business_date = date(2020, 10, 28)
    world.vendor.save()

    issue_invoices(vendor=world.vendor, through=date(2020, 11, 1), issue_date=date(2020, 10, 28))
    work()

    assert told()[1:] == [(5_900, date(2020, 11, 9), date(2020, 10, 28), "bills@fish.example")], "not on the due date"
    body = mailoutbox[-1].body
    assert "collect it automatically on Nov 9, 2020" in body
    assert "The last time it was $49.00." in body


def test_above_the_limit_the_mail_asks_and_announces_nothing(world: World, work: Work, mailoutbox: Outbox) -> None:
    company = world.company("Fish & Chips LLC")
    save_method(company)
    AutopayLimit.objects.create(company=company, limit_minor=4_899, set_by=make_user(), set_at=NOW)
    issue_invoices(vendor=world.vendor)

    work()

    (mail,) = mailoutbox
    assert mail.subject.endswith("$49.00 waits for your approval")
    assert "above your limit of $48.99, so it is not collected until you approve it" in mail.body
    assert f"/c/{company.public_id}/autopay/" in mail.body
    assert told() == []


def test_a_saved_method_without_consent_is_asked_to_pay(world: World, work: Work, mailoutbox: Outbox) -> None:
    save_method(world.company("Fish & Chips LLC"), autopay=False)
    issue_invoices(vendor=world.vendor)

    work()

    assert "Your payment method is saved in the portal" in mailoutbox[0].body
    assert "automatically" not in mailoutbox[0].body


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_each_company_reads_its_own_language(world: World, work: Work, mailoutbox: Outbox, language: str) -> None:
    world.company("Poisson frais", language=language)
    (invoice,) = issue_invoices(vendor=world.vendor)

    work()

    (mail,) = mailoutbox
    html = str(mail.alternatives[0][0])
    assert f'<html lang="{language}">' in html
    for written in (
        format_money(amount_minor=4_900, currency="USD", language=language),
        format_date(day=date(2020, 10, 1), language=language),
    ):
        assert written in mail.subject
        assert written in mail.body
        assert written in html
    with pikepdf.open(BytesIO(invoice_pdf(invoice.public_id).content)) as pdf:
        assert str(pdf.Root.Lang).startswith(language)


def test_a_company_without_an_address_has_its_pdf_all_the_same(world: World, work: Work, mailoutbox: Outbox) -> None:
    world.company("Nobody To Write To LLC", email="")
    (invoice,) = issue_invoices(vendor=world.vendor)

    assert work() == []

    assert mailoutbox == []
    assert invoice_pdf(invoice.public_id).content.startswith(b"%PDF")


def test_an_invoice_of_nothing_is_sent_and_asks_for_nothing(world: World, work: Work, mailoutbox: Outbox) -> None:
    company = world.company("Free LLC")
    company.subscriptions.update(agreed_price_minor=0)
    issue_invoices(vendor=world.vendor)

    work()

    (mail,) = mailoutbox
    assert "nothing to pay" in mail.subject
    assert "payable" not in mail.body


def spoil(company: Company) -> None:
    """Give a company an address that no paper can be set with."""
    company.address_lines = [{"street": "Main Street"}]
    company.save(update_fields=["address_lines"])


def test_one_company_that_cannot_be_written_to_holds_up_no_other(world: World, work: Work, mailoutbox: Outbox) -> None:
    world.company("First LLC", email="first@example.com")
    spoilt = world.company("Spoilt LLC", email="spoilt@example.com")
    world.company("Last LLC", email="last@example.com")
    spoil(spoilt)
    invoices = issue_invoices(vendor=world.vendor)
    bad = next(number_of(invoice) for invoice in invoices if invoice.company_id == spoilt.id)

    failures = work()

    assert sorted(mail.to[0] for mail in mailoutbox) == ["first@example.com", "last@example.com"]
    assert len(failures) == 1
    assert failures[0].startswith("notices.send_slice")
    assert bad in failures[0], "the failure names the invoice, so that someone can help"


def test_a_second_attempt_sends_nothing_twice(world: World, work: Work, mailoutbox: Outbox) -> None:
    world.company("First LLC", email="first@example.com")
    spoil(world.company("Spoilt LLC", email="spoilt@example.com"))
    invoices = issue_invoices(vendor=world.vendor)
    work()

    with pytest.raises(SomeNotSent):
        send_slice(invoice_ids=[invoice.id for invoice in invoices])

    assert Message.objects.count() == 1
    assert StoredDocument.objects.count() == 1


def test_a_kill_before_the_mail_is_put_down_keeps_no_paper_and_what_was_kept_stays_in_its_colour(
    world: World, work: Work, mailoutbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.company("First LLC", email="first@example.com")
    (invoice,) = issue_invoices(vendor=world.vendor)
    row = invoices_by_ids([invoice.id])[invoice.id]
    with monkeypatch.context() as killed:
        killed.setattr(sending, "write_to_company", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            sending.send_invoice(row, now=NOW)
    assert not StoredDocument.objects.exists()
    assert not Message.objects.exists()

    assert work() == []
    first = attached(mailoutbox[0])
    Vendor.objects.update(colour="#aa3300")
    sending.send_invoice(row, now=NOW)

    assert invoice_pdf(invoice.public_id).content == first
    assert Message.objects.count() == 1


def test_two_workers_at_once_keep_one_paper_and_mail_that_one_once(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = make_company(vendor=make_vendor(), billing_email="first@example.com")
    make_subscription(company=company, plan=make_plan(vendor=company.vendor))
    (invoice,) = issue_invoices(vendor=company.vendor)
    row = invoices_by_ids([invoice.id])[invoice.id]
    both_have_made_it = threading.Barrier(2, timeout=20)

    def made(_document: object) -> bytes:
        both_have_made_it.wait()
        return f"%PDF of {threading.get_ident()}".encode()

    def send() -> None:
        with fresh_database.as_owner():
            sending.send_invoice(row, now=NOW)
        connections.close_all()

    monkeypatch.setattr(sending, "render", made)
    workers = [threading.Thread(target=send) for _worker in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert [bytes(file.content) for file in Attachment.objects.all()] == [invoice_pdf(invoice.public_id).content]
    assert Message.objects.count() == 1


def test_a_large_batch_is_shared_in_slices(world: World, work: Work, mailoutbox: Outbox) -> None:
    for number in range(INVOICES_PER_SLICE + 1):
        world.company(f"Company {number}", email=f"bills-{number}@example.com")
    issue_invoices(vendor=world.vendor)

    assert work() == []

    assert len({mail.to[0] for mail in mailoutbox}) == len(mailoutbox) == INVOICES_PER_SLICE + 1


def test_the_owner_downloads_the_own_invoice_and_nobody_elses(fresh_database: Database, work: Work) -> None:
    vendor = make_vendor()
    plan = make_plan(vendor=vendor)
    own, foreign = make_company(vendor=vendor), make_company(vendor=vendor)
    for company in (own, foreign):
        make_subscription(company=company, plan=plan)
    owner = make_member(company=own)
    papers = {invoice.company_id: invoice.public_id for invoice in issue_invoices(vendor=vendor)}

    with (
        fresh_database.as_web(),
        pytest.raises(DocumentNotReady, match="being made"),
        doors.portal(user_id=owner.id, company_id=own.id),
    ):
        invoice_pdf(papers[own.id])
    work()

    with fresh_database.as_web(), doors.portal(user_id=owner.id, company_id=own.id):
        assert invoice_pdf(papers[own.id]).content.startswith(b"%PDF")
        with pytest.raises(DocumentNotReady):
            invoice_pdf(papers[foreign.id])
