"""Card and bank numbers are found however people write them, and what only looks like one is left alone."""

import sys
from itertools import count, pairwise
from types import FrameType

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
        "4242 4242 4242 4242 12/27",
        "4242424242424242 12/27",
        "4242 4242 4242 4242 123",
        "5555 5555 5555 4444 08/28",
        "3782 822463 10005 12/27 1234",
        "3 4242 4242 4242 4242",
        "12/27 - 4242424242424242",
        "4242 - 4242 - 4242 - 4242",
        "4242  4242  4242  4242",
        "4242\u20094242\u20094242\u20094242",
        "4242/4242/4242/4242",
        "4242_4242_4242_4242",
        "4242,4242,4242,4242",
        "4242\u200b4242\u200b4242\u200b4242",
        "4242\r\n4242\r\n4242\r\n4242\r\n1227\r\n1234",
        "Bitte von der 4242 4242\n4242 4242 abbuchen",
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
        "110000000 12345678",
        "12345678 110000000",
    ],
)
def test_a_routing_number_beside_an_account(text: str) -> None:
    assert kinds(text) == ["bank", "bank"]


@pytest.mark.parametrize(
    "text",
    [
        "FR14 2004 1010 0505 0001 3M02 606",
        "iban de89370400440532013000.",
        "FR1420041010050500013M02606 BIC PSSTFRPPXXX",
        "FR14 2004 1010 0505 0001 3M02 606 au nom de Martin",
        "DE89-3704-0044-0532-0130-00 by 12/27",
        "GB29\nNWBK\n6016\n1331\n9268\n19\nthanks",
    ],
)
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
        "412-555-0142 / 412-555-0177, 06 12 34 56 78 / 05 56 78 90 12",
        "Shipped as 9400 1000 0000 0000 0000 00, 1Z999AA10123456784 and 6129 9999 1234.",
        "2020-10-01 - 2020-10-31; 20201001 - 20201031 - 20201130; 01/11/2020 01/12/2020",
        "We paid 4,250.00 5,100.00 2,400.00 and 3,900.00 on 4/5/2020 4/6/2020.",
        "Invoices 40012345 40012346 and 40012347, 41001, 41002, 41003",
        "These are sold:\n" + "\n".join(str(number) for number in range(4001, 4061)),
        "4242, 4242, 4242, 4242",  # a list of stores
    ],
)
def test_what_only_looks_like_one(text: str) -> None:
    assert kinds(text) == []


def test_masked_keeps_the_last_four_digits_and_all_other_words() -> None:
    text = "Card 4242 4242 4242 4242 or account 000123456789 at 110000000, thanks."
    assert masked(text) == "Card •••• •••• •••• 4242 or account ••••••••6789 at •••••0000, thanks."
    assert find_account_numbers(masked(text)) == []


def test_a_number_beside_another_hides_it_no_better() -> None:
    assert masked("5555 4242 4242 4242 4242 12/27") == "5555 •••• •••• •••• 4242 12/27"
    assert masked("4242 4242 4242 4242 5555 5555 5555 4444") == "•••• •••• •••• 4242 •••• •••• •••• 4444"
    once_more = "4242 4242 4242 4242 222222220"
    assert kinds("4242 222222220") == ["card"]
    assert kinds(masked(once_more)) == [], "what is shown again can be sent"


def _each_found_after_the_last(groups: int) -> str:
    """A card, then groups that look like one only behind the four digits that masking leaves of what precedes them."""
    written = ["9", "4242 4242 4242 4242"]
    for number in count(1):
        if len(written) == groups:
            break
        group = f"{number * 7919 % 10**5:05}4{number * 613 % 10**3:03}"
        before, last = written[-2:]
        if kinds(f"{last[-4:]} {group}") == ["card"] and kinds(f"{before} {last} {group}") == kinds(f"{before} {last}"):
            written.append(group)
    return " ".join(written)


def _calls_of_masking(text: str) -> int:
    calls = 0

    def count(_frame: FrameType, event: str, _what: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        masked(text)
    finally:
        sys.setprofile(None)
    return calls


def test_the_work_grows_as_the_text_does() -> None:
    chain = _each_found_after_the_last(80)
    shorter = chain[: len(chain) // 4]
    assert _calls_of_masking(chain) < 6 * _calls_of_masking(shorter)
    assert kinds(masked(chain)) == []
    assert _calls_of_masking("1 " * 4000) < 6 * _calls_of_masking("1 " * 1000)


def _with_check_digit(stem: str) -> str:
    return next(stem + digit for digit in "0123456789" if kinds(stem + digit) == ["card"])


@given(
    before=st.text(max_size=30),
    after=st.text(max_size=30),
    stem=st.integers(min_value=4 * 10**14, max_value=6 * 10**14 - 1),
)
def test_no_card_survives_among_any_words(before: str, after: str, stem: int) -> None:
    card = _with_check_digit(str(stem))
    assert card not in masked(f"{before} {card} {after}")


@given(
    before=st.text("0123456789", max_size=20),
    after=st.text("0123456789", max_size=20),
    gap=st.sampled_from([" ", "  ", "/", " - ", "\n"]),
    sign=st.sampled_from(["", " ", "  ", "-", " - ", "/", ".", "_", "\u2009", "\n", "\r\n", " \n "]),
    stem=st.one_of(
        st.integers(min_value=4 * 10**14, max_value=6 * 10**14 - 1),
        st.integers(min_value=34 * 10**12, max_value=35 * 10**12 - 1),
    ),
)
def test_no_card_survives_beside_any_digits(before: str, after: str, gap: str, sign: str, stem: int) -> None:
    card = _with_check_digit(str(stem))
    cuts = (0, 4, 10, 15) if len(card) == 15 else (0, 4, 8, 12, 16)
    written = sign.join(card[starts:ends] for starts, ends in pairwise(cuts))
    starts = len(before + gap)
    found = find_account_numbers(f"{before}{gap}{written}{gap}{after}")
    assert any(one.starts <= starts and starts + len(written) <= one.ends for one in found)
