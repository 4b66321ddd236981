"""A seller with two stores, billed for October; a buyer who is a customer, too; and people who act for both."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction

from comptoir.catalog.models import Plan
from comptoir.customers.models import Location, Ownership
from comptoir.identity.models import User
from comptoir.invoicing.models import Invoice
from comptoir.kit.clocks import wall_now
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.models import Company, Vendor
from comptoir.tenancy.queries import CompanyRow, company_row
from comptoir.transfers import answering, deciding, starting
from comptoir.transfers.models import Transfer
from comptoir.transfers.starting import OtherSide, Papers
from tests.factories import (
    NOW,
    TODAY,
    issue_invoices,
    make_company,
    make_location,
    make_member,
    make_plan,
    make_staff,
    make_subscription,
    make_vendor,
)

ON = date(2020, 10, 11)  # days 11 to 31 of October pass over: 21 of 31


@dataclass
class Sale:
    """Sam's company sells to Bea's; Tom is on the billing team."""

    vendor: Vendor
    seller: Company
    buyer: Company
    stores: list[Location]
    plan: Plan
    sam: User
    bea: User
    tom: User
    invoice: Invoice

    def company(self, company: Company) -> CompanyRow:
        return company_row(company)

    def actor(self, person: User) -> Actor:
        kind = "staff" if person == self.tom else "customer"
        return Actor(kind=kind, label=person.email, user_id=person.id)  # type: ignore[arg-type]

    def start(self, *, stores: list[Location] | None = None, on: date = ON, email: str = "new@buyer.example") -> UUID:
        """Let the seller start, with an invitation by e-mail."""
        with transaction.atomic():
            return starting.start_sale(
                seller=self.company(self.seller),
                store_ids=[store.public_id for store in stores or self.stores],
                on=on,
                buyer=OtherSide(email=email, name="New Buyer LLC"),
                papers=Papers(),
                actor=self.actor(self.sam),
                today=TODAY,
                now=wall_now(),
            )

    def agreed(self, *, stores: list[Location] | None = None, on: date = ON, today: date = TODAY) -> UUID:
        """Let the team start between the two customers, and both accept."""
        with transaction.atomic():
            made = starting.start_for_both(
                seller=self.company(self.seller),
                store_ids=[store.public_id for store in stores or self.stores],
                on=on,
                buyer=self.company(self.buyer),
                papers=Papers(),
                actor=self.actor(self.tom),
                today=today,
                now=wall_now(),
            )
            for company, person in ((self.seller, self.sam), (self.buyer, self.bea)):
                answering.accept(public_id=made, company_id=company.id, actor=self.actor(person), now=NOW)
        return made

    def approved(
        self, *, stores: list[Location] | None = None, on: date = ON, prices: str = "agreed", today: date = TODAY
    ) -> int:
        """Have it approved, too, and return its id."""
        made = self.agreed(stores=stores, on=on, today=today)
        with transaction.atomic():
            deciding.approve(public_id=made, prices=prices, number="", actor=self.actor(self.tom), now=NOW)
        return Transfer.objects.get(public_id=made).id

    def owners(self, store: Location) -> list[tuple[str, str, str]]:
        """Return who owned a store from when until before when."""
        rows = Ownership.objects.filter(location=store).order_by("period").select_related("company")
        return [(row.company.name, str(row.period.lower), str(row.period.upper)) for row in rows]

    def taken(self, company: Company) -> list[tuple[str, str, str]]:
        """Return from when until before when a company takes something, and through when it is billed."""
        rows = Subscription.objects.filter(company=company).order_by("starts_on", "id")
        return [(str(row.starts_on), str(row.ends_on), str(row.billed_through)) for row in rows]


def make_sale() -> Sale:
    vendor = make_vendor()
    seller = make_company(vendor=vendor, name="Seller LLC", billing_email="books@seller.example")
    buyer = make_company(vendor=vendor, name="Buyer LLC", language="fr", billing_email="books@buyer.example")
    plan = make_plan(vendor=vendor, price_minor=31_000, scope="location")
    stores = [make_location(company=seller, name=f"Store {name}") for name in "AB"]
    for store in stores:
        make_subscription(company=seller, plan=plan, location=store)
    (invoice,) = issue_invoices(vendor=vendor)
    return Sale(
        vendor=vendor,
        seller=seller,
        buyer=buyer,
        stores=stores,
        plan=plan,
        sam=make_member(company=seller),
        bea=make_member(company=buyer),
        tom=make_staff(vendor=vendor),
        invoice=invoice,
    )


@pytest.fixture
def sale(fresh_database: object) -> Sale:
    return make_sale()


def say(statement: str, *values: object) -> int:
    """Say SQL around the ORM."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


TOMORROW = TODAY + timedelta(days=1)
