"""The team is told on which day something is to be invoiced, by the vendor's own lead, until a run is approved."""

from dataclasses import replace
from datetime import date

from allauth.mfa.totp.internal.auth import TOTP
from django.db import transaction
from django.urls import reverse

from comptoir.catalog.models import Plan, Price, Product
from comptoir.config.business_day import run_business_day
from comptoir.invoicing.bill_runs import cancel_bill_run, issue_parts
from comptoir.invoicing.models import Invoice
from comptoir.invoicing.preview import preview
from comptoir.kit.clocks import wall_now
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.models import Vendor
from comptoir.tenancy.operations import set_billing_terms
from comptoir.work.models import WorkItem
from tests.factories import make_staff
from tests.web import WebClient

from .conftest import ISSUED, OCTOBER, TEST, Books

DAY_BEFORE, MONTH_LATER = date(2020, 9, 15), date(2020, 10, 17)


def asked(books: Books, day: date) -> bool:
    """Live through a business day; return whether the team's list then says that a bill run is due."""
    run_business_day(vendor_id=books.vendor_id, day=day)
    return WorkItem.objects.filter(vendor_id=books.vendor_id, kind="bill_run_due", closed_at=None).exists()


def test_a_run_that_is_due_waits_on_the_list_until_it_is_approved(books: Books, web: WebClient) -> None:
    books.company("1001")
    assert [asked(books, day) for day in (DAY_BEFORE, ISSUED, ISSUED)] == [False, True, True]
    item = WorkItem.objects.get()
    clerk = make_staff(vendor=Vendor.objects.get(), role="clerk")
    TOTP.activate(clerk, "JBSWY3DPEHPK3PXP")
    web.force_login(clerk)
    listed = web.get(reverse("console:work", kwargs={"vendor": "northwind"})).content.decode()
    assert "A bill run is due" in listed
    assert f'href="{reverse("console:bill_runs", kwargs={"vendor": "northwind"})}"' in listed

    forgotten = books.planned_run()
    assert asked(books, ISSUED), "a plan that nobody approves issues nothing"
    with transaction.atomic():
        cancel_bill_run(run_id=forgotten, actor=TEST)
    run_id = books.planned_run()
    books.approve(run_id)
    item.refresh_from_db()
    assert (item.closed_at is not None, item.closed_by) == (True, TEST.label)
    assert not asked(books, ISSUED), "what is issuing is on its way"
    assert issue_parts(run_id=run_id, now=wall_now())
    assert [asked(books, day) for day in (ISSUED, date(2020, 10, 16), MONTH_LATER)] == [False, False, True]

    Subscription.objects.update(ends_on=date(2020, 11, 1))
    assert not asked(books, MONTH_LATER), "nothing is due any more, so that it takes itself off"


def test_whom_the_run_could_not_bill_is_asked_for_again(books: Books) -> None:
    product = Product.objects.get()
    new = Plan.objects.create(product=product, vendor_id=books.vendor_id, code="new", name="New", cadence="monthly")
    replace(books, plan_id=new.id).company("1001")
    books.bill()
    assert asked(books, ISSUED)

    Price.objects.create(plan=new, valid_from=OCTOBER, amount_minor=4900)
    books.bill()

    assert not asked(books, ISSUED)
    assert Invoice.objects.count() == 1


def test_the_vendors_own_lead_and_terms_date_what_is_issued(books: Books) -> None:
    company_id = books.company("1001")
    (shown,) = preview(company_id=company_id, through=OCTOBER)
    assert (shown.issue_date, shown.due_date) == (ISSUED, OCTOBER)

    with transaction.atomic():
        set_billing_terms(vendor_id=books.vendor_id, invoice_lead_days=20, terms_days=10, actor=TEST)

    issued, due = date(2020, 9, 11), date(2020, 10, 11)
    (shown,) = preview(company_id=company_id, through=OCTOBER)
    assert (shown.issue_date, shown.due_date) == (issued, due)
    assert [asked(books, date(2020, 9, 10)), asked(books, issued)] == [False, True]
    books.bill()
    assert Invoice.objects.get().due_date == due
