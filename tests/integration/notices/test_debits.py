"""What is told of debits before they are made: another amount than the last, and one above the limit."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.mail import EmailMultiAlternatives

from comptoir.invoicing.models import Invoice
from comptoir.notices.debits import announce_debits
from comptoir.payments.models import AutopayLimit, DebitNotice
from comptoir.tenancy.models import Company
from comptoir.work.models import WorkItem
from tests.factories import NOW, issue_invoices, make_user
from tests.integration.notices.conftest import World, bank_says, make_payment, number_of, save_method

Outbox = list[EmailMultiAlternatives]
Work = Callable[[], list[str]]

ISSUED, DUE = date(2020, 10, 17), date(2020, 11, 2)


def live(world: World, day: date) -> None:
    """Do on a day what the worker does for a vendor's debits to come, twice."""
    for _time in range(2):
        announce_debits(vendor_id=world.vendor.id, on=day, now=NOW)


def second_invoice(world: World, company: Company, *, price_minor: int, work: Work) -> Invoice:
    """Debit an invoice of 49.00, then issue one of another price, fifteen days before it is due."""
    (first,) = issue_invoices(vendor=world.vendor)
    work()
    bank_says(make_payment([first], origin="autopay"), "succeeded")
    company.subscriptions.update(agreed_price_minor=price_minor)
    world.vendor.business_date = ISSUED
    world.vendor.save()
    (second,) = issue_invoices(vendor=world.vendor, through=date(2020, 11, 1), issue_date=ISSUED)
    work()
    return second


def test_a_differing_amount_is_told_again_twelve_days_before_once(world: World, work: Work, mailoutbox: Outbox) -> None:
    company = world.company("Fish & Chips LLC", email="bills@fish.example")
    save_method(company)
    invoice = second_invoice(world, company, price_minor=5_900, work=work)
    mailoutbox.clear()

    live(world, DUE - timedelta(days=13))
    work()
    assert mailoutbox == []
    for days in (12, 11, 1):
        live(world, DUE - timedelta(days=days))
    work()

    (mail,) = mailoutbox
    assert mail.subject == "On Nov 2, 2020 we collect $59.00: another amount than the last time"
    assert f"for invoice {number_of(invoice)} of Fish & Chips LLC. The last time it was $49.00." in mail.body
    assert f"/c/{company.public_id}/autopay/" in mail.body
    notices = DebitNotice.objects.filter(invoice=invoice).order_by("id")
    assert list(notices.values_list("kind", "amount_minor", "debit_on", "sent_on")) == [
        ("invoice", 5_900, DUE, ISSUED),
        ("varying", 5_900, DUE, date(2020, 10, 21)),
    ]


def test_the_same_amount_again_is_news_of_nothing(world: World, work: Work, mailoutbox: Outbox) -> None:
    company = world.company("Fish & Chips LLC")
    save_method(company)
    second_invoice(world, company, price_minor=4_900, work=work)
    mailoutbox.clear()

    for days in range(13):
        live(world, DUE - timedelta(days=days))
    work()

    assert mailoutbox == []


def test_above_the_limit_a_member_is_asked_and_asked_once_more(world: World, work: Work, mailoutbox: Outbox) -> None:
    company = world.company("Fish & Chips LLC")
    save_method(company)
    AutopayLimit.objects.create(company=company, limit_minor=1_000, set_by=make_user(), set_at=NOW)
    (invoice,) = issue_invoices(vendor=world.vendor)
    work()
    mailoutbox.clear()

    for days in (13, 12, 8, 3, 1):
        live(world, invoice.due_date - timedelta(days=days))
    work()

    assert [mail.subject for mail in mailoutbox] == [f"Please approve $49.00 for invoice {number_of(invoice)}"] * 2
    assert "above your limit of $10.00" in mailoutbox[0].body


def test_who_cannot_be_told_is_put_on_the_teams_list(world: World, work: Work) -> None:
    company = world.company("Nobody To Write To LLC", email="")
    save_method(company)
    second_invoice(world, company, price_minor=5_900, work=work)

    live(world, DUE - timedelta(days=12))

    item = WorkItem.objects.get(kind="debit_untold")
    assert (item.company, item.subject) == (company, f"company:{company.public_id}")
    assert not DebitNotice.objects.exists()


@pytest.mark.parametrize(("code", "says"), [("R01", "We try once more on Sep 21, 2020"), ("R02", "another account")])
def test_a_refusal_says_whether_it_is_tried_again(
    world: World, work: Work, mailoutbox: Outbox, code: str, says: str
) -> None:
    save_method(world.company("Fish & Chips LLC"))
    (invoice,) = issue_invoices(vendor=world.vendor)
    work()

    bank_says(make_payment([invoice], origin="autopay"), "waiting", failed=code)
    work()

    assert says in mailoutbox[-1].body
