"""Names on checks: two spellings of one payer are one."""

import pytest

from comptoir.payments.checks.lines import payer_of, remittance_of
from comptoir.payments.checks.names import fold_name
from comptoir.payments.scan_line import ScanLine, write_scan_line


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Verdi Holdings, LLC", "VERDI HOLDINGS L.L.C."),
        ("Chez Lucie Inc.", "chez lucie"),
        ("Café du Coin", "CAFE DU COIN"),
        ("The Burger Company", "Burger Co"),
        ("O'Neil & Sons", "ONEIL  SONS"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize("name", ["The Company", "LLC", "Co"])
def test_a_name_of_legal_forms_alone_stays(name: str) -> None:
    assert fold_name(name) == name.casefold()


def test_what_is_ours_is_told_from_the_name_and_from_account_numbers() -> None:
    line = write_scan_line(ScanLine(vendor_number=1, company_number=2, invoice_number=3, amount_minor=4))
    text = f"ARCHES BURGERS {line} NOR-000123 021000021 000123456789"
    assert payer_of(text) == "ARCHES BURGERS"
    assert remittance_of(text) == f"{line} / NOR-000123"
