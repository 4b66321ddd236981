"""Why a line comes to its amount, in words that add up."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from comptoir.invoicing.explaining import explanations
from comptoir.invoicing.models import InvoiceLine
from comptoir.subscriptions.models import Discount, OneOffCharge
from comptoir.taxes.models import Jurisdiction, Registration, TaxRate
from tests.factories import (
    issue_invoices,
    make_company,
    make_location,
    make_plan,
    make_subscription,
    make_vendor,
)


def explained(*, language: str = "en") -> list[tuple[str, ...]]:
    line = InvoiceLine.objects.select_related("invoice").latest("invoice_id", "position")
    with translation.override(language):
        return list(explanations(invoice=line.invoice.public_id, currency=line.invoice.currency).values())


@pytest.mark.django_db
def test_price_days_discount_taxes_and_charges_are_said() -> None:
    vendor = make_vendor()
    company = make_company(vendor=vendor)
    store = make_location(company=company)
    plan = make_plan(vendor=vendor, price_minor=9_900, scope="location")
    taken = make_subscription(company=company, plan=plan, location=store)
    Discount.objects.create(subscription=taken, kind="percent", basis_points=1_000, starts_on=date(2020, 10, 1))
    state = Jurisdiction.objects.create(
        code="US-IL", name="Illinois sales tax", level="state", country="US", state=store.state
    )
    TaxRate.objects.create(
        jurisdiction=state, category=plan.product.tax_category, valid_from=date(2020, 1, 1), rate=Decimal("0.0625")
    )
    Registration.objects.create(vendor=vendor, jurisdiction=state, since=date(2020, 1, 1))
    OneOffCharge.objects.create(
        company=company,
        location=store,
        product=plan.product,
        description="Cables",
        amount_minor=10_000,
        charge_on=date(2020, 10, 1),
    )
    issue_invoices(vendor=vendor)
    charge, service = explained()
    assert service == (
        "The price of a full period of 31 days is $99.00.",
        "Less a discount of $9.90: $89.10.",
        "Billed: all of it, Oct 1, 2020 to Oct 31, 2020.",
        "Illinois sales tax at 6.25%: $5.57.",
    )
    assert charge == ("A single charge of $100.00.", "Illinois sales tax at 6.25%: $6.25.")
    assert explained(language="fr")[0][0].startswith("Un montant unique de 100,00")
