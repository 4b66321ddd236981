"""What people write of money is kept without card and bank numbers, whichever page or program it comes from."""

from datetime import date

import pytest

from comptoir.identity.models import User
from comptoir.kit.safe_words import AccountNumberFound
from comptoir.payments.disputes.answering import submit_answer
from comptoir.payments.disputes.giving_in import give_in
from comptoir.payments.models import Dispute, DisputeAnswer, RefundRequest
from comptoir.payments.refunds.requesting import Why, refuse_refund, request_payment_refund
from comptoir.tenancy import doors

from .conftest import CARD, Shop
from .test_disputes import DISPUTED
from .test_refunds import ask_back, asker, max_, nora, pay

__all__ = ["max_", "nora"]

NUMBERS = ("It is 4242 4242 4242 4242, 12/27", "routing 110000000, account 000123456789")


@pytest.mark.parametrize("words", NUMBERS)
def test_a_refund_is_asked_for_and_turned_down_without_numbers(shop: Shop, nora: User, max_: User, words: str) -> None:
    payment = pay(shop, CARD)
    with pytest.raises(AccountNumberFound), doors.staff(user_id=nora.id, vendor_id=shop.vendor.id):
        request_payment_refund(
            payment.public_id,
            amount_minor=14_800,
            invoices=[shop.invoices[0].public_id],
            why=Why(reason="overpaid", explanation=words),
            asker=asker(shop, nora),
        )
    assert not RefundRequest.objects.exists()
    asked = ask_back(shop, payment, amount_minor=14_800, by=asker(shop, nora))
    with pytest.raises(AccountNumberFound), doors.staff(user_id=max_.id, vendor_id=shop.vendor.id):
        refuse_refund(asked.public_id, why=words, asker=asker(shop, max_, role="manager"))
    asked.refresh_from_db()
    assert (asked.status, asked.outcome) == ("requested", "")


@pytest.mark.parametrize("words", NUMBERS)
def test_a_dispute_is_answered_and_given_in_to_without_numbers(shop: Shop, max_: User, words: str) -> None:
    shop.save(DISPUTED)
    shop.autopay(date(2020, 10, 1))
    dispute = Dispute.objects.get()
    for say in (submit_answer, give_in):
        with pytest.raises(AccountNumberFound), doors.staff(user_id=max_.id, vendor_id=shop.vendor.id):
            say(dispute.public_id, text=words, asker=asker(shop, max_, role="manager"))
    assert not DisputeAnswer.objects.exists()
