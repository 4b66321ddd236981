"""A customer can read what we send: every figure on it, nothing cut, one page when one page will do."""

import io
import threading
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from comptoir.documents.data import (
    AutopayNote,
    CoverDocument,
    Document,
    LetterDocument,
    Logo,
    OverdueInvoice,
    PaidInvoice,
    ReceiptDocument,
    ReminderDocument,
    RemittanceDocument,
    StatementDocument,
    StatementEntry,
    TaxLine,
)
from comptoir.documents.rendering import render
from comptoir.look.brand import contrast, parse

from .reading import colours_of_text, misplaced, pages_of, pictures_on_first_page, scanned, structure
from .samples import BRAND, OWNER, SLIP, invoice, line

LETTER = LetterDocument(
    brand=BRAND,
    recipient=OWNER,
    written_on=date(2020, 9, 10),
    subject="Your invoices move",
    greeting="Dear Ms. Alvarez,",
    paragraphs=("From October on, you find them in the portal.",),
    closing="With kind regards,",
    signature=("Your billing team",),
    language="en",
    portal_url="https://portal.northwind.example/login",
)
RECEIPT = ReceiptDocument(
    brand=BRAND,
    bill_to=OWNER,
    confirmation_number="P-8F3K",
    paid_on=date(2020, 10, 5),
    method_label="Bank account ending in 6789",
    amount_minor=50_000,
    currency="USD",
    invoices=(PaidInvoice(number="NW-2020-000123", amount_minor=43_625),),
    language="en",
)
STATEMENT = StatementDocument(
    brand=BRAND,
    bill_to=OWNER,
    starts_on=date(2020, 10, 1),
    ends_on=date(2021, 1, 1),
    opening_minor=50_00,
    entries=(
        StatementEntry(on=date(2020, 10, 1), text="Invoice NW-2020-000123", amount_minor=436_25),
        StatementEntry(on=date(2020, 10, 5), text="Payment P-8F3K", amount_minor=-486_25),
        StatementEntry(on=date(2020, 12, 8), text="Credit note CN-7", amount_minor=-20_00),
    ),
    currency="USD",
    language="en",
)
REMINDER = ReminderDocument(
    brand=BRAND,
    bill_to=OWNER,
    written_on=date(2020, 10, 8),
    subject="Two invoices are still open",
    paragraphs=("Perhaps they slipped through. Please pay them now.",),
    invoices=(
        OverdueInvoice(number="NW-2020-000101", due_on=date(2020, 9, 1), open_minor=100_00),
        OverdueInvoice(number="NW-2020-000123", due_on=date(2020, 10, 1), open_minor=436_25),
    ),
    currency="USD",
    language="en",
    portal_url="https://pay.northwind.example/",
)
REMITTANCE = RemittanceDocument(
    brand=BRAND,
    bill_to=OWNER,
    invoice_number="NW-2020-000123",
    written_on=date(2020, 9, 16),
    due_on=date(2020, 10, 1),
    amount_minor=436_25,
    currency="USD",
    language="en",
    slip=SLIP,
)
COVER = CoverDocument(
    brand=BRAND,
    written_on=date(2020, 9, 16),
    title="Letters, first wave",
    envelopes=(("C-10482", "Green Olive Foods LLC", 2),),
    language="en",
)


def test_an_invoice_says_what_is_due_when_and_that_it_is_taken_care_of() -> None:
    autopay = AutopayNote(method_label="Bank account ending in 6789", pays_on=date(2020, 10, 1))

    [page] = pages_of(render(invoice(tax_minor=1_559, payment=autopay, purchase_order="PO-55")))

    assert "Invoice NW-2020-000123" in page
    assert "Amount due $204.59 Due Oct 1, 2020" in page
    assert "automatically on Oct 1, 2020 from: Bank account ending in 6789" in page
    assert "eRestaurant Oct 1 – 31, 2020 1 $189.00 $189.00" in page
    assert "Sales tax $15.59" in page
    assert "PO-55" in page
    assert "Page 1 of 1" in page


def test_an_invoice_paid_by_check_ends_in_a_slip() -> None:
    pdf = render(invoice(payment=SLIP))
    [page] = pages_of(pdf)

    slip = page[page.index("Please cut along the line") :]
    assert SLIP.scan_line in slip
    assert scanned(pdf) == [SLIP.pay_url]
    assert "PO Box 660317" in slip
    assert "Invoice NW-2020-000123" in slip
    assert "Amount due $189.00" in slip


def test_a_sample_cannot_be_taken_for_a_bill() -> None:
    [page] = pages_of(render(invoice(kind="sample", number=None)))

    assert "This is not a bill" in page
    assert "SAMPLE" in page
    assert "Please do not pay it" in page
    assert "Amount due" not in page
    with pytest.raises(ValueError, match="no number"):
        invoice(kind="sample")
    with pytest.raises(ValueError, match="asks for a check"):
        invoice(kind="sample", number=None, payment=SLIP)


def test_a_credit_note_asks_for_nothing() -> None:
    [page] = pages_of(render(invoice(kind="credit_note", number="CN-7", due_on=None)))

    assert "Credit note CN-7" in page
    assert "There is nothing to pay" in page
    assert "Amount due" not in page


def test_figures_and_dates_follow_the_language() -> None:
    [page] = pages_of(render(invoice(line(unit_minor=1_234_50, amount_minor=1_234_50), language="fr", currency="EUR")))

    assert "1 234,50 €" in page
    assert "1–31 oct. 2020" in page


def test_three_hundred_stores_are_summed_up_first_and_then_listed_with_sums_carried_over() -> None:
    stores = [
        line(location=f"Store {store:03}", description=product)
        for store in range(1, 301)
        for product in ("eRestaurant", "NetPOS")
    ]

    first, *details = pages_of(render(invoice(*stores, payment=SLIP)))

    assert "eRestaurant 300 300 $56,700.00" in first
    assert "Total $113,400.00" in first
    assert "Store 001" not in first
    for number, page in enumerate(details, start=2):
        assert f"Page {number} of {len(details) + 1}" in page
        assert "Description Period Quantity" in page
        lines_before = sum(earlier.count("Oct 1 – 31") for earlier in details[: number - 2])
        if lines_before:
            assert f"Carried over: ${lines_before * 189:,}.00" in page
            assert f"Carried forward: ${lines_before * 189:,}.00" in details[number - 3]
    assert sum(page.count("Subtotal Store") for page in details) == 300
    assert "Carried forward" not in details[-1]
    assert "Subtotal $113,400.00" in details[-1]
    assert SLIP.scan_line in details[-1]


def test_a_summary_of_many_different_charges_stays_on_its_page() -> None:
    charges = [line(description=f"Charge {number}", amount_minor=number) for number in range(1, 41)]

    first, *_details = pages_of(render(invoice(*charges)))

    assert "29 other charges" in first
    assert "Total $8.20" in first


def test_a_thousand_lines_stay_on_the_paper() -> None:
    pdf = render(invoice(*(line(location=f"Store {number}", quantity=Decimal("1.5")) for number in range(1000))))

    assert misplaced(pdf) == []
    assert "Page 2 of" in pages_of(pdf)[1]


LONG = "Supercalifragilisticexpialidocious" * 6


@pytest.mark.parametrize("name", ["W" * 200, LONG[:200], "Trattoria da Mario e figli " * 8, "9" * 200])
def test_a_name_of_200_characters_is_printed_whole_and_covers_nothing(name: str) -> None:
    party = replace(OWNER, name=name, address=(name,), number=name[:60])
    brand = replace(BRAND, name=name[:80], legal_name=name)

    pdf = render(invoice(line(description=name, location=name), bill_to=party, brand=brand, purchase_order=name[:60]))

    assert misplaced(pdf) == []
    assert "".join(pages_of(pdf)).replace(" ", "").count(name.replace(" ", "")) >= 4


def test_ten_figure_amounts_keep_to_their_columns() -> None:
    large = line(quantity=999_999, unit_minor=999_999_999_999, amount_minor=999_999_999_999)

    pdf = render(invoice(large, large, language="es", payment=SLIP))

    assert misplaced(pdf) == []
    assert "19.999.999.999,98 US$" in pages_of(pdf)[0]


@pytest.mark.parametrize("name", ["金龙饭店有限公司", "すし 한식당", "Ελιά Оливка", "Café Zoë’s Świętej Ňuñoa"])
def test_names_in_other_scripts_are_printed(name: str) -> None:
    assert pages_of(render(invoice(bill_to=replace(OWNER, name=name))))[0].count(name) == 1


@pytest.mark.parametrize("name", ["مطعم الزيتون", "מסעדה ירושלים", "emoji 😀 𓀀 \x07 a\u0651 \ue000", "\u202egnihtemos"])
def test_no_name_stops_an_invoice(name: str) -> None:
    pdf = render(invoice(line(description=name), bill_to=replace(OWNER, name=name)))

    assert misplaced(pdf) == []
    assert "$189.00" in pages_of(pdf)[0]


def test_a_character_that_no_font_has_is_shown_as_missing_and_the_rest_is_read() -> None:
    [page] = pages_of(render(invoice(bill_to=replace(OWNER, name="Pizza 𓀀 Palace"))))

    assert "Pizza \N{REPLACEMENT CHARACTER} Palace" in page


def test_a_name_is_never_read_as_markup() -> None:
    name = '#panic("x") *bold* $x^2$ \\ <label> @ref // "quoted"'

    [page] = pages_of(render(invoice(bill_to=replace(OWNER, name=name))))

    assert name in page


@pytest.mark.parametrize("language", ["en", "fr", "es"])
@pytest.mark.parametrize(
    "document",
    [
        invoice(payment=SLIP),
        invoice(kind="sample", number=None),
        invoice(kind="credit_note", number="CN-7", due_on=None),
        LETTER,
        RECEIPT,
        STATEMENT,
        REMINDER,
        REMITTANCE,
        COVER,
    ],
)
def test_a_document_is_archival_and_accessible(document: object, language: str) -> None:
    pdf = render(replace(document, language=language))  # type: ignore[type-var]

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.check_pdf_syntax() == []  # as qpdf --check
        assert opened.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in opened.Root
        assert str(opened.Root.Lang) == language
        assert opened.Root.ViewerPreferences.DisplayDocTitle
        with opened.open_metadata() as metadata:
            assert metadata.pdfa_status == "3A"
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"]


def test_the_logo_and_the_qr_code_say_what_they_are() -> None:
    drawn = io.BytesIO()
    Image.new("RGBA", (500, 100), "#0f766e").save(drawn, "PNG")
    brand = replace(BRAND, logo=Logo(data=drawn.getvalue(), media_type="image/png"))

    with pikepdf.open(io.BytesIO(render(invoice(brand=brand, payment=SLIP)))) as opened:
        logo, code = (str(part.Alt) for part in structure(opened) if part.S == "/Figure")

    assert logo == "Northwind"
    assert SLIP.pay_url in code


@pytest.mark.parametrize(
    ("document", "title", "tables"),
    [
        (invoice(payment=SLIP), "Invoice NW-2020-000123", 1),
        (invoice(kind="sample", number=None), "Sample invoice", 1),
        (LETTER, "Your invoices move", 0),
        (RECEIPT, "Receipt P-8F3K", 1),
        (STATEMENT, "Statement of account, Oct 1 – Dec 31, 2020", 1),
        (REMINDER, "Two invoices are still open", 1),
        (REMITTANCE, "Remittance slip NW-2020-000123", 0),
        (COVER, "Letters, first wave", 1),
    ],
)
def test_who_listens_hears_what_it_is_and_what_each_figure_stands_under(
    document: Document, title: str, tables: int
) -> None:
    with pikepdf.open(io.BytesIO(render(document))) as opened:
        parts = structure(opened)
        kinds = [str(part.S) for part in parts]

        assert " ".join(str(opened.docinfo.Title).split()) == title
        assert all(page.Tabs == "/S" for page in opened.pages)
        assert kinds.count("/H1") == 1
        assert kinds.count("/Table") == kinds.count("/THead") == tables
        heads = [part for part in parts if part.S == "/TH" and part.A[0].get("/Scope") == "/Column"]
        assert bool(heads) == bool(tables)
        assert all(str(part.get("/Alt", "")) for part in parts if part.S == "/Figure")


@pytest.mark.parametrize(
    ("drawn", "on_paper"), [((600, 160), (135, 36)), ((900, 100), (180, 20)), ((90, 90), (36, 36))]
)
def test_a_logo_of_any_shape_begins_where_the_text_does(drawn: tuple[int, int], on_paper: tuple[int, int]) -> None:
    content = io.BytesIO()
    Image.new("RGBA", drawn, "#0f766e").save(content, "PNG")
    brand = replace(BRAND, logo=Logo(data=content.getvalue(), media_type="image/png"))

    [(left, bottom, right, top)] = pictures_on_first_page(render(invoice(brand=brand)))

    assert (right - left, top - bottom) == on_paper
    assert left == 54, "the margin"


def test_without_a_logo_or_with_a_broken_one_the_name_stands_in_its_place() -> None:
    broken = replace(BRAND, logo=Logo(data=b"no image", media_type="image/png"))

    [with_name] = pages_of(render(invoice()))
    [with_broken_logo] = pages_of(render(invoice(brand=broken)))

    assert with_name.startswith("Northwind Invoice")
    assert with_broken_logo == with_name


def test_the_same_document_gives_the_same_bytes_in_every_thread() -> None:
    document = invoice(payment=SLIP)
    rendered: list[bytes] = []
    threads = [threading.Thread(target=lambda: rendered.append(render(document))) for _ in range(3)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert rendered == [render(document)] * 3
    assert render(replace(document, number="NW-2020-000124")) != rendered[0]


def test_a_letter_is_one_page_with_the_way_to_the_portal() -> None:
    [page] = pages_of(render(LETTER))

    assert "Sep 10, 2020" in page
    assert "Dear Ms. Alvarez, From October on, you find them in the portal." in page
    assert "portal.northwind.example/login" in page


@pytest.mark.parametrize("colour", ["#0f874b", "#2d871e", "#ffe94d", "#1b1464"])
def test_a_link_in_the_vendors_colour_is_read_on_the_tint_of_it(colour: str) -> None:
    pdf = render(replace(LETTER, brand=replace(BRAND, colour=colour)))

    [ink] = colours_of_text(pdf, "/login")
    red, green, blue = (round(0.07 * part + 0.93 * 255) for part in parse(colour))
    assert contrast(parse(ink), (red, green, blue)) >= 4.5


def test_a_receipt_says_which_invoices_were_paid_and_what_is_left() -> None:
    [page] = pages_of(render(RECEIPT))

    assert "Amount paid $500.00" in page
    assert "Received on Oct 5, 2020 from: Bank account ending in 6789" in page
    assert "Invoice NW-2020-000123 $436.25" in page
    assert "Credit kept for your next invoice $63.75" in page


def test_sums_that_do_not_add_up_are_not_printed() -> None:
    with pytest.raises(ValueError, match="sum of the lines"):
        invoice(subtotal_minor=1)
    with pytest.raises(ValueError, match="subtotal and the taxes"):
        invoice(total_minor=1)
    with pytest.raises(ValueError, match="no more on its invoices"):
        replace(RECEIPT, amount_minor=1)


def test_a_statement_runs_from_what_was_owed_to_what_is() -> None:
    [page] = pages_of(render(STATEMENT))

    assert "Your credit $20.00 As of the end of Dec 31, 2020." in page
    assert "Balance brought forward $50.00" in page
    assert "Oct 1, 2020 Invoice NW-2020-000123 $436.25 $486.25" in page
    assert "Oct 5, 2020 Payment P-8F3K $486.25 $0.00" in page
    with pytest.raises(ValueError, match="within its period"):
        replace(STATEMENT, ends_on=date(2020, 11, 1))


def test_a_long_statement_carries_its_balance_from_page_to_page() -> None:
    entries = tuple(StatementEntry(on=date(2020, 10, 1), text=f"Invoice {n}", amount_minor=100) for n in range(120))

    pdf = render(replace(STATEMENT, opening_minor=0, entries=entries))

    first, second, *_rest = pages_of(pdf)
    on_first = first.count("Oct 1, 2020 Invoice")
    assert f"Balance carried forward: ${on_first}.00" in first
    assert f"Balance carried over: ${on_first}.00" in second
    assert misplaced(pdf) == []


def test_a_reminder_says_since_when_and_how_much_together() -> None:
    [page] = pages_of(render(REMINDER))

    assert "NW-2020-000101 Sep 1, 2020 37 days $100.00" in page
    assert "Total still open $536.25" in page
    assert "pay.northwind.example" in page
    with pytest.raises(ValueError, match="due"):
        replace(REMINDER, written_on=date(2020, 9, 1))


def test_a_slip_by_itself_has_all_that_a_check_needs() -> None:
    pdf = render(REMITTANCE)

    [page] = pages_of(pdf)
    assert SLIP.scan_line in page
    assert "Amount due $436.25" in page
    assert "PO Box 660317" in page
    assert misplaced(pdf) == []


def test_an_exempt_tax_says_why() -> None:
    with pytest.raises(ValueError, match="the reason is said"):
        TaxLine(label="VAT", amount_minor=0, category="E")


def test_qpdf_finds_nothing_wrong_with_the_structure_of_a_file() -> None:
    for document in (invoice(payment=SLIP), STATEMENT, REMINDER, REMITTANCE, RECEIPT, LETTER):
        with pikepdf.open(io.BytesIO(render(document))) as opened:
            assert opened.check_pdf_syntax() == []


@pytest.mark.parametrize("document", [invoice(payment=SLIP), invoice(kind="sample", number=None), LETTER, REMINDER])
def test_the_address_stands_in_the_window_of_an_envelope(document: Document) -> None:
    """That of a #10 envelope and of a DL or C5 one, wherever the paper slips to (in points from the top left)."""
    with closing(pypdfium2.PdfDocument(render(document))) as opened:
        page = opened[0]
        with closing(page), closing(page.get_textpage()) as text:
            height = page.get_height()
            boxes = [text.get_rect(index) for index in range(text.count_rects())]
            address = [box for box in boxes if text.get_text_bounded(*box).strip() in (OWNER.name, *OWNER.address)]
    assert len(address) == 3
    assert all(left >= 63 and right <= 283 for left, _bottom, right, _top in address)
    assert all(height - top >= 178 and height - bottom <= 228 for _left, bottom, _right, top in address)
