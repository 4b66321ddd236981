"""The parts that every document has: its language, the vendor's head and foot, links and QR codes."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from typing import Any, Literal

import zxingcpp
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from comptoir.documents.data import Brand, Logo
from comptoir.documents.fonts import Verbatim

Content = dict[str, Any]
TypstImageFormat = Literal["png", "jpg"]

LOGO_FORMATS: dict[str, TypstImageFormat] = {
    "image/png": "png",
    "image/jpeg": "jpg",
}
LOGO_POINTS = (180, 36)  # the most of its width and of its height
RUNNING_TEXT = 160  # characters at the edge of every page; the first page has it all


def shared_content(*, brand: Brand, language: str, title: str) -> Content:
    """Return what `common.typ` needs of any document."""
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
    """Return the words at the head and foot of every page."""
    return {
        "page": _("Page {page} of {pages}"),
        "carried_over": _("Carried over:"),
        "carried_forward": _("Carried forward:"),
    }


def linked(url: str, *, alt: str, scanned: str = "") -> Content:
    """Return a web address as link, as text without its scheme, and as QR code.

    The code may lead further than the text: nobody has to type it.
    """
    shown = url.removeprefix("https://").removeprefix("http://").rstrip("/")
    return {"printed_urls": {url: shown}, "qr": {"svg": qr_svg(scanned or url), "alt": alt}}


@lru_cache(maxsize=64)
def qr_svg(text: str) -> Verbatim:
    """Return a QR code (error correction M, 15%) as SVG, in the white that readers need.

    Always under one mask: any can be read, and trying all eight takes four times as long.
    """
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M", data_mask=2)
    return Verbatim(code.to_svg())


def logo_file(logo: Logo) -> str:
    """Return the name of the file, beside the layouts, in which they find a logo."""
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


@lru_cache(maxsize=64)
def _logo(logo: Logo) -> Content:
    return {
        "file": Verbatim(logo_file(logo)),
        "format": Verbatim(LOGO_FORMATS[logo.media_type]),
        "width": _logo_width(logo),
    }


def _logo_width(logo: Logo) -> float:
    """Return how wide a logo is drawn, in points: as large as it may be. Of one that cannot be read, any width does."""
    try:
        width, height = Image.open(BytesIO(logo.data)).size
    except UnidentifiedImageError:
        return LOGO_POINTS[0]
    return min(LOGO_POINTS[0], LOGO_POINTS[1] * width / height)
