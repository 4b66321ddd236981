"""The papers of the gallery are what customers get, in their language, each on one page."""

from dataclasses import replace

import pytest
from django.conf import settings

from comptoir.documents.rendering import render
from comptoir.notices.sample_facts import VENDOR
from comptoir.notices.sample_papers import PAPERS, sample_document
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
