"""Every kind of news can be told, in every language, to every kind of mail program."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

import comptoir.notices
from comptoir.notices.composing import Mail, compose
from comptoir.notices.sample_facts import VENDOR
from comptoir.notices.samples import NEWS, sample_news

MISSING = "A FACT IS MISSING"


@pytest.fixture
def _missing_facts_show(settings: Any) -> None:
    """Let a fact that a template asks for and nobody gave be seen."""
    templates = settings.TEMPLATES[0]
    options = {**templates["OPTIONS"], "string_if_invalid": f"{MISSING}: %s"}
    settings.TEMPLATES = [{**templates, "OPTIONS": options}]


def told(what: str, *, language: str = "en") -> Mail:
    name, facts = sample_news(what, vendor=VENDOR, language=language)
    return compose(name=name, vendor=VENDOR, language=language, facts=facts)


@pytest.mark.usefixtures("_missing_facts_show")
@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("what", NEWS)
def test_each_news_has_a_subject_a_text_and_a_page(what: str, language: str) -> None:
    mail = told(what, language=language)

    assert mail.subject
    assert "\n" not in mail.subject
    assert f'<html lang="{language}">' in mail.html
    assert "Bistro & Co Software" in mail.text
    assert MISSING not in mail.subject + mail.text + mail.html


@pytest.mark.parametrize("what", NEWS)
def test_a_text_has_the_colons_of_its_language_and_no_holes(what: str) -> None:
    mail = told(what, language="fr")

    assert not re.search(r"\w:(\s|$)", mail.subject + "\n" + mail.text, re.MULTILINE)
    assert "\n\n\n" not in mail.text


@pytest.mark.parametrize("what", NEWS)
def test_names_are_text_in_the_text_and_harmless_in_the_page(what: str) -> None:
    mail = told(what)

    assert "&amp;" not in mail.subject + mail.text
    assert "Bistro &amp; Co Software" in mail.html
    assert "& Co" not in mail.html


def test_what_a_customer_is_called_cannot_become_markup() -> None:
    name, facts = sample_news("receipt", vendor=VENDOR, language="en")
    mail = compose(name=name, vendor=VENDOR, language="en", facts={**facts, "company": "<script>alert(1)</script>"})

    assert "<script>" not in mail.html


def test_an_invoice_on_autopay_says_when_and_from_what_and_asks_for_nothing() -> None:
    mail = told("invoice-on-autopay")

    assert mail.subject == "Invoice BIS-000123: $679.81, collected on Oct 1, 2020"
    assert "collect it automatically on Oct 1, 2020 from Example Bank ••6789" in mail.text
    assert "check" not in mail.text
    assert "Pay online" not in mail.html


def test_an_invoice_by_check_carries_the_slips_line_and_the_address() -> None:
    mail = told("invoice-by-check")

    for words in (mail.text, mail.html):
        assert "0001 00000482 0000000123 000000067981 96" in words
        assert "Springfield, CA 90000" in words


def test_an_invoice_of_nothing_asks_for_nothing() -> None:
    mail = told("invoice-of-nothing")

    assert mail.subject == "Invoice BIS-000123: nothing to pay"
    assert "Pay online" not in mail.text


def test_a_returned_payment_says_why_that_it_is_open_again_and_what_to_do() -> None:
    mail = told("returned-payment")

    for sentence in ("your bank returned it", "open again", "not enough money", "pay in another way"):
        assert sentence in mail.text
        assert sentence in mail.html


def test_the_letter_says_all_that_an_owner_must_know() -> None:
    mail = told("letter")

    for words in (mail.text, mail.html):
        for needed in (
            "October 2020",
            "Sep 30, 2020",
            "https://billing.example/",
            "Forgot password?",
            "sam@fishandchips.example",
            "cannot be carried over",
            "paying by check",
            "due in advance",
            "lose access",
        ):
            assert needed in words, needed


def test_every_link_leads_to_the_platform() -> None:
    for what in NEWS:
        for part in told(what).html.split('href="')[1:]:
            assert part.startswith("https://billing.example/"), what
            assert "color:" in part.split(">")[0], what  # programs' own blue is hard to read in the dark


def test_no_kind_of_news_is_left_out_of_these_tests() -> None:
    templates = Path(comptoir.notices.__file__).parent / "templates" / "notices"
    kinds = {folder.name for folder in templates.iterdir() if folder.is_dir()} - {"parts"}

    assert kinds == {news.folder for news in NEWS.values()}
