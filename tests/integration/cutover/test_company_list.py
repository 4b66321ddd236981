"""Choosing companies by what is known of them, as a wave is filled."""

import pytest
from django.db import transaction

from comptoir.customers.models import Location
from comptoir.cutover.company_list import CompanyFilter, public_ids
from comptoir.payments.models import Dispute, Payment
from comptoir.tenancy.models import Company
from tests.factories import TODAY, make_location, make_plan, make_subscription
from tests.integration.cutover.office import Office, a_payment_is_disputed


@pytest.fixture
def chosen_from(office: Office) -> Office:
    """Let Bistro have a second store, of another brand in another state, a service by the year, and an open dispute.

    A dispute of Arches is decided.
    """
    a_payment_is_disputed(office.bistro)
    decided = a_payment_is_disputed(office.arches)
    with transaction.atomic():
        Dispute.objects.filter(id=decided.id).update(status="won", decided_on=TODAY)
        Payment.objects.filter(id=decided.payment_id).update(status="succeeded")
    Location.objects.filter(ownerships__company=office.arches).update(brand="Taco Lindo")
    second = make_location(company=office.bistro)
    Location.objects.filter(id=second.id).update(brand="Pronto Pizza", state="TX")
    yearly = make_plan(vendor=office.vendor, cadence="annual", scope="location")
    make_subscription(company=office.bistro, plan=yearly, location=second)
    Company.objects.filter(id=office.bistro.id).update(language="fr")
    return office


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (CompanyFilter(brand="taco lindo "), {"Arches"}),
        (CompanyFilter(brand="Taco"), set()),
        (CompanyFilter(brand="Pronto Pizza", state="il"), {"Bistro"}),
        (CompanyFilter(state="il"), {"Arches", "Bistro"}),
        (CompanyFilter(state="tx"), {"Bistro"}),
        (CompanyFilter(stores_from="2"), {"Bistro"}),
        (CompanyFilter(stores_to="1"), {"Arches"}),
        (CompanyFilter(cadence="annual"), {"Bistro"}),
        (CompanyFilter(language="fr"), {"Bistro"}),
        (CompanyFilter(text="books@arch"), {"Arches"}),
        (CompanyFilter(dispute="yes"), {"Bistro"}),
        (CompanyFilter(dispute="no"), {"Arches"}),
    ],
)
def test_each_criterion_leaves_whom_it_says(chosen_from: Office, wanted: CompanyFilter, names: set[str]) -> None:
    with chosen_from.door():
        ids = public_ids(vendor_id=chosen_from.vendor.id, wanted=wanted)
    assert set(Company.objects.filter(public_id__in=ids).values_list("name", flat=True)) == names
