"""One-page invoices a second, beside WeasyPrint on the same content and fonts; and the memory of many of them."""

import itertools
import resource
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

from django.template import Context, Template
from django.utils import translation
from PIL import Image, ImageDraw

from comptoir.documents.content.invoice import invoice_content
from comptoir.documents.data import AutopayNote, Brand, CheckSlip, InvoiceDocument, Line, Logo, Party, TaxLine
from comptoir.documents.fonts import FONT_FILES
from comptoir.documents.rendering import render
from comptoir.tenancy.brand import kept_logo

from .forked import in_own_process

ROUNDS = 5
A_ROUND = 8  # documents of each kind
WARM = 1_000  # documents after which memory should grow no more
PRODUCTS = (("eRestaurant", 18_900), ("Xformity", 4_950), ("NetPOS", 12_500))


def _drawn_logo() -> bytes:
    """Draw a mark on a clear ground, kept as a vendor's logo is."""
    picture = Image.new("RGBA", (900, 200))
    ImageDraw.Draw(picture).rounded_rectangle((10, 10, 890, 190), 40, fill="#0f766e")
    drawn = BytesIO()
    picture.save(drawn, "PNG")
    return kept_logo(drawn.getvalue())


BRAND = Brand(
    name="Northwind",
    legal_name="Northwind Restaurant Systems, Inc.",
    address=("1200 Harbor Boulevard", "Austin, TX 78701"),
    colour="#0f766e",
    logo=Logo(data=_drawn_logo(), media_type="image/png"),
    email="billing@northwind.example",
    phone="+1 555 0100",
)
KINDS: Mapping[str, tuple[int, str, bool]] = {  # stores, language, by check
    "autopay": (1, "en", False),
    "check": (1, "en", True),
    "french": (1, "fr", True),
    "three_stores": (3, "en", True),
}

Figures = dict[str, float | int]


def run(*, documents: int) -> Figures:
    """Measure; return the figures. Each part has a process of its own, so that neither pays for the other's memory."""
    many = in_own_process(_many, documents=documents).result
    beside = in_own_process(_beside_weasyprint, rounds=ROUNDS).result
    return {"documents": documents, **many, **beside}


def _many(documents: int) -> Figures:
    """Render so many invoices of all kinds, no two alike, in a warm process."""
    made = _invoices()
    for _each in range(len(KINDS)):
        render(next(made)[1])
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    peak_when_warm = 0
    for number, (kind, document) in enumerate(itertools.islice(made, documents)):
        if number == WARM:
            peak_when_warm = _peak_kib()
        took[kind].append(_seconds(lambda document=document: render(document)))  # type: ignore[misc]
    peak = _peak_kib()
    return {
        "per_second": round(documents / sum(map(sum, took.values())), 1),
        **{f"{kind}_ms": round(median(seconds) * 1000, 1) for kind, seconds in took.items()},
        "peak_rss_mb": round(peak / 1024, 1),
        "growth_mb": round((peak - peak_when_warm) / 1024, 1) if documents > WARM else 0,
    }


def _beside_weasyprint(rounds: int) -> Figures:
    """Render the same invoices both ways, in turns; both are warm, reuse their fonts and write PDF/A-3a."""
    other = _weasyprint()
    made = _invoices()
    ours: list[float] = []
    theirs: list[float] = []
    for turn in range(rounds + 1):
        for _kind, document in itertools.islice(made, A_ROUND * len(KINDS)):
            own, peer = _seconds(lambda: render(document)), _seconds(lambda: other(document))  # noqa: B023
            if turn:  # the first round warms up
                ours.append(own)
                theirs.append(peer)
    return {
        "weasyprint_per_second": round(len(theirs) / sum(theirs), 1),
        "ratio_to_weasyprint": round(sum(theirs) / sum(ours), 1),
    }


def _weasyprint() -> Callable[[InvoiceDocument], bytes | None]:
    """Return what renders an invoice with WeasyPrint, a development dependency that needs Pango on the machine."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    layout = Template((Path(__file__).parent / "invoice.html").read_text())
    fonts = FontConfiguration()
    style = CSS(
        string=f'@font-face {{ font-family: "Plex"; src: url("{FONT_FILES[0].as_uri()}") }}',
        font_config=fonts,
    )
    look = CSS(filename=Path(__file__).parent / "invoice.css", font_config=fonts)

    def pdf(document: InvoiceDocument) -> bytes | None:
        with translation.override(document.language):
            page = layout.render(Context({"data": invoice_content(document), "logo": _logo_uri(document)}))
        made: bytes | None = HTML(string=page).write_pdf(
            stylesheets=[style, look], font_config=fonts, pdf_variant="pdf/a-3a", pdf_tags=True
        )
        return made

    return pdf


def _logo_uri(document: InvoiceDocument) -> str:
    logo = document.brand.logo
    return f"data:{logo.media_type};base64,{b64encode(logo.data).decode()}" if logo else ""


def _invoices() -> Iterator[tuple[str, InvoiceDocument]]:
    """Invent invoices without end, one kind after the other; each has a name, a number and amounts of its own."""
    for number in itertools.count(1):
        kind = tuple(KINDS)[number % len(KINDS)]
        stores, language, by_check = KINDS[kind]
        yield kind, _invoice(number, stores=stores, language=language, by_check=by_check)


def _invoice(number: int, *, stores: int, language: str, by_check: bool) -> InvoiceDocument:
    lines = tuple(
        Line(
            description=product,
            location=f"Store {number * 7 + store}",
            starts_on=date(2020, 10, 1),
            ends_on=date(2020, 11, 1),
            unit_minor=price + number,
            amount_minor=price + number,
        )
        for store in range(stores)
        for product, price in PRODUCTS
    )
    net = sum(line.amount_minor for line in lines)
    invoice = InvoiceDocument(
        kind="invoice",
        number=f"NOR-{number:06}",
        issued_on=date(2020, 9, 16),
        due_on=date(2020, 10, 1),
        brand=BRAND,
        bill_to=Party(
            name=f"Green Olive Foods {number} LLC",
            address=(f"{number} Market Street", "Round Rock, TX 78664"),
            number=f"C-{number:05}",
        ),
        lines=lines,
        subtotal_minor=net,
        taxes=(TaxLine(label="Texas sales tax 6.25%", amount_minor=net // 16),),
        total_minor=net + net // 16,
        currency="USD",
        language=language,
        payment=AutopayNote(method_label="Bank account ending in 6789", pays_on=date(2020, 10, 1)),
    )
    return replace(invoice, payment=_slip(number)) if by_check else invoice


def _slip(number: int) -> CheckSlip:
    return CheckSlip(
        scan_line=f"0007 {number:08} {number:010} 000000043625 94",
        payable_to=BRAND.legal_name,
        remit_address=("PO Box 660317", "Dallas, TX 75266-0317"),
        pay_url=f"https://pay.northwind.example/c/7d1f0c52-65b7-4a0c-9a3b-{number:012}/invoices/{number:036}/",
        portal_url="https://pay.northwind.example/",
    )


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
