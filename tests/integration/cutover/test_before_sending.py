"""What a wave's page says before it is sent: each thing to look at, of whom it is true and of nobody else."""

from collections.abc import Callable
from datetime import date

import pytest

from comptoir.catalog.models import Plan, Product
from comptoir.customers.models import Contact
from comptoir.cutover import planning
from comptoir.cutover.before_sending import BLOCKING, FindingKind, finding_words, planned_companies
from comptoir.cutover.errors import WaveRefused
from comptoir.cutover.waves import wave
from comptoir.mailer.models import MarkedAddress, Message
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.models import Company
from tests.factories import NOW, make_plan, make_subscription
from tests.integration.cutover.office import Office, a_payment_is_disputed, an_old_invoice_comes_in


def has_no_address(company: Company) -> None:
    Contact.objects.filter(company=company).delete()
    Company.objects.filter(id=company.id).update(address_lines=[])


def takes_what_has_no_price(company: Company) -> None:
    product = Product.objects.create(vendor=company.vendor, code="new", name="New")
    plan = Plan.objects.create(vendor=company.vendor, product=product, code="new", name="New", cadence="monthly")
    make_subscription(company=company, plan=plan)


def gets_no_mail(company: Company) -> None:
    message = Message.objects.create(
        vendor=company.vendor, company=company, key="m", to=f"books@{company.name.lower()}.example", created_at=NOW
    )
    MarkedAddress.objects.create(
        vendor=company.vendor, address=message.to, reason="bounced", message=message, marked_at=NOW
    )


def takes_nothing_yet(company: Company) -> None:
    Subscription.objects.filter(company=company).update(
        starts_on="2021-03-01", billed_from="2021-03-01", billed_through="2021-03-01"
    )


def was_not_billed_for_september(company: Company) -> None:
    make_subscription(company=company, plan=make_plan(vendor=company.vendor), billed_from=date(2020, 9, 1))


def speaks_french_now(company: Company) -> None:
    Company.objects.filter(id=company.id).update(language="fr")


CASES: dict[FindingKind, Callable[[Company], object]] = {
    "unreachable": has_no_address,
    "cannot_be_billed": takes_what_has_no_price,
    "mail_came_back": gets_no_mail,
    "nothing_due": takes_nothing_yet,
    "catches_up": was_not_billed_for_september,
    "dispute": a_payment_is_disputed,
    "not_fitting": speaks_french_now,
    "unexplained": an_old_invoice_comes_in,
}


@pytest.mark.parametrize("kind", CASES)
def test_what_is_to_be_looked_at_is_said_of_whom_it_is_true(office: Office, kind: FindingKind) -> None:
    wave_id = office.plan_wave()
    with office.door():
        planning.add_companies(
            vendor_id=office.vendor.id,
            wave_id=wave_id,
            company_public_ids=[office.arches.public_id, office.bistro.public_id],
            actor=office.actor,
            criteria={"language": "en"},
        )

    def found() -> dict[str, set[FindingKind]]:
        with office.door():
            planned = planned_companies(wave(vendor_id=office.vendor.id, wave_id=wave_id))
        return {row.name: {one.kind for one in row.findings} for row in planned}

    assert found() == {"Arches": set(), "Bistro": set()}
    CASES[kind](office.bistro)
    assert found() == {"Arches": set(), "Bistro": {kind}}
    assert kind in finding_words()
    if kind in BLOCKING:
        with pytest.raises(WaveRefused, match=office.bistro.number):
            office.send(wave_id)
    else:
        assert office.send(wave_id) == 2
