"""A company narrows the list of its invoices by the address, and takes what the list shows along."""

import csv
import io
import re
import zipfile
from datetime import date

from django.db import transaction

from comptoir.documents.operations import store
from comptoir.invoicing.corrections import carry_out, request_write_off
from comptoir.invoicing.models import Invoice
from tests.factories import (
    NOW,
    TESTS,
    issue_invoices,
    make_location,
    make_plan,
    make_subscription,
)
from tests.web import WebClient
from tests.worlds import World

FIRST, SECOND, THIRD = "NOR-000001", "NOR-000003", "NOR-000004"


def a_history(world: World) -> str:
    """October of one store, waived; November of two stores, and December, due after today. Return the list's path."""
    airport = make_location(company=world.arches, name="Arches Airport")
    plan = make_plan(vendor=world.northwind, scope="location")
    with transaction.atomic():
        waived = request_write_off(
            invoice_id=world.invoices[world.arches.name].id, explanation="test", actor=TESTS, role="manager"
        )
        carry_out(correction_id=waived.id, now=NOW)
    world.bistro.subscriptions.update(ends_on=date(2020, 11, 1))
    make_subscription(company=world.arches, plan=plan, location=airport, billed_from=date(2020, 11, 1))
    issue_invoices(vendor=world.northwind, through=date(2020, 11, 1), issue_date=date(2020, 10, 16))
    world.arches.subscriptions.filter(location=airport).update(ends_on=date(2020, 12, 1))
    issue_invoices(vendor=world.northwind, through=date(2020, 12, 1), issue_date=date(2020, 11, 16))
    return f"/c/{world.arches.public_id}/invoices/"


def listed(web: WebClient, path: str) -> list[str]:
    return re.findall(r">(NOR-\d+)</a>", web.get(path).content.decode())


def test_the_address_narrows_the_list_and_the_files(web: WebClient, world: World) -> None:
    path = a_history(world)
    web.force_login(world.anna)
    store = world.arches.ownerships.get(location__name="Arches Airport").location.public_id
    for query, numbers in (
        ("", [THIRD, SECOND, FIRST]),
        ("?state=unpaid", [THIRD, SECOND]),
        ("?state=overdue", []),
        ("?state=processing", []),
        ("?state=paid", [FIRST]),
        ("?since=2020-10-01&through=2020-10-31", [SECOND]),
        (f"?store={store}", [SECOND]),
        ("?number=nor-000003", [SECOND]),
        ("?number=4", [THIRD]),
        ("?number=2", []),
    ):
        assert listed(web, path + query) == numbers, query
        rows = list(csv.DictReader(io.StringIO(web.get(f"{path}csv/{query}").content.decode())))
        assert [row["Number"] for row in rows] == numbers, query
    assert rows == []
    (paid,) = csv.DictReader(io.StringIO(web.get(f"{path}csv/?state=paid").content.decode()))
    assert paid["Status"] == "Settled", "it was waived"
    assert (paid["Issued"], paid["Currency"], paid["Total"], paid["Still to pay"]) == (
        "2020-09-16", "USD", "99.00", "0.00",
    )  # fmt: skip
    assert "297.00 still to pay" in web.get(path).content.decode()
    waived = web.get(f"{path}{world.invoices[world.arches.name].public_id}/").content.decode()
    assert "Nothing left to pay." in waived
    assert "Thank you." not in waived, "nobody paid it"
    asked = web.get(f"{path}?state=paid&number=%22%3E%3Cb%3E").content.decode()
    assert '<option value="paid" selected>Paid or settled</option>' in asked
    assert 'maxlength="40" value="&quot;&gt;&lt;b&gt;"' in asked


def test_nonsense_is_said_beside_its_field_and_no_file_is_made_of_it(web: WebClient, world: World) -> None:
    path = a_history(world)
    web.force_login(world.anna)
    for query in ("?since=yesterday", "?since=2020-10-02&through=2020-10-01", "?state=lost", "?store=nowhere"):
        page = web.get(path + query).content.decode()
        assert page.count('aria-invalid="true"') == 1, query
        assert web.get(f"{path}csv/{query}")["Location"] == path + query
        assert web.get(f"{path}zip/{query}")["Location"] == path + query
    assert 'value="yesterday"' in web.get(f"{path}?since=yesterday").content.decode()
    assert web.get(f"{path}?page=2").status_code == 404
    assert "No invoice is like this" in web.get(f"{path}?number=999").content.decode()


def test_all_pdfs_come_as_one_file_and_what_is_being_made_is_named(web: WebClient, world: World) -> None:
    path = a_history(world)
    for invoice in Invoice.objects.filter(company=world.arches).order_by("id")[:2]:
        store(
            vendor_id=world.northwind.id,
            company_id=world.arches.id,
            reference=f"invoice:{invoice.public_id}",
            filename="invoice.pdf",
            content=f"%PDF of {invoice.id}".encode(),
        )
    web.force_login(world.anna)
    answer = web.get(f"{path}zip/")
    assert answer["Content-Disposition"] == 'attachment; filename="Invoices 2020-09-16.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as together:
        assert together.testzip() is None
        assert together.namelist() == [f"{SECOND}.pdf", f"{FIRST}.pdf", "Still being made.txt"]
        assert together.read(f"{FIRST}.pdf") == f"%PDF of {world.invoices[world.arches.name].id}".encode()
        assert together.read("Still being made.txt").decode().split() == [THIRD]
    with zipfile.ZipFile(io.BytesIO(web.get(f"{path}zip/?state=paid").content)) as one:
        assert one.namelist() == [f"{FIRST}.pdf"]


def test_a_list_takes_no_more_queries_for_more_invoices(web: WebClient, world: World) -> None:
    path = a_history(world)
    web.force_login(world.anna)
    for query in ("", "?number=NOR&state=unpaid&since=2020-01-01"):
        assert web.get(path + query).status_code == 200
        assert len(web.queries) <= 6, web.queries
