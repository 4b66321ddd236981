"""Statements of account and slips, as a customer and the billing team get them."""

from django.db import transaction

from comptoir.invoicing.corrections import carry_out, request_write_off
from comptoir.invoicing.models import InvoiceBalance
from comptoir.tenancy.models import Company, Vendor
from tests.belongings import furnish
from tests.factories import NOW, TESTS
from tests.unit.documents.reading import misplaced, pages_of
from tests.web import WebClient
from tests.worlds import World

SEPTEMBER = "?since=2020-09-01&through=2020-09-30"


def test_a_statement_says_what_moved_and_what_is_owed(web: WebClient, world: World) -> None:
    company = world.arches
    own = furnish(company, invoice=world.invoices[company.name], owner=world.anna, staff=world.nora)
    company.refresh_from_db()
    owed = sum(balance.open_minor for balance in InvoiceBalance.objects.filter(invoice__company=company))
    owed -= sum(company.companycredit_set.values_list("balance_minor", flat=True))
    closing = f"${owed / 100:,.2f}" if owed >= 0 else f"-${-owed / 100:,.2f}"

    web.force_login(world.anna)
    statement = f"/c/{company.public_id}/statement/"
    shown = web.get(statement + SEPTEMBER).content.decode()
    assert f'<td class="num">{closing}</td></tr></tfoot>' in shown
    assert f"/payments/{own.payment}/" in shown
    assert f"/invoices/{own.invoice}/" in shown
    assert f"/credit-notes/{own.note}/" in shown

    paper = web.get(f"{statement}pdf/{SEPTEMBER}")
    assert paper["Content-Disposition"] == 'attachment; filename="Statement 2020-09-01 to 2020-09-30.pdf"'
    assert f"Closing balance {closing}" in " ".join(pages_of(paper.content))
    assert misplaced(paper.content) == []
    Vendor.objects.filter(id=company.vendor_id).update(colour="#7f1d1d")
    assert web.get(f"{statement}pdf/{SEPTEMBER}").content == paper.content, "the same books give the same file"

    web.force_login(world.nora)
    assert web.get(f"/console/northwind/companies/{company.public_id}/statement/{SEPTEMBER}").status_code == 200
    team = web.get(f"/console/northwind/companies/{company.public_id}/statement/pdf/{SEPTEMBER}")
    assert team.content == paper.content


def test_a_period_that_is_none_is_refused_in_words(web: WebClient, world: World) -> None:
    web.force_login(world.anna)
    page = f"/c/{world.bistro.public_id}/statement/"
    assert "$99.00" in web.get(page).content.decode(), "without a period: the last months"
    refused = web.get(page + "?since=2020-09-02&through=2020-09-01").content.decode()
    assert "The first day comes after the last one" in refused
    quiet = web.get(page + "?since=2019-01-01&through=2019-12-31").content.decode()
    assert "Nothing was billed or paid in this period." in quiet


def test_a_slip_by_itself_asks_for_what_is_open_and_leads_to_the_invoice(web: WebClient, world: World) -> None:
    company: Company = world.bistro
    invoice = world.invoices[company.name]
    at = f"/c/{company.public_id}/invoices/{invoice.public_id}/"
    assert web.get(at)["Location"] == f"/login/?next={at}", "where the QR code leads, through the login"

    web.force_login(world.anna)
    assert f"{at}slip/" in web.get(at).content.decode()
    slip = web.get(f"{at}slip/").content
    assert "99,00" in " ".join(pages_of(slip))
    assert misplaced(slip) == []
    Vendor.objects.filter(id=company.vendor_id).update(colour="#7f1d1d")
    assert web.get(f"{at}slip/").content == slip, "the same file, in whatever colours the vendor comes by now"

    with transaction.atomic():
        waived = request_write_off(invoice_id=invoice.id, explanation="test", actor=TESTS, role="manager")
        carry_out(correction_id=waived.id, now=NOW)
    refused = web.get(f"{at}slip/", follow=True)
    assert "there is no slip to send" in refused.content.decode()
