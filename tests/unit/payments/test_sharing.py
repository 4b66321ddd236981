"""How an amount is shared out over invoices."""

from hypothesis import given
from hypothesis import strategies as st

from comptoir.payments.sharing import share_out


@given(st.integers(1, 10**9), st.lists(st.integers(1, 10**8), max_size=8))
def test_shares_add_up_and_no_invoice_gets_more_than_it_asks(amount: int, asked: list[int]) -> None:
    payable = list(enumerate(asked))
    shares = share_out(amount, payable=payable)
    assert sum(shares.amounts.values()) + shares.on_account_minor == amount
    assert all(0 < shares.amounts[key] <= asked[key] for key in shares.amounts)
    full = [shares.amounts.get(key, 0) == minor for key, minor in payable]
    assert full == sorted(full, reverse=True), "nothing goes to a later one while an earlier one is open"
