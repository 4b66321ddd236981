"""Every test number of Stripe's, typed on the hosted page: what comes of it, for paying once and for saving."""

from datetime import date

import pytest

from comptoir.payments.models import Authorisation, PaymentMethod
from comptoir.payments.saving import start_saving

from .conftest import Shop
from .test_one_time import page_of, pay

# Routing 110000000. Number: how a payment stands a week later, the code that says why, what is open, and what a company
# is told.
BANK_ACCOUNTS = {
    "000123456789": ("succeeded", "", 0, ["payment_succeeded"]),
    "000111111113": ("failed", "R02", 14_800, ["payment_failed"]),
    "000111111116": ("failed", "R03", 14_800, ["payment_failed"]),
    "000222222227": ("failed", "R01", 14_800, ["payment_failed"]),
    "000333333335": ("failed", "R29", 14_800, ["payment_failed"]),
    "000555555559": ("returned", "R29", 14_800, ["payment_succeeded", "payment_returned"]),
    "000444444440": ("returned", "R01", 14_800, ["payment_succeeded", "payment_returned"]),
}
# Number: whether the page takes it to pay, and to save; how the payment stands.
CARDS = {
    "4242424242424242": (True, True, "succeeded"),
    "4000000000000002": (False, False, "action_required"),
    "4000000000009995": (False, False, "action_required"),
    "4000000000000069": (False, False, "action_required"),
    "4000000000000341": (False, True, "action_required"),
    "4000000000000259": (True, True, "disputed"),
}


@pytest.mark.parametrize(("number", "ends"), BANK_ACCOUNTS.items())
def test_an_e_check_ends_as_its_bank_says(shop: Shop, number: str, ends: tuple[str, str, int, list[str]]) -> None:
    assert shop.fill(page_of(pay(shop)), number).status == 303
    shop.settle()
    assert (shop.payment().status, shop.told()) == ("processing", []), "nothing is paid while the bank has it"
    shop.live_until(date(2020, 9, 30))
    status, code, open_minor, told = ends
    payment = shop.payment()
    assert (payment.status, payment.failure_code, shop.told()) == (status, code, told)
    assert shop.balances()[0] == (open_minor, 0)
    assert payment.entry_class == "CCD"
    assert not PaymentMethod.objects.exists()


@pytest.mark.parametrize(("number", "ends"), CARDS.items())
def test_a_card_pays_or_is_refused_on_the_page(shop: Shop, number: str, ends: tuple[bool, bool, str]) -> None:
    pays, saves, status = ends
    assert shop.fill(page_of(pay(shop, way="card")), number).status == (303 if pays else 422)
    shop.settle()
    assert shop.payment().status == status
    assert shop.balances()[0] == ((0, 0) if pays else (14_800, 14_800))

    url = start_saving(payer=shop.payer, kind="card", consent=shop.consent(kind="card"), pages=shop.pages)
    assert shop.fill(url, number).status == (303 if saves else 422)
    shop.settle()
    assert PaymentMethod.objects.count() == (1 if saves else 0)
    assert Authorisation.objects.get().text == shop.consent(kind="card").terms.text
