"""Card and bank numbers are found however people write them, and what only looks like one is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.kit.account_numbers import find_account_numbers, masked


def kinds(text: str) -> list[str]:
    return [found.kind for found in find_account_numbers(text)]


@pytest.mark.parametrize(
    "text",
    [
        "4242424242424242",
        "My card is 4242 4242 4242 4242, exp 12/27.",
        "4242-4242-4242-4242",
        "4242.4242.4242.4242",
        "4242\u00a04242\u202f4242\u00a04242",
        "amex 3782 822463 10005",
        "mastercard 2223003122003222",
        "thirteen 4222222222222",
        "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢",
    ],
)
def test_cards(text: str) -> None:
    assert kinds(text) == ["card"]


@pytest.mark.parametrize(
    "text",
    [
        "routing 110000000 account 000123456789",
        "Account: 000123456789\nRouting number: 110000000",
        "ABA 1100-0000-0, acct 12345678",
        "110000000 / 0001 2345 6789",
    ],
)
def test_a_routing_number_beside_an_account(text: str) -> None:
    assert kinds(text) == ["bank", "bank"]


@pytest.mark.parametrize("text", ["FR14 2004 1010 0505 0001 3M02 606", "iban de89370400440532013000."])
def test_ibans(text: str) -> None:
    assert kinds(text) == ["bank"]


@pytest.mark.parametrize(
    "text",
    [
        "Invoice NOR-000123 of 2020-10-01 over $1,234.50",
        "Call me at (555) 555-0142 or +1 555 555 0177.",
        "Store 1001-01, Pittsburgh, PA 15222-1234",
        "4242 4242 4242 4241",  # the check digit is wrong
        "routing 110000001 account 000123456789",  # so is this one's
        "Our routing number is 110000000.",  # printed on every check, and no use without an account
        "order 12345678901234567890123",  # longer than any card
        "SIREN 732829320, TVA FR44732829320",
    ],
)
def test_what_only_looks_like_one(text: str) -> None:
    assert kinds(text) == []


def test_masked_keeps_the_last_four_digits_and_all_other_words() -> None:
    text = "Card 4242 4242 4242 4242 or account 000123456789 at 110000000, thanks."
    assert masked(text) == "Card •••• •••• •••• 4242 or account ••••••••6789 at •••••0000, thanks."
    assert find_account_numbers(masked(text)) == []


@given(
    before=st.text(max_size=30),
    after=st.text(max_size=30),
    stem=st.integers(min_value=4 * 10**14, max_value=6 * 10**14),
)
def test_no_card_survives_among_any_words(before: str, after: str, stem: int) -> None:
    check = next(digit for digit in "0123456789" if kinds(f"{stem}{digit}") == ["card"])
    text = f"{before} {stem}{check} {after}"
    if not any(sign.isdigit() for sign in before[-1:] + after[:1]):
        assert f"{stem}{check}" not in masked(text)
