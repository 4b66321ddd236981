"""The fonts documents are set in, all from locked packages, and which characters they can print."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import fontpkg_ibm_plex_sans
import fontpkg_noto_sans_arabic
import noto_cjk_sans_jp_regular
import pylopdf_fonts_he
from fontTools.ttLib import TTFont

# In the order in which a character is looked for; the layouts name the same families.
FONT_FILES: tuple[Path, ...] = (
    fontpkg_ibm_plex_sans.ROOT / "files" / "IBMPlexSans[wdth,wght].ttf",
    fontpkg_noto_sans_arabic.ROOT / "files" / "NotoSansArabic[wdth,wght].ttf",
    Path(pylopdf_fonts_he.sans_path()),
    Path(str(noto_cjk_sans_jp_regular.FONT_PATH)),
)

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
BREAK_HERE = "\N{ZERO WIDTH SPACE}"
PLAIN_SPACES = re.compile(r"[ \t\r\n\f\v]+")  # not the no-break spaces inside amounts
LONG_WORD = re.compile(r"\S{25,}")
BREAK_EVERY = 8
NO_AMOUNT = re.compile(r"[^\W\d]|\d{5}")  # a letter, or digits in no groups


class Verbatim(str):
    """Text that is no prose (an address of the web, an image, a scan line) and is taken as it stands."""

    __slots__ = ()


def printable(text: str, *, main_font_only: bool = False) -> str:
    """Return the text as the fonts can print it, with chances to break very long words.

    What no font has is shown as a replacement character, since an archival PDF may not hold unknown glyphs.
    With `main_font_only` all but the main font's Latin, Greek and Cyrillic is replaced.
    """
    return text if isinstance(text, Verbatim) else _printed(text, main_font_only=main_font_only)


@lru_cache(maxsize=4096)  # a layout's words, a vendor's name and address come with every document
def _printed(text: str, *, main_font_only: bool) -> str:
    composed = PLAIN_SPACES.sub(" ", unicodedata.normalize("NFC", text))
    if not composed.isascii() or not composed.isprintable():
        fonts = FONT_FILES[:1] if main_font_only else FONT_FILES
        composed = composed.translate({ord(char): _shown(char, fonts) for char in set(composed)})
    return LONG_WORD.sub(_with_breaks, composed)


def _shown(char: str, fonts: tuple[Path, ...]) -> str:
    category = unicodedata.category(char)
    if category in {"Cc", "Cf"} and char not in JOINERS:
        return ""  # direction overrides in a name would turn the rest of the line around
    if any(ord(char) in covered_by(font) for font in fonts) and category != "Co":
        return char
    if category == "Zs":
        return " "
    return "" if category in {"Cf", "Mn", "Me"} else REPLACEMENT


@lru_cache(maxsize=len(FONT_FILES))
def covered_by(font: Path) -> frozenset[int]:
    """Return the code points for which a font file has a glyph."""
    with TTFont(font, lazy=True) as opened:
        return frozenset(opened.getBestCmap())


def _with_breaks(word: re.Match[str]) -> str:
    characters = word.group()
    if not NO_AMOUNT.search(characters):
        return characters  # it stays on its line
    return BREAK_HERE.join(characters[start : start + BREAK_EVERY] for start in range(0, len(characters), BREAK_EVERY))
