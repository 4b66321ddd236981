"""What docs/billing.md says of changes in the middle of a month is what the next bill run does."""

import re
from collections.abc import Callable
from datetime import date

from django.db import transaction

from comptoir.config.books import check_books
from comptoir.invoicing.corrections import carry_out, request_credit, request_void
from comptoir.invoicing.models import Correction, CreditNote, CreditReason, Invoice
from comptoir.subscriptions.models import OneOffCharge, Subscription
from comptoir.subscriptions.operations import change_plan, change_quantity, stop
from comptoir.subscriptions.terms import NewCharge, charge_once, withdraw_charge
from comptoir.tenancy.models import Company
from tests.databases import Database
from tests.factories import NOW, TESTS, issue_invoices, make_company, make_plan, make_subscription, make_vendor
from tests.pages import rows_under

OCTOBER, MID_OCTOBER = date(2020, 10, 1), date(2020, 10, 16)
WHY = {"reason": "as the page says", "actor": TESTS}
ALLOWED = {"explanation": "as the page says", "actor": TESTS, "role": "admin"}


def test_the_next_bill_run_charges_and_gives_back_what_the_page_says(fresh_database: Database) -> None:
    vendor = make_vendor(slug="northwind")
    office, plus = (make_plan(vendor=vendor, price_minor=minor) for minor in (3_100, 6_200))
    rows = list(rows_under("what happens", "charged", "given back", page="billing.md"))
    companies = [make_company(vendor=vendor) for _row in rows]
    for company in companies:
        make_subscription(company=company, plan=office)
    for company, (what, *_figures) in zip(companies, rows, strict=True):
        if found := re.search(r"with (\S+) for a training day on it", what):
            _charge(company, product_id=office.product_id, minor=_value(found[1]), on=date(2020, 9, 20))
    issue_invoices(vendor=vendor)
    before = CreditNote.objects.count()

    for company, (what, _charged, _back) in zip(companies, rows, strict=True):
        with transaction.atomic():
            _happen(what, company=company, plus_id=plus.id)
    notes = list(CreditNote.objects.values_list("id", flat=True))
    issued = issue_invoices(vendor=vendor, through=MID_OCTOBER)

    assert before == 0
    for company, (what, charged, back) in zip(companies, rows, strict=True):
        billed = sum(bill.net_minor for bill in issued if bill.company_id == company.id)
        given = CreditNote.objects.filter(company=company).exclude(id__in=notes).values_list("net_minor", flat=True)
        assert (billed, sum(given)) == (int(charged or 0), int(back or 0)), what
    assert check_books() == []


def _happen(what: str, *, company: Company, plus_id: int) -> None:
    """Do what a row of the page says."""
    own = {"company_id": company.id}
    taken = Subscription.objects.get(company=company)
    bill = Invoice.objects.get(company=company)
    steps: list[tuple[str, Callable[..., object]]] = [
        (r"nothing", lambda: None),
        (r"stops on (\S+)", lambda day: stop(**own, subscription_ids=[taken.id], ends_on=day, **WHY)),
        (
            r"stops on (\S+) after (\S+) were given back",
            lambda day, minor: (
                _do(request_credit(invoice_id=bill.id, amounts={1: minor}, reason=CreditReason.GOODWILL, **ALLOWED)),
                stop(**own, subscription_ids=[taken.id], ends_on=day, **WHY),
            ),
        ),
        (
            r"takes “Plus” at 62.00 instead from (\S+)",
            lambda day: change_plan(**own, subscription_id=taken.id, plan_id=plus_id, on=day, **WHY),
        ),
        (
            r"takes one more from (\S+)",
            lambda day: change_quantity(**own, plan_id=taken.plan_id, location_id=None, quantity=2, on=day, **WHY),
        ),
        (
            r"is charged (\S+) for a training day",
            lambda minor: _charge(company, product_id=taken.plan.product_id, minor=minor, on=MID_OCTOBER),
        ),
        (
            r"is voided(?:, with \S+ for a training day on it)?",
            lambda: _do(request_void(invoice_id=bill.id, **ALLOWED)),
        ),
        (
            r"is voided, with \S+ for a training day on it, which is withdrawn",
            lambda: (
                _do(request_void(invoice_id=bill.id, **ALLOWED)),
                withdraw_charge(
                    **own,
                    charge_id=OneOffCharge.objects.get(company=company, repeats__isnull=False).id,
                    **WHY,
                ),
            ),
        ),
    ]
    for pattern, step in steps:
        if found := re.fullmatch(pattern, what):
            step(*map(_value, found.groups("")))
            return
    raise AssertionError(f"nobody knows what it means that a company {what}")


def _charge(company: Company, *, product_id: int, minor: object, on: date) -> None:
    assert isinstance(minor, int)
    charge_once(company_id=company.id, charge=NewCharge(product_id, None, "Training", minor, on), actor=TESTS)


def _value(written: str) -> date | int | str:
    if not written[:1].isdecimal():
        return written
    return date.fromisoformat(written) if "-" in written else int(written.replace(".", ""))


def _do(asked: Correction) -> None:
    carry_out(correction_id=asked.id, now=NOW)
