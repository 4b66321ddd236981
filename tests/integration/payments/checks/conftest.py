"""Northwind, two companies that owe for October, and checks that come for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from django.db import transaction

from comptoir.config.books import check_books
from comptoir.invoicing.models import Invoice
from comptoir.payments.checks.deciding import apply_check, return_check, undo_check
from comptoir.payments.checks.deposits import TypedCheck, add_check, close_deposit, open_deposit
from comptoir.payments.models import ReceivedCheck
from comptoir.payments.scan_line import ScanLine, write_scan_line
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.models import Company, Vendor
from tests.databases import Database
from tests.factories import (
    NOW,
    TODAY,
    issue_invoices,
    make_company,
    make_plan,
    make_staff,
    make_subscription,
    make_user,
    make_vendor,
)
from tests.running import work


@dataclass
class Counter:
    """Where checks come in: Nora types them, and the worker does what follows."""

    vendor: Vendor
    nora: Actor
    arches: Company
    bistro: Company

    def invoice(self, company: Company, *, place: int = 0) -> Invoice:
        """Return one of a company's invoices, the oldest first."""
        return Invoice.objects.filter(company=company).order_by("id")[place]

    def open_minor(self, company: Company) -> list[int]:
        """Return what is open on a company's invoices, the oldest first."""
        return list(
            Invoice.objects.filter(company=company).order_by("id").values_list("balance__open_minor", flat=True)
        )

    def scan_line(self, invoice: Invoice) -> str:
        """Return the scan line on an invoice's slip."""
        return write_scan_line(
            ScanLine(
                vendor_number=self.vendor.id,
                company_number=invoice.company_id,
                invoice_number=invoice.id,
                amount_minor=invoice.total_minor,
            )
        )

    def open(self, *, total_minor: int, count: int) -> int:
        """Open a deposit of today."""
        with transaction.atomic():
            return open_deposit(
                vendor_id=self.vendor.id,
                currency="USD",
                deposited_on=TODAY,
                control_minor=total_minor,
                control_count=count,
                actor=self.nora,
                today=TODAY,
                now=NOW,
            )

    def receive(self, *checks: TypedCheck) -> list[ReceivedCheck]:
        """Type checks in, close their deposit and let the worker put them into the books."""
        deposit_id = self.open(total_minor=sum(check.amount_minor for check in checks), count=len(checks))
        with transaction.atomic():
            for check in checks:
                add_check(vendor_id=self.vendor.id, deposit_id=deposit_id, check=check)
            close_deposit(vendor_id=self.vendor.id, deposit_id=deposit_id, actor=self.nora)
        work()
        return list(ReceivedCheck.objects.filter(deposit_id=deposit_id).order_by("id"))

    def decide(self, check: ReceivedCheck, company: Company, amounts: dict[Invoice, int]) -> None:
        """Say whose a check is, and let the worker do it."""
        with transaction.atomic():
            apply_check(
                vendor_id=self.vendor.id,
                public_id=check.public_id,
                company=company.public_id,
                amounts={invoice.public_id: minor for invoice, minor in amounts.items()},
                actor=self.nora,
                today=TODAY,
            )
        work()
        check.refresh_from_db()

    def take_off(self, check: ReceivedCheck) -> None:
        """Say that a check was applied wrongly."""
        self._say(undo_check, check)

    def bounce(self, check: ReceivedCheck) -> None:
        """Say that a check came back."""
        self._say(return_check, check)

    def _say(self, what: object, check: ReceivedCheck) -> None:
        with transaction.atomic():
            what(  # type: ignore[operator]
                vendor_id=self.vendor.id,
                public_id=check.public_id,
                actor=self.nora,
                today=TODAY,
                note="the bank says so",
            )
        work()
        check.refresh_from_db()


@pytest.fixture
def counter(fresh_database: Database) -> Iterator[Counter]:
    """Arches owes 99.00 for October, Bistro 49.00. Nora is of the billing team. At the end the books hold."""
    vendor = make_counter_vendor()
    nora = make_staff(vendor=vendor, user=make_user(name="Nora"), role="clerk")
    arches = make_company(vendor=vendor, name="Arches Burgers LLC", billing_email="books@arches.example")
    bistro = make_company(vendor=vendor, name="Bistro Verte Inc", language="fr", billing_email="livres@bistro.example")
    make_subscription(company=arches, plan=make_plan(vendor=vendor, price_minor=9_900))
    make_subscription(company=bistro, plan=make_plan(vendor=vendor, price_minor=4_900))
    issue_invoices(vendor=vendor)
    work()
    yield Counter(vendor=vendor, nora=Actor(kind="staff", label="Nora", user_id=nora.id), arches=arches, bistro=bistro)
    assert check_books() == []


def make_counter_vendor() -> Vendor:
    """Make Northwind."""
    return make_vendor(slug="northwind", name="Northwind")


NOVEMBER = date(2020, 11, 1)
