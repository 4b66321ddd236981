"""What counts towards the network's return rates, and as what: by its code, or by the processor's own word."""

from uuid import uuid4

import pytest

from comptoir.payments.models import Payment
from comptoir.payments.return_rates import return_rates
from comptoir.tenancy.models import Company
from tests.factories import NOW, TODAY, make_company, make_user, make_vendor
from tests.ways_to_pay import agree

pytestmark = pytest.mark.django_db

WORDS = {
    "unauthorised": "R05 R07 R10 R11 R29 debit_not_authorized",
    "administrative": "R02 R03 R04 account_closed bank_account_closed no_account invalid_account_number",
    "other": "R01 R09 R08 R16 R20 insufficient_funds could_not_process bank_account_restricted",
}


@pytest.mark.parametrize(("sort", "code"), [(sort, code) for sort, codes in WORDS.items() for code in codes.split()])
def test_a_return_counts_as_its_sort_by_code_or_by_the_processors_word(sort: str, code: str) -> None:
    company = make_company(vendor=make_vendor())
    refused_debit(company, code=code)
    found = {rate.name: rate.returns for rate in return_rates(company.vendor_id, on=TODAY).rates}
    assert found == {
        "unauthorised": int(sort == "unauthorised"),
        "administrative": int(sort == "administrative"),
        "overall": 1,
    }


@pytest.mark.parametrize(
    "code",
    ["bank_account_unusable", "payment_method_bank_account_blocked", "payment_intent_mandate_invalid", "refused"],
)
def test_what_the_processor_never_sent_is_no_debit_and_no_return(code: str) -> None:
    company = make_company(vendor=make_vendor())
    refused_debit(company, code=code)
    found = return_rates(company.vendor_id, on=TODAY)
    assert (found.debits, found.codes) == (0, ())
    refused_debit(company, code="a_word_of_tomorrow", was_sent=True)
    found = return_rates(company.vendor_id, on=TODAY)
    assert (found.debits, found.codes) == (1, (("a_word_of_tomorrow", 1),))


def refused_debit(company: Company, *, code: str, was_sent: bool = False) -> None:
    """A bank debit that was refused today."""
    payment = Payment.objects.create(
        company=company,
        origin="one_time",
        kind="us_bank_account",
        currency="USD",
        amount_minor=100,
        on_account_minor=100,
        confirmation=uuid4().hex[:9],
        initiated_on=TODAY,
        created_at=NOW,
    )
    agree(payment, by=make_user())
    this = Payment.objects.filter(id=payment.id)
    if was_sent:
        this.update(status="processing", processing_at=NOW)
    this.update(status="failed", failure_code=code, refused_on=TODAY, ended_at=NOW)
