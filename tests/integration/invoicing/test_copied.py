"""The rules of issued invoices and postings, attacked by COPY, and by two sessions at once."""

import threading
from collections.abc import Sequence
from datetime import date
from itertools import zip_longest

import pytest
from django.db import IntegrityError, connection, connections, transaction

from comptoir.invoicing.models import Coverage, Invoice
from comptoir.kit.copying import copy_rows
from comptoir.ledger.operations import Entry, PostingLine, accounts, post
from tests.databases import Database

from .conftest import Books

NOVEMBER = ("2020-11-01", "2020-12-01")
NUMBER_IT = """
    INSERT INTO invoicing_invoicenumber (invoice_id, series_id, number)
    SELECT max(i.id), max(s.id), max(s.next_number) FROM invoicing_numberseries s, invoicing_invoice i
"""


@pytest.fixture
def issued(books: Books) -> Books:
    """Two companies with an invoice each."""
    books.company("1001")
    books.company("1002")
    books.bill()
    return books


def copied_invoice(
    books: Books,
    *,
    lines: Sequence[tuple[object, ...]],
    net_minor: int = 4_900,
    taxes: Sequence[tuple[int, int]] = (),
    bears: Sequence[tuple[str, str]] = (),
    **instead: object,
) -> None:
    """COPY an invoice of the first company for November, with these lines, posted and numbered as it should be.

    ``taxes`` are of so many per cent on an amount; each line ``bears`` the parts at these positions of them.
    ``instead`` are values of the invoice's columns that are not so.
    """
    tax_minor = sum(percent * taxable_minor // 100 for percent, taxable_minor in taxes)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO invoicing_invoicebatch (vendor_id) VALUES (%s) RETURNING id", [books.vendor_id])
        (batch_id,) = cursor.fetchone() or (0,)
        cursor.execute("SELECT min(company_id), nextval('invoicing_invoice_id_seq') FROM invoicing_invoice")
        company_id, invoice_id = cursor.fetchone() or (0, 0)
    invoice = {
        "id": invoice_id,
        "public_id": f"00000000-0000-0000-0000-{invoice_id:012}",
        "batch_id": batch_id,
        "vendor_id": books.vendor_id,
        "company_id": company_id,
        "issue_date": "2020-10-16",
        "due_date": "2020-11-01",
        "currency": "USD",
        "language": "en",
        "bill_to": "{}",
        "net_minor": net_minor,
        "tax_minor": tax_minor,
        "total_minor": net_minor + tax_minor,
        **instead,
    }
    copy_rows(table="invoicing_invoice", columns=list(invoice), rows=[tuple(invoice.values())])
    copy_rows(
        table="invoicing_invoicetax",
        columns=["invoice_id", "position", "jurisdiction_code", "name", "category", "rate", "taxable_minor",
                 "tax_minor"],
        rows=[(invoice_id, position, "US-IL", "tax", "software", percent / 100, taxable, percent * taxable // 100)
              for position, (percent, taxable) in enumerate(taxes, 1)],
    )  # fmt: skip
    copy_rows(
        table="invoicing_invoiceline",
        columns=["invoice_id", "position", "subscription_id", "starts_on", "ends_on", "amount_minor", "unit_minor",
                 "full_days", "location_label", "description", "tax_positions", "tax_parts"],
        rows=[(invoice_id, position, *line, 4_900 if line[-1] else 0, 30, "", "copied", *borne)
              for position, (line, borne) in enumerate(zip_longest(lines, bears, fillvalue=("{}", "{}")), 1)],
    )  # fmt: skip
    account = accounts(vendor_id=books.vendor_id, currency="USD")
    total_minor = net_minor + tax_minor
    sides = [PostingLine(account["receivable"], total_minor, invoice_id), PostingLine(account["bank"], -total_minor)]
    post(
        vendor_id=books.vendor_id,
        posted_on=date(2020, 10, 16),
        reason="copied",
        entries=[Entry(company_id, "copied", sides)],
    )
    with connection.cursor() as cursor:
        cursor.execute(NUMBER_IT)


def of_the_first_company() -> int:
    found = Coverage.objects.order_by("invoice_id", "position").values_list("subscription_id", flat=True)
    return found[0]


@transaction.atomic
def copied(
    books: Books,
    *lines: tuple[object, ...],
    net_minor: int = 4_900,
    taxes: Sequence[tuple[int, int]] = (),
    bears: Sequence[tuple[str, str]] = (),
    **instead: object,
) -> None:
    copied_invoice(books, lines=lines, net_minor=net_minor, taxes=taxes, bears=bears, **instead)


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
    others = Coverage.objects.order_by("-invoice_id").values_list("subscription_id", flat=True)[0]
    with pytest.raises(IntegrityError, match="not the company's"):
        copied(issued, (others, *NOVEMBER, 4_900))
    assert Invoice.objects.count() == 2


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


def test_two_sessions_that_bill_the_same_days_at_once_bill_them_once(issued: Books, fresh_database: Database) -> None:
    taken, refused, together = of_the_first_company(), [], threading.Barrier(2, timeout=10)

    def bill() -> None:
        with fresh_database.as_owner():
            try:
                together.wait()
                copied(issued, (taken, *NOVEMBER, 4_900))
            except IntegrityError as error:
                refused.append(str(error))
        connections.close_all()

    sessions = [threading.Thread(target=bill) for _session in range(2)]
    for session in sessions:
        session.start()
    for session in sessions:
        session.join(20)

    assert len(refused) == 1
    assert "start at billed-through" in refused[0] or "service_day_billed_once" in refused[0]
    assert Coverage.objects.filter(subscription_id=taken, starts_on="2020-11-01").count() == 1


def test_copied_postings_balance_or_nothing_is_posted(issued: Books) -> None:
    account = accounts(vendor_id=issued.vendor_id, currency="USD")
    company_id = Invoice.objects.earliest("id").company_id
    sides = [PostingLine(account["bank"], 100), PostingLine(account["suspense"], -99)]
    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        post(
            vendor_id=issued.vendor_id,
            posted_on=date(2020, 10, 1),
            reason="copied",
            entries=[Entry(company_id, "copied", sides)],
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
