"""The papers of the gallery are what customers get, in their language, each on one page."""

from dataclasses import replace

import pytest
from django.conf import settings

from comptoir.documents.data import ReminderDocument
from comptoir.documents.rendering import render
from comptoir.kit.money import format_money
from comptoir.notices.sample_facts import AMOUNT_MINOR, VENDOR, slip_of
from comptoir.notices.sample_papers import PAPERS, sample_document
from comptoir.payments.scan_line import read_scan_line
from comptoir.tenancy.legal_ids import LegalIds
from comptoir.tenancy.queries import VendorRow
from tests.unit.documents.reading import misplaced, pages_of

FRENCH = LegalIds(country="FR", registration_scheme="0002", registration_number="732829320", vat_id="FR44732829320")


@pytest.mark.parametrize("vendor", [VENDOR, replace(VENDOR, ids=FRENCH, currency="EUR")], ids=["us", "fr"])
@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_each_paper_of_the_common_case_is_one_page_on_which_nothing_covers_anything(
    vendor: VendorRow, language: str
) -> None:
    for what in PAPERS:
        pdf = render(sample_document(what, vendor=vendor, language=language))

        assert len(pages_of(pdf)) == 1, what
        assert what == "paper-sample" or misplaced(pdf) == [], what  # over a sample lies its watermark


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_the_papers_tell_of_one_invoice_and_its_slip_is_read_back(language: str) -> None:
    owed = format_money(amount_minor=AMOUNT_MINOR, currency="USD", language=language).replace("\N{NO-BREAK SPACE}", " ")
    for what in ("paper-invoice-by-check", "paper-slip", "paper-reminder", "paper-statement"):
        (words,) = pages_of(render(sample_document(what, vendor=VENDOR, language=language)))
        assert owed in words, what
    reminder = sample_document("paper-reminder", vendor=VENDOR, language=language)
    assert isinstance(reminder, ReminderDocument)
    assert owed in reminder.subject.replace("\N{NO-BREAK SPACE}", " ")

    assert read_scan_line(slip_of(VENDOR).scan_line).amount_minor == AMOUNT_MINOR
