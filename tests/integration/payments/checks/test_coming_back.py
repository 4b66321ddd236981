"""Checks that bounce, and checks that were applied to the wrong company."""

from django.db import transaction

from comptoir.invoicing.models import Allocation, CompanyCredit
from comptoir.ledger.queries import trial_balance
from comptoir.payments.checks.deciding import apply_check
from comptoir.payments.checks.deposits import TypedCheck
from comptoir.payments.models import CheckDecision, Payment
from tests.factories import TODAY
from tests.running import work

from .conftest import Counter


def balance(counter: Counter, code: str) -> int:
    """Return what an account stands at, debits above zero."""
    return sum(row.amount_minor for row in trial_balance(vendor_id=counter.vendor.id, on=TODAY) if row.code == code)


def test_a_bounced_check_reopens_its_invoice_and_says_so(counter: Counter, mailoutbox: list[object]) -> None:
    line = counter.scan_line(counter.invoice(counter.arches))
    (check,) = counter.receive(TypedCheck(amount_minor=9_900, number="1041", remittance=line))
    assert (balance(counter, "bank"), balance(counter, "suspense")) == (9_900, 0)

    counter.bounce(check)

    assert (check.status, check.returned_on, counter.open_minor(counter.arches)) == ("returned", TODAY, [9_900])
    assert balance(counter, "bank") == 0
    payment = Payment.objects.get(id=check.payment_id)
    assert (payment.status, payment.failure_code) == ("returned", "check_returned")
    assert sum(Allocation.objects.values_list("amount_minor", flat=True)) == 0
    said = mailoutbox[-1]
    assert said.to == ["books@arches.example"]
    assert "The bank sent the check back unpaid." in said.body


def test_what_a_bounced_check_left_as_credit_is_gone(counter: Counter) -> None:
    line = counter.scan_line(counter.invoice(counter.arches))
    (check,) = counter.receive(TypedCheck(amount_minor=12_000, number="1041", remittance=line))
    counter.bounce(check)
    assert CompanyCredit.objects.get(company=counter.arches).balance_minor == 0


def test_a_check_bounces_out_of_suspense(counter: Counter) -> None:
    (check,) = counter.receive(TypedCheck(amount_minor=500, payer="J. Doe"))
    assert (balance(counter, "bank"), balance(counter, "suspense")) == (500, -500)
    counter.bounce(check)
    assert (check.status, balance(counter, "bank"), balance(counter, "suspense")) == ("returned", 0, 0)


def test_a_check_is_taken_off_the_wrong_company_and_given_to_the_right_one(counter: Counter) -> None:
    (check,) = counter.receive(TypedCheck(amount_minor=900, payer="J. Doe"))
    counter.decide(check, counter.arches, {counter.invoice(counter.arches): 900})

    counter.take_off(check)
    assert (check.status, counter.open_minor(counter.arches), balance(counter, "suspense")) == (
        "waiting", [9_900], -900,
    )  # fmt: skip

    counter.decide(check, counter.bistro, {counter.invoice(counter.bistro): 900})
    assert (check.status, counter.open_minor(counter.bistro), balance(counter, "suspense")) == ("applied", [4_000], 0)


def test_what_was_paid_meanwhile_is_said_and_the_check_goes_on_waiting(counter: Counter) -> None:
    invoice = counter.invoice(counter.arches)
    slow, other = counter.receive(
        TypedCheck(amount_minor=9_900, payer="J. Doe"), TypedCheck(amount_minor=9_900, payer="K. Roe")
    )
    for check in (other, slow):
        with transaction.atomic():
            apply_check(
                vendor_id=counter.vendor.id,
                public_id=check.public_id,
                company=counter.arches.public_id,
                amounts={invoice.public_id: 9_900},
                actor=counter.nora,
                today=TODAY,
            )
    work()

    slow.refresh_from_db()
    assert slow.status == "waiting"
    refused = CheckDecision.objects.get(received=slow)
    assert (refused.status, "is paid already" in refused.outcome) == ("refused", True)
