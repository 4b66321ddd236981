"""The rules of issued invoices and postings, attacked by COPY."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from comptoir.catalog.models import Product
from comptoir.invoicing.models import BillRun, Invoice, InvoiceBalance, InvoiceBatch, NumberSeries
from comptoir.kit.copying import copy_rows
from comptoir.ledger.operations import Entry, PostingLine, accounts, post
from comptoir.subscriptions.models import OneOffCharge, Subscription
from comptoir.tenancy.models import Company, Vendor
from tests.factories import make_company, make_plan, make_vendor

from .conftest import ISSUED, Books
from .copied import (
    NOVEMBER,
    copied,
    copied_invoice,
    copied_number,
    issued_by,
    of_the_first_company,
    of_the_second_company,
)


def test_what_is_copied_and_right_is_taken(issued: Books) -> None:
    copied(issued, (of_the_first_company(), *NOVEMBER, 4_900))
    assert Invoice.objects.count() == 3


@pytest.mark.parametrize(
    ("days", "amount", "refusal"),
    [
        (("2020-10-31", "2020-11-30"), 4_900, "start at billed-through"),
        (("2020-11-02", "2020-12-02"), 4_900, "start at billed-through"),
        (("2020-10-01", "2020-10-31"), 4_900, "service_day_billed_once"),
        (NOVEMBER, 4_899, "line_amount_is_prorated"),
    ],
)
def test_no_day_is_billed_twice_left_out_or_at_another_price_by_copy(
    issued: Books, days: tuple[str, str], amount: int, refusal: str
) -> None:
    with pytest.raises(IntegrityError, match=refusal):
        copied(issued, (of_the_first_company(), *days, amount), net_minor=amount)


def test_copied_lines_add_up_follow_each_other_and_are_the_companys_own(issued: Books) -> None:
    first = of_the_first_company()
    with pytest.raises(IntegrityError, match="do not add up"):
        copied(issued, (first, *NOVEMBER, 4_900), net_minor=4_901)
    for days in (NOVEMBER, ("2020-12-02", "2021-01-01")):
        with pytest.raises(IntegrityError, match="without gap or overlap"):
            copied(issued, (first, *NOVEMBER, 4_900), (first, *days, 4_900), net_minor=9_800)
    with pytest.raises(IntegrityError, match="not the company's"):
        copied(issued, (of_the_second_company(), *NOVEMBER, 4_900))
    assert Invoice.objects.count() == 2


def test_a_copied_charge_is_the_companys_own_at_its_amount_and_billed_once(issued: Books) -> None:
    def charged(number: str, amount_minor: int) -> int:
        company = Company.objects.get(number=number)
        return OneOffCharge.objects.create(
            company=company,
            product=Product.objects.get(),
            description="Training",
            amount_minor=amount_minor,
            charge_on=ISSUED,
        ).id

    line = (None, None, None, 4_900)
    for nobodys in (None, charged("1002", 4_900), charged("1001", 4_800)):
        with pytest.raises(IntegrityError, match="bills what is not the company's"):
            copied(issued, line, charge_id=nobodys)
    own = charged("1001", 4_900)
    with pytest.raises(IntegrityError, match="charge_billed_once"):
        copied(issued, line, line, charge_id=own, net_minor=9_800)
    copied(issued, line, charge_id=own)
    with pytest.raises(IntegrityError, match="charge_billed_once"):
        copied(issued, line, charge_id=own)
    assert Invoice.objects.count() == 3


def test_a_copied_invoice_goes_into_an_open_batch_of_its_own_vendor(issued: Books) -> None:
    line = (of_the_first_company(), *NOVEMBER, 4_900)
    for batch_id in (InvoiceBatch.objects.latest("id").id, 10**9):
        with pytest.raises(IntegrityError, match="the invoice batch is closed, or there is none"):
            copied(issued, line, batch_id=batch_id)
    harbor = make_vendor(slug="harbor")
    with pytest.raises(IntegrityError, match="lacks its posting, or a company"), transaction.atomic():
        copied(issued, line, batch_id=InvoiceBatch.objects.create(vendor=harbor).id)
    assert Invoice.objects.count() == 2


def test_a_copied_number_follows_its_vendors_series_for_that_kind(issued: Books) -> None:
    lines = [(of_the_first_company(), *NOVEMBER, 4_900)]
    harbor = make_vendor(slug="harbor")
    for vendor_id, kind in ((issued.vendor_id, "opening"), (issued.vendor_id, "credit_note"), (harbor.id, "invoice")):
        series = NumberSeries.objects.create(vendor_id=vendor_id, kind=kind, prefix=f"{kind} of {vendor_id}")
        with pytest.raises(IntegrityError, match="a number is of its vendor's series"), transaction.atomic():
            copied_number(copied_invoice(issued, lines=lines), of={"id": series.id})
    for leap, refusal in ((-1, "invoice_number_once"), (1, "follow their series without a gap")):
        with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
            copied_number(copied_invoice(issued, lines=lines), of=issued_by(issued), leap=leap)
    assert Invoice.objects.count() == 2


def test_a_copied_tax_is_its_rate_of_what_is_taxable(issued: Books) -> None:
    columns = ["invoice_id", "position", "jurisdiction_code", "name", "category", "rate", "taxable_minor", "tax_minor"]
    for taxable_minor, tax_minor in ((4_900, 489), (4_900, 491), (-4_900, -490)):
        row = (Invoice.objects.earliest("id").id, 1, "US-IL", "tax", "software", "0.1", taxable_minor, tax_minor)
        with pytest.raises(IntegrityError, match="tax_is_its_rate_of_what_is_taxable"), transaction.atomic():
            copy_rows(table="invoicing_invoicetax", columns=columns, rows=[row])
    with pytest.raises(IntegrityError, match="the invoice is issued"), transaction.atomic():
        copy_rows(table="invoicing_invoicetax", columns=columns, rows=[(*row[:-2], 4_900, 490)])


def test_copied_companies_of_a_bill_run_are_its_vendors(issued: Books) -> None:
    foreign, run_id = make_company(vendor=make_vendor(slug="harbor")).id, BillRun.objects.get().id
    for row in ((run_id, foreign, "planned", 0, 0, 0), (10**9, foreign, "planned", 0, 0, 0)):
        with pytest.raises(IntegrityError, match="a company of a bill run is its vendor's"), transaction.atomic():
            copy_rows(
                table="invoicing_billrunitem",
                columns=["run_id", "company_id", "status", "planned_minor", "planned_lines", "credit_minor"],
                rows=[row],
            )


def test_copied_subscriptions_are_of_one_vendor_and_begin_unbilled(issued: Books) -> None:
    good = Subscription.objects.filter(id=of_the_first_company()).values(
        "vendor_id", "company_id", "plan_id", "legacy_key", "anchor_day", "starts_on", "billed_from"
    )[0]
    harbor = make_vendor(slug="harbor")
    for wrong, refusal in (
        ({"plan_id": make_plan(vendor=harbor).id}, "its plan is another vendor's"),
        ({"vendor_id": harbor.id}, "its company is another vendor's"),
        ({"plan_id": make_plan(vendor=Vendor.objects.get(id=issued.vendor_id), scope="location").id}, "names none"),
        ({"billed_through": "2020-11-01"}, "moved by coverage alone"),
    ):
        row = {**good, "billed_through": good["billed_from"], **wrong}
        with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
            copy_rows(table="subscriptions_subscription", columns=list(row), rows=[tuple(row.values())])


def test_copied_lines_bear_their_invoices_taxes_and_no_others(issued: Books) -> None:
    first = of_the_first_company()
    lines = [(first, *NOVEMBER, 4_900), (first, "2020-12-01", "2021-01-01", 0)]
    taxes = [(10, 4_900), (1, 4_900), (0, 4_900)]
    right, free = ("{1,2,3}", "{490,49,0}"), ("{}", "{}")
    wrong = [
        (("{1,2,3}", "{489,49,0}"), free),
        (("{1,2,3}", "{49,490,0}"), free),
        (("{1,1,3}", "{490,49,0}"), free),
        (("{1,2}", "{490,49}"), free),
        (("{1,2,3,4}", "{490,49,0,0}"), free),
        (("{1,2,3,NULL}", "{490,49,0,0}"), free),
        (("{1,2,3}", "{490,49,NULL}"), free),
        (right, ("{NULL}", "{NULL}")),
        (right, ("{4}", "{0}")),
        (free, free),
    ]
    for bears in wrong:
        with pytest.raises(IntegrityError, match="taxes do not add up"):
            copied(issued, *lines, taxes=taxes, bears=bears)
    with pytest.raises(IntegrityError, match="line_has_a_part_of_each_of_its_taxes"):
        copied(issued, *lines, taxes=taxes, bears=(("{1,2,3}", "{539,0}"), free))
    with pytest.raises(IntegrityError, match="taxes do not add up"):
        copied(issued, *lines, taxes=[(10, 4_800)], bears=(("{1}", "{480}"), free))
    with pytest.raises(IntegrityError, match="taxes do not add up"):
        copied(issued, *lines, taxes=taxes, bears=(right, free), tax_minor=540, total_minor=5_440)
    copied(issued, *lines, taxes=taxes, bears=(right, free))
    assert Invoice.objects.count() == 3


def test_a_copied_invoice_is_in_its_vendors_currency_and_its_parents_are_there(issued: Books) -> None:
    first = of_the_first_company()
    wrong: list[dict[str, object]] = [{"currency": "EUR"}, {"company_id": 10**9}, {"location_id": 10**9}]
    for instead in wrong:
        with pytest.raises(IntegrityError, match=r"company, store and currency of its vendor|its company is"):
            copied(issued, (first, *NOVEMBER, 4_900), **instead)
    with pytest.raises(IntegrityError, match=r"not the company's|start at billed-through"):
        copied(issued, (10**9, *NOVEMBER, 4_900))
    assert Invoice.objects.count() == 2


def test_copied_postings_balance_in_one_currency_of_one_vendor_and_move_no_receivable_alone(issued: Books) -> None:
    bill, account = Invoice.objects.earliest("id"), accounts(vendor_id=issued.vendor_id, currency="USD")
    euros = accounts(vendor_id=issued.vendor_id, currency="EUR")
    foreign = accounts(vendor_id=make_vendor(slug="harbor").id, currency="USD")
    for other_side, refusal in (
        (PostingLine(account["suspense"], -99), "does not balance"),
        (PostingLine(euros["suspense"], -100), "does not balance"),
        (PostingLine(foreign["suspense"], -100), "a posting names no account"),
        (PostingLine(10**9, -100), "a posting names no account"),
        (PostingLine(account["receivable"], -100, bill.id), "is not what is open on it"),
    ):
        with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
            post(
                vendor_id=issued.vendor_id,
                posted_on=date(2020, 10, 1),
                reason="copied",
                entries=[Entry(bill.company_id, "copied", [PostingLine(account["bank"], 100), other_side])],
            )


def test_what_is_copied_of_an_invoice_is_posted_and_paid_in_its_currency(issued: Books) -> None:
    with pytest.raises(IntegrityError, match="in its currency"):
        copied(issued, (of_the_first_company(), *NOVEMBER, 4_900), posted_in="EUR")
    bill, euros = Invoice.objects.earliest("id"), accounts(vendor_id=issued.vendor_id, currency="EUR")
    sides = [PostingLine(euros["bank"], 100), PostingLine(euros["receivable"], -100, bill.id)]
    with pytest.raises(IntegrityError, match="in its currency"), transaction.atomic():
        InvoiceBalance.objects.filter(invoice=bill).update(open_minor=F("open_minor") - 100)
        post(
            vendor_id=issued.vendor_id,
            posted_on=date(2020, 10, 1),
            reason="copied",
            entries=[Entry(bill.company_id, "copied", sides)],
        )


def test_every_account_that_a_vendor_has_takes_postings(issued: Books) -> None:
    """But for the receivable, customer credit and tax payable, which their documents alone move."""
    account = accounts(vendor_id=issued.vendor_id, currency="USD")
    company_id = Invoice.objects.earliest("id").company_id
    free = ("deferred_revenue", "revenue", "processor_clearing", "processor_fees", "bank", "suspense", "bad_debt",
            "opening_balance", "disputed")  # fmt: skip
    assert set(account) == {*free, "receivable", "customer_credit"}
    with transaction.atomic():
        post(
            vendor_id=issued.vendor_id,
            posted_on=date(2020, 10, 1),
            reason="test",
            entries=[
                Entry(company_id, "test", [PostingLine(account["bank"], 100), PostingLine(account[code], -100)])
                for code in free
                if code != "bank"
            ],
        )
    with pytest.raises(IntegrityError, match="moves a company's credit without saying so"), transaction.atomic():
        post(
            vendor_id=issued.vendor_id,
            posted_on=date(2020, 10, 1),
            reason="test",
            entries=[
                Entry(company_id, "t", [PostingLine(account["bank"], 1), PostingLine(account["customer_credit"], -1)])
            ],
        )
