"""An issued invoice holds all that EN 16931 asks for: docs/einvoice.md says where, and this looks it up."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import translation

import comptoir
from comptoir.catalog.models import Product
from comptoir.documents.data import InvoiceDocument
from comptoir.documents.rendering import render
from comptoir.invoicing.credit_queries import credit_note
from comptoir.invoicing.crediting import CreditLine, issue_credit_note
from comptoir.invoicing.models import CreditReason, Invoice, InvoiceBatch
from comptoir.invoicing.queries import invoice, seller_of
from comptoir.notices.papers import credit_note_paper, invoice_paper
from comptoir.subscriptions.models import OneOffCharge, Subscription
from comptoir.taxes.loading import BUILT_IN, load_table, read_table
from comptoir.taxes.operations import add_certificate, register
from comptoir.tenancy.legal_ids import LegalIds
from comptoir.tenancy.models import Company, Vendor
from comptoir.tenancy.operations import set_company_ids, set_vendor_ids
from comptoir.tenancy.queries import vendor as vendor_row
from tests.factories import (
    NOW,
    TESTS,
    TODAY,
    issue_invoices,
    make_company,
    make_location,
    make_plan,
    make_subscription,
    make_vendor,
)
from tests.unit.documents.reading import pages_of

DOCS = Path(comptoir.__file__).parents[2] / "docs" / "einvoice.md"
# What the norm says must be on every invoice: section 6.3, cardinality 1..1 or 1..n; BT-24 is the form's own.
MANDATORY = (1, 2, 3, 5, 27, 40, 44, 55, 106, 109, 112, 115, 116, 117, 118, 126, 129, 130, 131, 146, 151, 153)

SELLER = LegalIds(
    country="FR",
    registration_scheme="0002",
    registration_number="732829320",
    vat_id="FR44732829320",
    electronic_scheme="0225",
    electronic_address="732829320",
)
BUYER = LegalIds(
    country="FR",
    registration_scheme="0002",
    registration_number="303265045",
    vat_id="FR40303265045",
    electronic_scheme="0225",
    electronic_address="303265045",
)


@pytest.fixture
def vendor(db: None) -> Vendor:
    """A French one, which collects VAT in France."""
    load_table(read_table(BUILT_IN))
    vendor = make_vendor(name="Comptoirs du Sud", currency="EUR", language="fr")
    set_vendor_ids(vendor_id=vendor.id, ids=SELLER, late_penalty=Decimal("12.5"), actor=TESTS)
    register(vendor_id=vendor.id, jurisdiction_code="FR", since=date(2020, 1, 1), actor=TESTS)
    return vendor


def buyer(vendor: Vendor, *, ids: LegalIds = BUYER, store_in: str = "FR", language: str = "fr") -> Company:
    """A company with a store that takes a plan from the middle of a month on."""
    company = make_company(vendor=vendor, name="Brasserie des Halles", language=language)
    set_company_ids(company_id=company.id, ids=ids, actor=TESTS)
    store = make_location(company=company, name="Halles")
    store.country, store.state = store_in, ""
    store.save()
    plan = make_plan(vendor=vendor, name="eRestaurant", scope="location", price_minor=18_900)
    make_subscription(company=company, plan=plan, location=store, billed_from=date(2020, 10, 1))
    return company


def paper_of(issued: Invoice) -> InvoiceDocument:
    detail = invoice(issued.public_id)
    seller = vendor_row(issued.vendor_id)
    with translation.override(detail.language):
        return invoice_paper(invoice=detail, seller=seller_of(issued.id), vendor=seller, payment=None)


def credit_of(issued: Invoice, *, amount_minor: int) -> InvoiceDocument:
    seller = vendor_row(issued.vendor_id)
    with transaction.atomic():
        note = issue_credit_note(
            vendor=seller,
            invoice_id=issued.id,
            lines=[CreditLine(corrects=1, amount_minor=amount_minor)],
            reason=CreditReason.GOODWILL,
            explanation="A bad week.",
            issue_date=TODAY,
            actor=TESTS,
            now=NOW,
        )
    detail = credit_note(note.public_id)
    with translation.override(detail.language):
        return credit_note_paper(note=detail, vendor=seller)


def terms() -> dict[str, tuple[str, str]]:
    """The table of the docs: where each term is, and when it must be there."""
    rows = [line.strip("|").split("|") for line in DOCS.read_text().splitlines() if line.startswith("| BT-")]
    return {row[0].strip(): (row[2].strip(" `"), row[3].strip()) for row in rows}


def found(document: Any, path: str) -> list[Any]:
    """What stands at a dotted path, of each where there are several."""
    here = [document]
    for name in path.split("."):
        here = [getattr(value, name) for value in here]
        here = [part for value in here for part in (value if isinstance(value, tuple) else (value,))]
    return here


def test_every_term_that_the_norm_asks_for_is_in_the_data(vendor: Vendor) -> None:
    buyer(vendor)
    (issued,) = issue_invoices(vendor=vendor)
    documents = {"invoice": paper_of(issued), "credit note": credit_of(issued, amount_minor=900)}

    table = terms()
    assert {f"BT-{number}" for number in MANDATORY} <= {term for term, (_at, when) in table.items() if when == "always"}
    for term, (path, when) in table.items():
        for kind, document in documents.items():
            values = found(document, path)  # raises where the path leads nowhere
            if when in ("always", kind) and not (term in ("BT-134", "BT-135") and kind == "credit note"):
                assert values, f"{term} of a {kind}"
                assert all(value not in (None, "") for value in values), f"{term} of a {kind}"


def test_sums_and_taxes_are_as_the_norm_reckons_them(vendor: Vendor) -> None:
    company = buyer(vendor)
    Subscription.objects.filter(company=company).update(ends_on=date(2020, 10, 20))
    (issued,) = issue_invoices(vendor=vendor)
    document = paper_of(issued)

    assert document.subtotal_minor == sum(line.amount_minor for line in document.lines)  # BR-CO-10
    for line in document.lines:
        assert round(line.quantity * line.unit_minor) == line.amount_minor  # what a line is, as it is printed
    for tax in document.taxes:  # BR-S-8, BR-S-9
        assert tax.taxable_minor == sum(
            line.amount_minor
            for line in document.lines
            if (line.tax_category, line.tax_rate) == (tax.category, tax.rate)
        )
        assert tax.amount_minor == round((tax.taxable_minor or 0) * (tax.rate or 0))
    (line,) = document.lines
    assert (line.quantity, line.amount_minor) == (Decimal("0.612903"), 11_584)  # 19 of October's 31 days
    assert (line.unit, line.tax_category, line.tax_rate) == ("MON", "S", Decimal("0.20"))


def test_the_paper_of_a_french_vendor_says_what_the_law_wants_to_read(vendor: Vendor) -> None:
    buyer(vendor)
    (issued,) = issue_invoices(vendor=vendor)

    words = pages_of(render(paper_of(issued)))[0].replace("\u202f", " ").replace("\xa0", " ")

    for needed in ("SIREN 732829320", "FR44732829320", "303265045", "FR40303265045", "12,5 %", "40,00 €"):
        assert needed in words, needed
    assert "TVA 20 %" in words


def test_what_was_issued_keeps_the_sellers_and_buyers_ids(vendor: Vendor) -> None:
    company = buyer(vendor)
    (issued,) = issue_invoices(vendor=vendor)
    set_vendor_ids(vendor_id=vendor.id, ids=LegalIds(country="US"), late_penalty=None, actor=TESTS)
    set_company_ids(company_id=company.id, ids=LegalIds(), actor=TESTS)

    document = paper_of(issued)

    assert (document.brand.ids, document.bill_to.ids) == (SELLER, BUYER)
    assert any("12,5" in note for note in document.notes)
    assert credit_of(issued, amount_minor=900).bill_to.ids == BUYER
    with pytest.raises(DatabaseError), transaction.atomic():
        InvoiceBatch.objects.filter(id=issued.batch_id).update(seller={})


def test_untaxed_lines_say_why(vendor: Vendor) -> None:
    german = replace(BUYER, country="DE", registration_scheme="", registration_number="HRB 1", vat_id="DE136695976")
    abroad = buyer(vendor, ids=german, store_in="DE")
    overseas = buyer(vendor, ids=LegalIds(country="US"), store_in="US")
    relieved = buyer(vendor)
    add_certificate(
        vendor_id=vendor.id,
        company_id=relieved.id,
        jurisdiction_code="FR",
        number="E-1",
        reason="Diplomats",
        valid_from=date(2020, 1, 1),
        valid_until=None,
        actor=TESTS,
    )
    training = Product.objects.create(vendor=vendor, code="training", name="Training", tax_category="exempt")
    OneOffCharge.objects.create(
        company=relieved, product=training, description="Training", amount_minor=10_000, charge_on=TODAY
    )
    papers = {issued.company_id: paper_of(issued) for issued in issue_invoices(vendor=vendor)}

    def categories(company: Company) -> set[str | None]:
        document = papers[company.id]
        assert {tax.category for tax in document.taxes} == {line.tax_category for line in document.lines}
        assert sum(tax.taxable_minor or 0 for tax in document.taxes) == document.subtotal_minor
        return {line.tax_category for line in document.lines}

    assert categories(abroad) == {"AE"}
    assert categories(overseas) == {"O"}
    assert categories(relieved) == {"E"}
    assert {line.unit for line in papers[relieved.id].lines} == {"MON", "C62"}
    assert "Autoliquidation" in pages_of(render(papers[abroad.id]))[0]
    assert all(tax.exempt_because for tax in papers[relieved.id].taxes)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE tenancy_vendor SET vat_id = '83732829320'",
        "UPDATE tenancy_vendor SET late_penalty = 0",
        "UPDATE tenancy_company SET country = 'France'",
        "UPDATE tenancy_company SET registration_scheme = '0002', registration_number = ''",
        "UPDATE tenancy_company SET electronic_address = ''",
        "INSERT INTO invoicing_invoiceline SELECT l.invoice_id, 99, NULL, NULL, NULL, '', 'x', NULL, NULL, NULL,"
        " 0, 0, 0, '{}', '{}', 'MON', 'S' FROM invoicing_invoiceline l",
    ],
)
def test_postgresql_refuses_what_no_code_can_be(vendor: Vendor, change: str) -> None:
    buyer(vendor)
    issue_invoices(vendor=vendor)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
