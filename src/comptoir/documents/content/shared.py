"""The parts that every document has: its language, the vendor's head and foot, links and QR codes."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256
from typing import Any, Literal

import qrcode
from django.utils.translation import gettext as _
from qrcode.util import BIT_LIMIT_TABLE, MODE_8BIT_BYTE, QRData, length_in_bits

from comptoir.documents.data import Brand, Logo
from comptoir.documents.fonts import Verbatim

Content = dict[str, Any]
TypstImageFormat = Literal["png", "jpg", "svg"]

LOGO_FORMATS: dict[str, TypstImageFormat] = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/svg+xml": "svg",
}
RUNNING_TEXT = 160  # characters at the edge of every page; the first page has it all
QR_MASK = 2
DARK_BAR = re.compile(rb"\x01+")
QR_MARGIN = 4  # modules of white that readers need around the code


def shared_content(*, brand: Brand, language: str, title: str) -> Content:
    """This function will return what `common.typ` needs of any document."""
    lang, _separator, region = language.replace("_", "-").partition("-")
    return {
        "title": title,
        "short_title": _shortened(f"{brand.name} · {title}"),
        "lang": Verbatim(lang),
        "region": Verbatim(region) if region else None,
        "brand": _brand(brand),
        "watermark": None,
        "qr": None,
        "printed_urls": {},
        "carries_over": False,
        "paged": False,
    }


def shared_words() -> Content:
    """This function will return the words at the head and foot of every page."""
    return {
        "page": _("Page {page} of {pages}"),
        "carried_over": _("Carried over:"),
        "carried_forward": _("Carried forward:"),
    }


def linked(url: str, *, alt: str, scanned: str = "") -> Content:
    """This function will return a web address as link, as text without its scheme, and as QR code.

    The code may lead further than the text: nobody has to type it.
    """
    shown = url.removeprefix("https://").removeprefix("http://").rstrip("/")
    return {"printed_urls": {url: shown}, "qr": {"svg": qr_svg(scanned or url), "alt": alt}}


@lru_cache(maxsize=64)
def qr_svg(text: str) -> Verbatim:
    """This function will return a QR code (error correction M, 15%) as SVG: one path, black on white.

    Trying what is smallest, and what is easiest on the eye, takes several times as long and shows in a bill run: so it
    is bytes in the first version that holds them, under one mask. Any can be read.
    """
    data = text.encode()
    limits = BIT_LIMIT_TABLE[qrcode.ERROR_CORRECT_M]
    version = next(v for v in range(1, 41) if 4 + length_in_bits(MODE_8BIT_BYTE, v) + 8 * len(data) <= limits[v])
    code = qrcode.QRCode(version, error_correction=qrcode.ERROR_CORRECT_M, border=QR_MARGIN, mask_pattern=QR_MASK)
    code.add_data(QRData(data, mode=MODE_8BIT_BYTE), optimize=0)
    code.make(fit=False)
    bars = "".join(
        f"M{QR_MARGIN + bar.start()},{row}h{bar.end() - bar.start()}v1H{QR_MARGIN + bar.start()}z"
        for row, modules in enumerate(code.modules, QR_MARGIN)
        for bar in DARK_BAR.finditer(bytes(map(bool, modules)))
    )
    size = len(code.modules) + 2 * QR_MARGIN
    return Verbatim(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{bars}"/></svg>'
    )


def logo_file(logo: Logo) -> str:
    """This function will return the name of the file, beside the layouts, in which they find a logo."""
    return f"{sha256(logo.data).hexdigest()}.logo"


def _shortened(text: str) -> str:
    return text if len(text) <= RUNNING_TEXT else f"{text[: RUNNING_TEXT - 1]}…"


def _brand(brand: Brand) -> Content:
    reachable = [part for part in (brand.email, brand.phone, brand.website) if part]
    known_by = " · ".join(f"{name} {number}" for name, number in brand.tax_ids)
    return {
        "name": brand.name,
        "legal_name": brand.legal_name,
        "colour": Verbatim(brand.colour),
        "paper": Verbatim(brand.paper),
        "lines": [*brand.address, *reachable, *([known_by] if known_by else [])],
        "contact": _shortened(" · ".join([brand.legal_name, *reachable])),
        "logo": _logo(brand.logo) if brand.logo else None,
    }


def _logo(logo: Logo) -> Content:
    return {"file": Verbatim(logo_file(logo)), "format": Verbatim(LOGO_FORMATS[logo.media_type])}
