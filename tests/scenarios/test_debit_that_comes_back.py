"""Seven weeks of a company whose bank takes a debit back after it had arrived.

Every step is a page or a bill run; what is checked is what the owner is shown and told. The site proves the books at
the end.
"""

from dataclasses import dataclass, field
from datetime import date

from comptoir.demo.browser import Browser, Page
from comptoir.demo.stage import expect, form_with, state_of
from comptoir.invoicing.models import Invoice, InvoiceBalance
from comptoir.invoicing.queries import invoice as invoice_detail
from comptoir.payments.models import Payment
from comptoir.payments.queries import pays_by
from comptoir.tenancy.models import Company, Vendor
from tests.factories import (
    issue_invoices,
    make_company,
    make_member,
    make_plan,
    make_subscription,
    make_user,
    make_vendor,
)
from tests.integration.stripe_sandbox.conftest import filled
from tests.running import Site

PASSWORD = "three blue birds in a tree"
OWNER, BOOKS = "anna@arches.example", "books@arches.example"
COMES_BACK, WORKS, CARD = "000444444440", "000123456789", "4242424242424242"
ISSUED, DUE, SETTLED, RETURNED = date(2020, 9, 16), date(2020, 10, 1), date(2020, 10, 7), date(2020, 10, 12)
NEXT_ISSUED, NEXT_SETTLED = date(2020, 10, 17), date(2020, 11, 6)


@dataclass
class Owner:
    """Anna, who owns Arches, at her browser."""

    site: Site
    company: Company
    browser: Browser = field(default_factory=Browser)

    def address(self, rest: str = "") -> str:
        return f"{self.site.url}/c/{self.company.public_id}/{rest}"

    def page(self, rest: str = "") -> Page:
        return expect(self.browser.get(self.address(rest)))

    def log_in(self) -> None:
        page = self.browser.get(f"{self.site.url}/login/")
        self.browser.submit(page, form_with(page, "login", "password"), login=OWNER, password=PASSWORD)

    def save_bank_account(self, number: str) -> None:
        """Save a bank account and let invoices be collected from it."""
        self.save(number, kind="bank")

    def save(self, number: str, *, kind: str) -> None:
        """Save a bank account or card and let invoices be collected from it."""
        asked = self.page(f"methods/add/{kind}/")
        hosted = self.browser.submit(asked, form_with(asked, "purpose", "terms"), purpose="automatically")
        self._type(hosted, number)

    def pay(self, number: str, *, way: str) -> None:
        """Pay all that is open, once."""
        chosen = self.page("pay/")
        form = form_with(chosen, "invoice", "way")
        review = self.browser.submit(chosen, form, way=way, invoice=form.offered["invoice"])
        self._type(self.browser.submit(review, form_with(review, "amount_minor")), number)

    def last_payment(self) -> str:
        """Return the state in which the page of the last payment shows it."""
        payment = Payment.objects.filter(company=self.company).latest("id")
        return state_of(self.page(f"payments/{payment.public_id}/"))

    def told(self) -> list[str]:
        """Return the subjects of what was mailed, the oldest first."""
        return [str(message.subject) for message in self.site.mails_to(BOOKS)]

    def _type(self, hosted: Page, number: str) -> None:
        typed = filled(number)
        back = self.browser.submit(hosted, form_with(hosted, *typed), **typed)
        assert expect(back).url.startswith(self.site.url)
        self.site.settle()


def make_vendor_and_owner(site: Site) -> tuple[Vendor, Owner]:
    """Make Northwind, and Arches, which pays it 99.00 a month."""
    vendor = make_vendor(name="Northwind", business_date=ISSUED)
    site.open_account(vendor)
    company = make_company(vendor=vendor, name="Arches Burgers LLC", billing_email=BOOKS)
    make_subscription(company=company, plan=make_plan(vendor=vendor, price_minor=9_900))
    make_member(company=company, user=make_user(email=OWNER, name="Anna", password=PASSWORD))
    return vendor, Owner(site=site, company=company)


def number_of(invoice: Invoice) -> str:
    return invoice_detail(invoice.public_id).row.number


def open_and_in_flight(invoice: Invoice) -> tuple[int, int]:
    balance = InvoiceBalance.objects.get(invoice=invoice)
    return balance.open_minor, balance.in_flight_minor


def test_a_debit_arrives_comes_back_and_the_invoice_is_paid_by_card_the_next_by_e_check(site: Site) -> None:
    northwind, anna = make_vendor_and_owner(site)
    anna.log_in()
    anna.save_bank_account(COMES_BACK)
    (october,) = issue_invoices(vendor=northwind, issue_date=ISSUED)
    site.settle()
    assert anna.told() == [f"Invoice {number_of(october)}: $99.00, collected on Oct 1, 2020"]

    site.live_until(DUE, vendor=northwind)
    assert anna.last_payment() == "processing"
    assert open_and_in_flight(october) == (9_900, 9_900), "with the bank is not paid"
    assert "Your payment is on its way." in anna.page(f"invoices/{october.public_id}/").text

    site.live_until(SETTLED, vendor=northwind)
    assert anna.last_payment() == "succeeded"
    assert open_and_in_flight(october) == (0, 0)
    assert anna.told()[-1] == "We received your payment of $99.00"

    site.live_until(RETURNED, vendor=northwind)
    assert anna.last_payment() == "returned"
    assert open_and_in_flight(october) == (9_900, 0), "reopened, and not debited again by hope"
    assert anna.told()[-1] == "Your bank returned your payment of $99.00"
    assert "Your bank returned your payment of $99.00 There was not enough money in the account." in anna.page().text
    assert "My payment came back. What now?" in anna.page().text
    assert "Automatic payment tries once more on Oct 13, 2020" in anna.page().text

    anna.pay(CARD, way="card")
    assert anna.last_payment() == "succeeded"
    assert "Your bank returned" not in anna.page().text
    assert open_and_in_flight(october) == (0, 0)

    site.live_until(NEXT_ISSUED, vendor=northwind)
    (november,) = issue_invoices(vendor=northwind, through=date(2020, 11, 1), issue_date=NEXT_ISSUED)
    site.settle()
    assert pays_by(anna.company.id) == "autopay"
    anna.pay(WORKS, way="us_bank_account")
    assert anna.last_payment() == "processing"

    site.live_until(NEXT_SETTLED, vendor=northwind)
    assert anna.last_payment() == "succeeded"
    assert open_and_in_flight(november) == (0, 0)
    states = Payment.objects.filter(company=anna.company).order_by("id").values_list("status", flat=True)
    assert list(states) == ["returned", "succeeded", "succeeded"], (
        "autopay did not take what was paid before it was due"
    )
    assert anna.told()[-2:] == [
        f"Invoice {number_of(november)}: $99.00, collected on Nov 2, 2020",
        "We received your payment of $99.00",
    ]
    assert "Nothing to pay" in anna.page().text
