"""A check's slip comes back from the bank as the line of digits that we printed, or is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.payments.scan_line import ScanLine, UnreadableScanLine, read_scan_line, write_scan_line

LINE = ScanLine(vendor_number=7, company_number=10_482, invoice_number=123, amount_minor=87_250)
PRINTED = write_scan_line(LINE)


def test_the_line_is_digits_in_groups_that_a_clerk_can_type() -> None:
    assert PRINTED.startswith("0007 00010482 0000000123 000000087250 ")
    assert len(PRINTED.replace(" ", "")) == 36


@pytest.mark.parametrize("line", [PRINTED, PRINTED.replace(" ", ""), f"  {PRINTED}\n"])
def test_the_reader_s_spaces_do_not_matter(line: str) -> None:
    assert read_scan_line(line) == LINE


@given(
    vendor=st.integers(0, 10**4 - 1),
    company=st.integers(0, 10**8 - 1),
    invoice=st.integers(0, 10**10 - 1),
    amount_minor=st.integers(0, 10**12 - 1),
)
def test_what_was_written_is_read_again(vendor: int, company: int, invoice: int, amount_minor: int) -> None:
    line = ScanLine(vendor_number=vendor, company_number=company, invoice_number=invoice, amount_minor=amount_minor)

    assert read_scan_line(write_scan_line(line)) == line


def test_the_check_digits_are_those_of_the_standard() -> None:
    # ISO 7064 MOD 97-10: 794 has the check digits 44, with or without zeros before it.
    line = ScanLine(vendor_number=0, company_number=0, invoice_number=0, amount_minor=794)

    assert write_scan_line(line).endswith("000000000794 44")


def test_every_misread_digit_is_found() -> None:
    digits = PRINTED.replace(" ", "")

    for place, digit in enumerate(digits):
        for other in set("0123456789") - {digit}:
            with pytest.raises(UnreadableScanLine):
                read_scan_line(digits[:place] + other + digits[place + 1 :])


def test_every_swap_of_neighbours_is_found() -> None:
    digits = PRINTED.replace(" ", "")

    for place in range(len(digits) - 1):
        first, second = digits[place : place + 2]
        if first != second:
            with pytest.raises(UnreadableScanLine):
                read_scan_line(digits[:place] + second + first + digits[place + 2 :])


@pytest.mark.parametrize("text", ["", "0007", PRINTED + "0", PRINTED.replace("0", "O"), PRINTED.replace("1", "١")])
def test_what_is_no_scan_line_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(UnreadableScanLine, match="match the check by hand"):
        read_scan_line(text)


def test_a_number_too_long_for_its_place_is_never_cut() -> None:
    with pytest.raises(ValueError, match="does not fit the 12 digits"):
        ScanLine(vendor_number=7, company_number=1, invoice_number=1, amount_minor=10**12)
