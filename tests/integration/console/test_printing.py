"""Papers for the printer, as the team asks for them and the worker makes them."""

import io
from collections.abc import Callable
from datetime import date

import pikepdf
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from comptoir.customers.models import Contact
from comptoir.documents import printing
from comptoir.documents.models import PrintPart
from comptoir.invoicing.queries import invoices_by_ids
from comptoir.mailer.marking import mark_address
from comptoir.mailer.models import MarkedAddress, MarkReason, Message
from comptoir.notices.composing import write_to_company
from comptoir.notices.invoices import send_invoice
from comptoir.notices.printing import invoice_sheets_by_post, make_part
from comptoir.tenancy.models import AuditEntry
from comptoir.tenancy.queries import company as company_row
from tests.factories import NOW
from tests.unit.documents.reading import pages_of
from tests.web import WebClient
from tests.worlds import World

SEPTEMBER = {"since": "2020-09-01", "through": "2020-09-30"}
AT = "/console/northwind/printing/"


def test_the_invoices_of_whom_no_mail_reaches_are_put_together_once(
    web: WebClient, world: World, monkeypatch: pytest.MonkeyPatch, work: Callable[[], bool]
) -> None:
    web.force_login(world.nora)
    refused = web.post(AT, SEPTEMBER, follow=True).content.decode()
    assert "no such paper has been made yet" in refused

    for row in invoices_by_ids(invoice.id for invoice in world.invoices.values()).values():
        send_invoice(row, now=NOW)
    Contact.objects.filter(company=world.arches).delete()  # as Bistro, which never had an address
    monkeypatch.setattr(printing, "SHEETS_PER_PART", 1)
    web.post(AT, SEPTEMBER)
    (batch,) = printing.print_batches(world.northwind.id)
    assert (batch.envelopes, batch.parts, batch.made) == (2, 2, ())
    assert AuditEntry.objects.filter(action="printing requested").count() == 1

    work()
    for position in (1, 2, 1):
        make_part(batch_id=batch.id, position=position)
    assert PrintPart.objects.count() == 2
    with CaptureQueriesContext(connection) as queries:
        (batch,) = printing.print_batches(world.northwind.id)
    assert batch.made == (1, 2)
    assert len(queries) == 1
    assert "content" not in queries[0]["sql"]  # nobody loads PDFs to list them
    paper = web.get(f"{AT}{batch.id}/2/").content
    cover, bill = pages_of(paper)
    assert "Bistro Verte Inc" in cover
    assert "1 envelope, 1 page without this list" in cover
    assert "Bistro Verte Inc" in bill
    assert "part 2 of 2" in cover
    with pikepdf.open(io.BytesIO(paper)) as opened:
        assert opened.check_pdf_syntax() == []
        asked_of_the_printer = opened.Root.ViewerPreferences
        assert asked_of_the_printer.Duplex == pikepdf.Name.Simplex  # else two customers would share a sheet
        assert asked_of_the_printer.PrintScaling == pikepdf.Name("/None")  # else the address leaves the window
    again = PrintPart.objects.get(position=2)
    assert web.get(f"{AT}{batch.id}/2/").content == bytes(again.content)


def test_an_invoice_goes_by_post_where_mail_came_back_until_somebody_looked(world: World) -> None:
    def by_post() -> set[str]:
        days = {"since": date(2020, 9, 1), "through": date(2020, 9, 30)}
        return {sheet.number for sheet in invoice_sheets_by_post(vendor_id=world.northwind.id, **days)}

    assert world.arches.number not in by_post()
    with transaction.atomic():
        write_to_company(name="pay_link", key="news", buyer=company_row(world.arches.id), facts={"url": "/"})
        mark_address(message=Message.objects.get(key="news"), reason=MarkReason.BOUNCED, detail="550", now=NOW)
    assert world.arches.number in by_post()

    MarkedAddress.objects.update(cleared_at=NOW, cleared_by="Nora")
    assert world.arches.number not in by_post()
