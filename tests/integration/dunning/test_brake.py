"""Too many at once: nobody loses access until a second person has said so."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from comptoir.dunning.brakes import decide_stop
from comptoir.dunning.errors import NotDecidable
from comptoir.dunning.models import BrakeStop, Closing
from comptoir.dunning.policies import policies, set_policy
from comptoir.tenancy.models import Company
from comptoir.work.models import WorkItem
from tests.factories import NOW, TESTS, issue_invoices
from tests.integration.dunning.conftest import DUE, Work, live, state_of
from tests.integration.notices.conftest import World


@pytest.fixture
def stopped(world: World, work: Work) -> list[Company]:
    """Five companies that do not pay, on the day on which they would be suspended."""
    companies = [world.company(f"Company {n}", email=f"c{n}@example.com") for n in range(5)]
    issue_invoices(vendor=world.vendor)
    world.vendor.refresh_from_db()
    live(world, DUE + timedelta(days=2), work=work)
    for day in (3, 10, 17, 18, 24, 25, 26, 27):
        type(world.vendor).objects.filter(id=world.vendor.id).update(business_date=DUE + timedelta(days=day - 1))
        world.vendor.refresh_from_db()
        live(world, DUE + timedelta(days=day), work=work)
    return companies


@pytest.mark.parametrize(("most", "state"), [(4, "warned"), (5, "suspended")])
def test_the_number_brakes_where_the_share_would_let_all_through(
    world: World, work: Work, most: int, state: str
) -> None:
    (usual,) = policies(world.vendor.id)
    with transaction.atomic():
        wanted = replace(usual, most_companies=most, most_percent=100)
        set_policy(vendor_id=world.vendor.id, wanted=wanted, actor=TESTS)
    companies = [world.company(f"Company {n}", email=f"c{n}@example.com") for n in range(5)]
    issue_invoices(vendor=world.vendor)
    live(world, DUE + timedelta(days=26), work=work)
    assert {state_of(company) for company in companies} == {state}
    assert BrakeStop.objects.count() == (1 if state == "warned" else 0)


def decide(world: World, *, approve: bool) -> None:
    with transaction.atomic():
        decide_stop(
            vendor_id=world.vendor.id,
            public_id=BrakeStop.objects.get().public_id,
            approve=approve,
            reason="looked at",
            actor=TESTS,
            today=DUE + timedelta(days=27),
            now=NOW + timedelta(days=40),
        )


def test_above_the_number_none_is_suspended_until_somebody_allows_it(
    world: World, work: Work, stopped: list[Company]
) -> None:
    assert {state_of(company) for company in stopped} == {"warned"}
    assert BrakeStop.objects.get().day == DUE + timedelta(days=25)
    assert WorkItem.objects.get(kind="dunning_brake", closed_at=None).is_urgent

    decide(world, approve=True)
    work()
    assert {state_of(company) for company in stopped} == {"warned"}, "not before stores are closed"
    with pytest.raises(NotDecidable):
        decide(world, approve=False)
    live(world, DUE + timedelta(days=28), work=work)

    assert {state_of(company) for company in stopped} == {"suspended"}
    assert not WorkItem.objects.filter(kind="dunning_brake", closed_at=None).exists()


def test_refused_they_are_all_held_for_a_week(world: World, work: Work, stopped: list[Company]) -> None:
    decide(world, approve=False)
    work()

    assert {state_of(company) for company in stopped} == {"good"}
    assert not Closing.objects.filter(done_at=None, dropped_at=None).exists()
    live(world, DUE + timedelta(days=29), work=work)
    assert {state_of(company) for company in stopped} == {"good"}


def test_a_policy_sets_the_steps_the_products_and_who_is_exempt(world: World, work: Work) -> None:
    (usual,) = policies(world.vendor.id)
    with transaction.atomic():
        set_policy(
            vendor_id=world.vendor.id,
            wanted=replace(usual, steps=()),
            actor=TESTS,
        )
    company = world.company("Nobody LLC")
    issue_invoices(vendor=world.vendor)
    live(world, DUE + timedelta(days=12), work=work)
    assert not company.notice_set.exists()
