"""A vendor's one colour, turned into tokens that stay readable on every page.

Contrast is WCAG 2.2's: 4.5 for text, 3 for the edge of a control.
"""

import re
from dataclasses import dataclass

DEFAULT_COLOUR = "#0b5d5b"

WHITE = (255, 255, 255)
INK = (20, 22, 27)
LIGHT_PAGE, LIGHT_SURFACE = (246, 247, 248), WHITE
DARK_PAGE, DARK_SURFACE = (15, 17, 21), (24, 27, 33)

TEXT_CONTRAST = 4.5
EDGE_CONTRAST = 3.0
STEP = 0.02

Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class BrandTokens:
    """One scheme's tokens, each as `#rrggbb`."""

    fill: str
    fill_hover: str
    on_fill: str
    edge: str
    text: str
    soft: str


def stylesheet(*, colour: str) -> str:
    """Return the small stylesheet that gives a page a vendor's colour, in light and in dark.

    `colour` is `#rrggbb`. Raises ValueError for anything else.
    """
    light = _declarations(tokens(colour=colour, dark=False))
    dark = _declarations(tokens(colour=colour, dark=True))
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


def tokens(*, colour: str, dark: bool) -> BrandTokens:
    """Return the tokens of a vendor's colour for one scheme; text on them is always readable."""
    fill = _with_readable_label(parse(colour))
    page, surface, away = (DARK_PAGE, DARK_SURFACE, WHITE) if dark else (LIGHT_PAGE, LIGHT_SURFACE, INK)
    soft = _mix(surface, fill, 0.16 if dark else 0.08)
    on_fill = WHITE if contrast(WHITE, fill) >= TEXT_CONTRAST else INK
    # Away from the text on it, so that hovering never costs contrast.
    hover = _mix(fill, INK if on_fill == WHITE else WHITE, 0.14)
    return BrandTokens(
        fill=_hex(fill),
        fill_hover=_hex(hover),
        on_fill=_hex(on_fill),
        edge=_hex(_until(fill, away, (page, surface), EDGE_CONTRAST)),
        text=_hex(_until(fill, away, (page, surface, soft), TEXT_CONTRAST)),
        soft=_hex(soft),
    )


def contrast_on_white(colour: str) -> float:
    """Return how far a colour stands out from white, from 1 to 21. Raises ValueError for anything but `#rrggbb`."""
    return contrast(parse(colour), WHITE)


def nearest_visible(colour: str) -> str:
    """Return the nearest colour that a control can have on a light page."""
    return _hex(_until(parse(colour), INK, (LIGHT_PAGE, WHITE), EDGE_CONTRAST))


def parse(colour: str) -> Rgb:
    """Return the three channels of `#rrggbb`. Raises ValueError for anything else."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError(f"A colour is written #rrggbb, not {colour!r}.")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the WCAG contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _with_readable_label(fill: Rgb) -> Rgb:
    """The colour itself, or for a few middle tones, the nearest that white can be read on."""
    if contrast(INK, fill) >= TEXT_CONTRAST:
        return fill
    return _until(fill, INK, (WHITE,), TEXT_CONTRAST)


def _until(colour: Rgb, away: Rgb, grounds: tuple[Rgb, ...], ratio: float) -> Rgb:
    """The nearest colour on the way from `colour` to `away` that stands out from every ground."""
    share, candidate = 0.0, colour
    while min(contrast(candidate, ground) for ground in grounds) < ratio and share < 1:
        share += STEP
        candidate = _mix(colour, away, share)
    return candidate


def _mix(colour: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * min(share, 1.0)) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def _luminance(colour: Rgb) -> float:
    red, green, blue = (c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _declarations(scheme: BrandTokens) -> str:
    return (
        f"--brand:{scheme.fill};--brand-hover:{scheme.fill_hover};--on-brand:{scheme.on_fill};"
        f"--brand-edge:{scheme.edge};--brand-text:{scheme.text};--brand-soft:{scheme.soft}"
    )
