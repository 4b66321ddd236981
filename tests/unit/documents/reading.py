"""Reads a rendered PDF as a person would: its pages' words, and where they stand on the paper."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from itertools import combinations

import pikepdf
import pypdfium2
import zxingcpp

Box = tuple[float, float, float, float]  # left, bottom, right, top, in points


def pages_of(pdf: bytes) -> list[str]:
    """The words of each page, spaces and breaks made alike."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        texts = []
        for page in document:
            with closing(page), closing(page.get_textpage()) as text:
                words = text.get_text_bounded().replace("\u200b", "")
                texts.append(" ".join(unicodedata.normalize("NFC", words).split()))
        return texts


def pictures_on_first_page(pdf: bytes) -> list[Box]:
    """Where the pictures of the first page stand, to a whole point."""
    with closing(pypdfium2.PdfDocument(pdf)) as document, closing(document[0]) as page:
        pictures = page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])
        return [tuple(round(edge) for edge in picture.get_bounds()) for picture in pictures]


def misplaced(pdf: bytes) -> list[str]:
    """What leaves the paper's margins, and which pieces of text lie on one another."""
    faults = []
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        for number, page in enumerate(document, start=1):
            width, height = page.get_size()
            with closing(page), closing(page.get_textpage()) as text:
                boxes = [text.get_rect(index) for index in range(text.count_rects())]
            outside = [
                box for box in boxes if box[0] < 50 or box[2] > width - 50 or box[1] < 15 or box[3] > height - 15
            ]
            faults += [f"page {number}: {box} leaves the margins" for box in outside]
            faults += [
                f"page {number}: {one} covers {other}" for one, other in combinations(boxes, 2) if _cover(one, other)
            ]
    return faults


def _cover(one: Box, other: Box) -> bool:
    # The boxes of two lines of a paragraph may touch; two points both ways are one text upon another.
    across = min(one[2], other[2]) - max(one[0], other[0])
    upward = min(one[3], other[3]) - max(one[1], other[1])
    return across > 2 and upward > 2


def structure(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    """The elements of the tree by which the document is read aloud, in that order."""

    def below(part: pikepdf.Object) -> Iterator[pikepdf.Object]:
        if isinstance(part, pikepdf.Array):
            for each in part:
                yield from below(each)
        elif isinstance(part, pikepdf.Dictionary) and "/S" in part:
            yield part
            if "/K" in part:
                yield from below(part.K)

    return list(below(pdf.Root.StructTreeRoot.K))


def scanned(pdf: bytes) -> list[str]:
    """What a telephone reads of the codes on the first page."""
    with closing(pypdfium2.PdfDocument(pdf)) as document, closing(document[0]) as page:
        return [code.text for code in zxingcpp.read_barcodes(page.render(scale=2).to_pil().convert("L"))]


def colours_of_text(pdf: bytes, words: str) -> set[str]:
    """The colours, as #rrggbb, in which a text stands on the first page."""
    red, green, blue, alpha = (ctypes.c_uint() for _part in range(4))
    found = set()
    with (
        closing(pypdfium2.PdfDocument(pdf)) as document,
        closing(document[0]) as page,
        closing(page.get_textpage()) as text,
    ):
        for each in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT]):
            buffer = (ctypes.c_ushort * 512)()
            length = pypdfium2.raw.FPDFTextObj_GetText(each.raw, text.raw, buffer, 512)
            if words in bytes(buffer)[:length].decode("utf-16-le"):
                pypdfium2.raw.FPDFPageObj_GetFillColor(each.raw, red, green, blue, alpha)
                found.add(f"#{red.value:02x}{green.value:02x}{blue.value:02x}")
    return found
