"""Whatever colour a vendor brings, a page stays readable."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import comptoir.look
from comptoir.look import brand

LOOK_CSS = (Path(comptoir.look.__file__).parent / "static/look/look.css").read_text()
LIGHT_CSS, DARK_CSS = re.findall(r":root \{(.*?)\}", LOOK_CSS, flags=re.DOTALL)[:2]

any_colour = st.tuples(*[st.integers(0, 255)] * 3).map(lambda rgb: "#{:02x}{:02x}{:02x}".format(*rgb))


def declared(css: str) -> dict[str, str]:
    """The colours that a block of the stylesheet declares, by token."""
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", css))


def ratio(one: str, other: str) -> float:
    return brand.contrast(brand.parse(one), brand.parse(other))


@pytest.mark.parametrize("dark", [False, True])
@example(colour="#ffffff")
@example(colour="#000000")
@example(colour="#787878")
@given(colour=any_colour)
def test_text_and_controls_stand_out_in_any_colour(colour: str, dark: bool) -> None:
    scheme = brand.tokens(colour=colour, dark=dark)
    grounds = declared(DARK_CSS if dark else LIGHT_CSS)

    assert ratio(scheme.on_fill, scheme.fill) >= 4.5
    assert ratio(scheme.on_fill, scheme.fill_hover) >= 4.5
    for ground in (grounds["page"], grounds["surface"], scheme.soft):
        assert ratio(scheme.text, ground) >= 4.5
    for ground in (grounds["page"], grounds["surface"]):
        assert ratio(scheme.edge, ground) >= 3


def test_a_colour_that_is_readable_already_is_left_alone() -> None:
    scheme = brand.tokens(colour="#c2410c", dark=True)

    assert (scheme.fill, scheme.edge) == ("#c2410c", "#c2410c")


@pytest.mark.parametrize("wrong", ["", "red", "#fff", "#12345g", "#123456;}body{display:none", "#123456\n"])
def test_nothing_but_a_colour_gets_into_a_stylesheet(wrong: str) -> None:
    with pytest.raises(ValueError, match="#rrggbb"):
        brand.stylesheet(colour=wrong)


@pytest.mark.parametrize(("css", "dark"), [(LIGHT_CSS, False), (DARK_CSS, True)])
def test_a_page_without_a_vendor_has_the_default_colours_tokens(css: str, dark: bool) -> None:
    ours, scheme = declared(css), brand.tokens(colour=brand.DEFAULT_COLOUR, dark=dark)

    assert [ours[f"brand{part}"] for part in ("", "-hover", "-edge", "-text", "-soft")] == [
        scheme.fill, scheme.fill_hover, scheme.edge, scheme.text, scheme.soft,
    ]  # fmt: skip
    assert ours["on-brand"] == scheme.on_fill


@pytest.mark.parametrize("css", [LIGHT_CSS, DARK_CSS])
def test_every_tone_and_quiet_text_is_readable_where_it_stands(css: str) -> None:
    ours = declared(css)

    for tone in ("success", "info", "warning", "danger"):
        for ground in (ours[f"{tone}-soft"], ours["surface"], ours["page"]):
            assert ratio(ours[tone], ground) >= 4.5, (tone, ground)
        assert ratio(ours["ink"], ours[f"{tone}-soft"]) >= 4.5
    for ground in ("page", "surface", "sunken"):
        assert ratio(ours["ink-soft"], ours[ground]) >= 4.5, ground
    assert ratio(ours["line-strong"], ours["surface"]) >= 3
