"""Whatever the day of a change of owner, and whatever was billed by then: each day once, to whoever owned the store."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comptoir.config.books import check_books
from comptoir.customers.models import Ownership
from comptoir.invoicing.models import BillRunItem, Coverage, CreditNote, Invoice, InvoiceLine
from comptoir.kit.clocks import wall_now
from comptoir.subscriptions.calculation.proration import prorate_days
from comptoir.subscriptions.models import Subscription
from comptoir.subscriptions.terms import align
from comptoir.transfers.foreseeing import foresee
from comptoir.transfers.models import Transfer
from comptoir.transfers.passing import pass_over
from comptoir.transfers.queries import transfer
from tests.databases import Database
from tests.factories import TESTS, issue_invoices, make_plan, make_subscription

from .conftest import Sale, make_sale

FIRST, LAST = date(2020, 10, 1), date(2021, 3, 1)
EARLIEST = date(2020, 10, 2)


def test_each_day_is_billed_once_and_to_its_owner(fresh_database: Database) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        on=st.dates(EARLIEST, date(2021, 1, 31)),
        billed_through=st.dates(FIRST, date(2021, 1, 31)),
        told_later=st.integers(0, 40),
        cadence=st.sampled_from(["monthly", "quarterly", "annual"]),
        prices=st.sampled_from(["agreed", "list"]),
        aligned=st.sampled_from([None, 1, 15, 31]),
        some=st.booleans(),
    )
    def any_day(
        on: date, billed_through: date, told_later: int, cadence: str, prices: str, aligned: int | None, some: bool
    ) -> None:
        sale, today = make_sale(), max(on + timedelta(days=told_later), billed_through)
        for store in sale.stores:
            plan = make_plan(vendor=sale.vendor, scope="location", cadence=cadence, price_minor=99_999)
            made = make_subscription(company=sale.seller, plan=plan, location=store)
            Subscription.objects.filter(id=made.id).update(agreed_price_minor=12_345)
        with transaction.atomic():
            align(company_id=sale.buyer.id, day=aligned, actor=TESTS)
        issue_invoices(vendor=sale.vendor, through=billed_through, issue_date=billed_through)
        sold = sale.stores[:1] if some else sale.stores
        made_id = sale.approved(stores=sold, on=on, prices=prices, today=today)
        told = foresee(transfer(Transfer.objects.get(id=made_id).public_id), today=today)
        pass_over(transfer_id=made_id, today=today, now=wall_now())
        given_back = sum(CreditNote.objects.filter(company=sale.seller).values_list("total_minor", flat=True))
        assert told.credit_minor == given_back
        issue_invoices(vendor=sale.vendor, through=max(on, today), issue_date=max(on, today))
        first = Invoice.objects.filter(company=sale.buyer)
        assert sum(each.total_minor for each in told.first[prices]) == sum(first.values_list("total_minor", flat=True))
        issue_invoices(vendor=sale.vendor, through=LAST, issue_date=max(today, LAST))
        _each_day_once(sale)
        assert not BillRunItem.objects.filter(run__vendor=sale.vendor, status="exception").exists()
        assert check_books() == []

    any_day()


def _each_day_once(sale: Sale) -> None:
    """From the first day billed here on, each store's every plan is billed on each day: once, and to its owner."""
    for store in sale.stores:
        owners = {own.company_id: own.period for own in Ownership.objects.filter(location=store)}
        for plan_id in set(Subscription.objects.filter(location=store).values_list("plan_id", flat=True)):
            taken = Subscription.objects.filter(location=store, plan_id=plan_id)
            live = Coverage.objects.filter(
                subscription_id__in=taken.values_list("id", flat=True), live_until__gt=F("starts_on")
            )
            company = dict(taken.values_list("id", "company_id"))
            reached = FIRST
            for covered in live.order_by("starts_on"):
                owned = owners[company[covered.subscription_id]]
                assert covered.starts_on == reached, "none is missing, and none is billed twice"
                assert owned.lower <= covered.starts_on
                assert owned.upper is None or covered.live_until <= owned.upper
                reached = covered.live_until
            assert reached > LAST
    for company_row in (sale.seller, sale.buyer):
        billed = sum(Invoice.objects.filter(company=company_row).values_list("total_minor", flat=True))
        back = sum(CreditNote.objects.filter(company=company_row).values_list("total_minor", flat=True))
        assert billed - back == _worth(company_row.id)


def _worth(company_id: int) -> int:
    """What the live days of each line come to, reckoned here anew."""
    lines = {(each.invoice_id, each.position): each for each in InvoiceLine.objects.filter(invoice__company=company_id)}
    return sum(
        prorate_days(
            price_minor=lines[covered.invoice_id, covered.position].unit_minor,
            days=(covered.live_until - covered.starts_on).days,
            full_days=lines[covered.invoice_id, covered.position].full_days or 1,
        )
        for covered in Coverage.objects.filter(invoice__company=company_id)
    )
