"""The day itself: ownership, subscriptions, credit; once, all or none, whatever happens."""

from datetime import date
from unittest.mock import patch

import pytest
from django.db import transaction

from comptoir.config.books import check_books
from comptoir.customers.models import Ownership, StoreDifference
from comptoir.customers.places import SaidPlace
from comptoir.customers.verifying import Word, answer_store
from comptoir.invoicing.models import CreditNote, Invoice, InvoiceBalance
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.operations import Taken, start
from comptoir.subscriptions.terms import give_discount
from comptoir.transfers.foreseeing import foresee
from comptoir.transfers.models import Transfer, TransferStore
from comptoir.transfers.passing import pass_over, pass_over_due
from comptoir.transfers.queries import transfer
from comptoir.work.models import WorkItem
from tests.factories import NOW, TESTS, TODAY, issue_invoices, make_company, make_plan, make_subscription

from .conftest import ON, Sale


def live(sale: Sale, day: date) -> None:
    pass_over_due(vendor_id=sale.vendor.id, on=day, now=NOW)


def test_stores_pass_on_their_day_and_each_side_pays_for_its_own_days(sale: Sale) -> None:
    sold, kept = sale.stores
    transfer_id = sale.approved(stores=[sold])
    live(sale, date(2020, 10, 10))
    assert sale.taken(sale.buyer) == [], "its day has not come"
    live(sale, ON)
    assert sale.owners(sold) == [("Seller LLC", "2019-01-01", "2020-10-11"), ("Buyer LLC", "2020-10-11", "None")]
    assert sale.owners(kept) == [("Seller LLC", "2019-01-01", "None")]
    assert sale.taken(sale.seller) == [
        ("2019-01-01", "2020-10-11", "2020-10-11"),
        ("2019-01-01", "None", "2020-11-01"),
    ]
    assert sale.taken(sale.buyer) == [("2020-10-11", "None", "2020-10-11")]
    note = CreditNote.objects.get()
    assert (note.company_id, note.total_minor) == (sale.seller.id, 21_000)
    issue_invoices(vendor=sale.vendor, through=ON, issue_date=ON)
    first = Invoice.objects.get(company=sale.buyer)
    assert first.total_minor == 21_000, "the stub up to the anchor day that the store had"
    assert InvoiceBalance.objects.get(invoice=sale.invoice).open_minor == 41_000, "the seller's debt stays the seller's"
    found = Transfer.objects.get(id=transfer_id)
    assert (found.status, found.done_at) == ("done", NOW)
    assert not TransferStore.objects.filter(closed_at=None).exists()
    live(sale, ON)
    pass_over(transfer_id=transfer_id, today=ON, now=NOW)
    assert len(sale.taken(sale.buyer)) == CreditNote.objects.count() == 1
    assert check_books() == []


def test_what_the_seller_said_of_a_store_is_not_carried_out_at_the_buyers(sale: Sale) -> None:
    sold, kept = sale.stores
    word = Word(
        company_id=sale.seller.id, vendor_id=sale.vendor.id, user_id=sale.sam.id, actor=TESTS, today=TODAY, now=NOW
    )
    with transaction.atomic():
        for store in sale.stores:
            answer_store(
                word,
                location_public_id=store.public_id,
                answer="address_differs",
                place=SaidPlace("9 Pine Road", "Peoria", "IL", "61601"),
            )
    sale.approved(stores=[sold])
    live(sale, ON)
    outcomes = dict(StoreDifference.objects.values_list("location_id", "outcome"))
    assert outcomes == {sold.id: "taken_back", kept.id: ""}


def test_what_is_foreseen_is_what_is_billed_and_leaves_nothing_behind(sale: Sale) -> None:
    mine = Subscription.objects.filter(location=sale.stores[0]).get()
    Subscription.objects.filter(id=mine.id).update(agreed_price_minor=15_500)
    with transaction.atomic():
        give_discount(
            company_id=sale.seller.id,
            subscription_id=mine.id,
            basis_points=1_000,
            starts_on=TODAY,
            ends_on=None,
            actor=TESTS,
        )
        start(
            company_id=sale.seller.id,
            taken=Taken(make_plan(vendor=sale.vendor, scope="location").id, sale.stores[0].id),
            starts_on=date(2020, 10, 6),
            actor=TESTS,
        )
    make_subscription(company=sale.seller, plan=make_plan(vendor=sale.vendor, name="Xformity"))
    transfer_id = sale.approved()
    row = transfer(Transfer.objects.get(id=transfer_id).public_id)
    before = Subscription.objects.count(), Ownership.objects.count(), CreditNote.objects.count()
    told = foresee(row, today=ON)
    assert [each.plan_name for each in told.stays] == ["Xformity"]
    assert (Subscription.objects.count(), Ownership.objects.count(), CreditNote.objects.count()) == before
    assert {key: [one.total_minor for one in value] for key, value in told.first.items()} == {
        "agreed": [9_450 + 21_000 + 8_303],
        "list": [21_000 + 21_000 + 8_303],
    }, "21 of 31 days at the agreed price less a tenth and at the list's; 26 of 31 of what was not billed yet"
    live(sale, ON)
    issue_invoices(vendor=sale.vendor, through=ON, issue_date=ON)
    assert [one.total_minor for one in told.first["agreed"]] == [Invoice.objects.get(company=sale.buyer).total_minor]
    last = Invoice.objects.filter(company=sale.seller).exclude(id=sale.invoice.id).get()
    assert [one.total_minor for one in told.final] == [last.total_minor - 9_900], "what stays is on it, too"
    assert told.credit_minor == sum(CreditNote.objects.values_list("total_minor", flat=True))
    assert check_books() == []


def test_at_list_prices_nothing_that_was_agreed_goes_along(sale: Sale) -> None:
    mine = Subscription.objects.filter(location=sale.stores[0]).get()
    Subscription.objects.filter(id=mine.id).update(agreed_price_minor=100, minimum_term_ends_on="2021-06-30")
    with transaction.atomic():
        give_discount(
            company_id=sale.seller.id,
            subscription_id=mine.id,
            amount_minor=50,
            starts_on=TODAY,
            ends_on=None,
            actor=TESTS,
        )
    sale.approved(prices="list")
    live(sale, ON)
    new = Subscription.objects.filter(company=sale.buyer, location=sale.stores[0]).get()
    assert new.agreed_price_minor is None
    assert not new.discounts.exists()
    assert str(new.minimum_term_ends_on) == "2021-06-30", "what is left of the term goes along"


def test_addons_what_ends_later_and_what_starts_later_pass_too(sale: Sale) -> None:
    store = sale.stores[0]
    addon = make_plan(vendor=sale.vendor, scope="location", addon_of=sale.plan, price_minor=3_100)
    later = make_plan(vendor=sale.vendor, scope="location", price_minor=6_200)
    with transaction.atomic():
        for plan, day in ((addon, date(2020, 9, 20)), (later, date(2020, 12, 1))):
            start(company_id=sale.seller.id, taken=Taken(plan.id, store.id), starts_on=day, actor=TESTS)
    Subscription.objects.filter(plan=addon).update(ends_on="2020-11-15")
    sale.approved(stores=[store])
    live(sale, ON)
    taken = {
        (row.plan_id, row.company_id): (str(row.starts_on), str(row.ends_on))
        for row in Subscription.objects.filter(location=store)
    }
    assert taken == {
        (sale.plan.id, sale.seller.id): ("2019-01-01", "2020-10-11"),
        (sale.plan.id, sale.buyer.id): ("2020-10-11", "None"),
        (addon.id, sale.seller.id): ("2020-09-20", "2020-10-11"),
        (addon.id, sale.buyer.id): ("2020-10-11", "2020-11-15"),
        (later.id, sale.seller.id): ("2020-12-01", "2020-12-01"),
        (later.id, sale.buyer.id): ("2020-12-01", "None"),
    }


@pytest.mark.parametrize("breaks", ["hand_over_stores", "hand_over", "credit_ended_service", "tell"])
def test_killed_anywhere_nothing_has_passed_and_the_next_day_does_it(sale: Sale, breaks: str) -> None:
    transfer_id = sale.approved()
    with (
        patch(f"comptoir.transfers.passing.{breaks}", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        pass_over(transfer_id=transfer_id, today=ON, now=NOW)
    assert sale.owners(sale.stores[0]) == [("Seller LLC", "2019-01-01", "None")]
    assert not CreditNote.objects.exists()
    live(sale, date(2020, 10, 12))
    assert sale.taken(sale.buyer) == [("2020-10-11", "None", "2020-10-11")] * 2
    assert check_books() == []


def test_what_cannot_pass_is_the_teams_work_and_stops_no_other(sale: Sale) -> None:
    stuck = sale.approved(stores=[sale.stores[0]])
    goes = sale.approved(stores=[sale.stores[1]])
    held = Ownership.objects.get(location=sale.stores[0])
    held.period = (date(2019, 1, 1), date(2020, 10, 1))
    held.save()
    live(sale, ON)
    assert list(Transfer.objects.order_by("id").values_list("id", "status")) == [(stuck, "approved"), (goes, "done")]
    assert WorkItem.objects.get(kind="transfer_stuck", closed_at=None).is_urgent
    held.period = (date(2019, 1, 1), None)
    held.save()
    live(sale, date(2020, 10, 12))
    assert Transfer.objects.get(id=stuck).status == "done"
    assert not WorkItem.objects.filter(kind="transfer_stuck", closed_at=None).exists()
    assert check_books() == []


def test_a_store_passes_on_again_as_of_a_day_that_has_passed_and_comes_back(sale: Sale) -> None:
    """Each owner is billed for the own days, however often a store changes hands."""
    first, second = sale.seller, sale.buyer
    third = make_company(vendor=sale.vendor, name="Third LLC")
    today = date(2020, 11, 17)
    for seller, buyer, on in ((first, second, ON), (second, third, date(2020, 10, 20)), (third, first, today)):
        issue_invoices(vendor=sale.vendor, through=date(2020, 12, 1), issue_date=today)
        sale.seller, sale.buyer = seller, buyer
        sale.approved(on=on, today=today)
        live(sale, today)
    issue_invoices(vendor=sale.vendor, through=date(2020, 12, 1), issue_date=today)
    assert [each[1:] for each in sale.owners(sale.stores[0])] == [
        ("2019-01-01", "2020-10-11"),
        ("2020-10-11", "2020-10-20"),
        ("2020-10-20", "2020-11-17"),
        ("2020-11-17", "None"),
    ]
    days = {first.name: 10, second.name: 9, third.name: 12}
    for company in (first, second, third):
        billed = sum(Invoice.objects.filter(company=company).values_list("net_minor", flat=True))
        back = sum(CreditNote.objects.filter(company=company).values_list("net_minor", flat=True))
        october = days[company.name] * 1_000 * 2
        later = {third.name: 2 * round(31_000 * 16 / 30), first.name: 2 * round(31_000 * 14 / 30) + 2 * 31_000}
        assert billed - back == october + later.get(company.name, 0), company.name
    assert check_books() == []
