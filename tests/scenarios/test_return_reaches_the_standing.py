"""From the processor's news of a return to the door of the product: invoice, books, automatic payment and standing."""

from datetime import timedelta

from comptoir.access.models import StandingChange
from comptoir.access.queries import standings_of
from comptoir.ledger.models import Posting
from comptoir.payments.models import Authorisation, Payment, WebhookEvent
from comptoir.payments.queries import pays_by
from tests.factories import issue_invoices
from tests.running import Site
from tests.scenarios.test_debit_that_comes_back import (
    COMES_BACK,
    DUE,
    ISSUED,
    RETURNED,
    Owner,
    make_vendor_and_owner,
    open_and_in_flight,
)

NOT_AUTHORISED_LATER = "000555555559"
THE_NIGHT_AFTER = DUE + timedelta(days=29)


def owed_minor(anna: Owner) -> int:
    """What the ledger says that Arches owes."""
    owed = Posting.objects.filter(company=anna.company, account__code="receivable")
    return sum(owed.values_list("amount_minor", flat=True))


def state_of_access(anna: Owner) -> str:
    """Whether Arches may use what it takes; nothing decided is good."""
    return next((row.state for row in standings_of(anna.company.id)), "good")


def test_a_return_reopens_the_invoice_ends_autopay_and_takes_access_and_a_second_one_takes_it_again(site: Site) -> None:
    northwind, anna = make_vendor_and_owner(site)
    anna.log_in()
    anna.save_bank_account(NOT_AUTHORISED_LATER)
    (october,) = issue_invoices(vendor=northwind, issue_date=ISSUED)
    site.live_until(DUE, vendor=northwind)
    assert (open_and_in_flight(october), pays_by(anna.company.id)) == ((9_900, 9_900), "autopay")

    site.live_until(RETURNED, vendor=northwind)
    assert WebhookEvent.objects.filter(kind="charge.dispute.created").exists()
    payment = Payment.objects.get(company=anna.company)
    assert (payment.status, payment.failure_code) == ("returned", "R29")
    assert payment.succeeded_at is not None, "it had arrived before"
    assert (open_and_in_flight(october), owed_minor(anna), pays_by(anna.company.id)) == ((9_900, 0), 9_900, "check")
    consent = Authorisation.objects.get(company=anna.company)
    assert (consent.ended_at is not None, "R29" in consent.ended_reason) == (True, True)
    assert state_of_access(anna) != "suspended", "not before its reminders were given"

    site.live_until(THE_NIGHT_AFTER, vendor=northwind)
    assert state_of_access(anna) == "suspended"

    anna.pay(COMES_BACK, way="us_bank_account")
    assert anna.last_payment() == "processing"
    assert (open_and_in_flight(october), state_of_access(anna)) == ((9_900, 9_900), "good")
    site.live_until(THE_NIGHT_AFTER + timedelta(days=14), vendor=northwind)
    assert anna.last_payment() == "returned"
    assert (open_and_in_flight(october), owed_minor(anna)) == ((9_900, 0), 9_900)
    assert state_of_access(anna) == "suspended", "its notice was given long ago"
    went = StandingChange.objects.filter(company=anna.company).order_by("id").values_list("state", flat=True)
    assert [state for state in went if state != "warned"] == ["suspended", "good", "suspended"]
