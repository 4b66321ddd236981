"""A company's standing with a product: what changes it, what is kept of it, and what the database refuses."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.translation import override

from comptoir.access.operations import NewStanding, set_standing, set_standings
from comptoir.access.queries import (
    products_of,
    standing,
    standing_changes,
    standing_history,
    standings_of,
    standings_of_companies,
)
from comptoir.access.reasons import Reason
from comptoir.catalog.models import Product
from comptoir.kit.models import Event
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.models import AuditEntry, Company
from tests.factories import NOW, TESTS, make_company, make_plan, make_subscription, make_vendor

OVERDUE = {"amount_minor": 12_345, "currency": "USD", "due_on": "2020-09-01", "invoices": 1}


@pytest.fixture
def company(db: None) -> Company:
    return make_company(vendor=make_vendor())


@pytest.fixture
def office(company: Company) -> Product:
    return make_plan(vendor=company.vendor, name="Enterprise Office").product


def test_a_standing_changes_with_its_history_and_one_event_and_only_if_something_changes(
    company: Company, office: Product
) -> None:
    assert standing(company_id=company.id, product_id=office.id) is None, "good without a row"
    on = {"company_id": company.id, "product_id": office.id, "by": TESTS}
    calm = {"state": "good", "reason": Reason.NOTHING_DUE, "facts": {}, "until": None}
    warned = {"state": "warned", "reason": Reason.OVERDUE, "facts": OVERDUE, "until": date(2020, 10, 1)}
    assert not set_standing(**on, **calm, at=NOW), "good is what it was"  # type: ignore[arg-type]
    assert set_standing(**on, **warned, at=NOW)  # type: ignore[arg-type]
    assert not set_standing(**on, **warned, at=NOW + timedelta(days=1))  # type: ignore[arg-type]
    later = {**warned, "until": date(2020, 10, 5)}
    assert set_standing(**on, **later, at=NOW + timedelta(days=2))  # type: ignore[arg-type]
    suspended = {**warned, "state": "suspended", "until": None}
    assert set_standing(**on, **suspended, at=NOW + timedelta(days=3))  # type: ignore[arg-type]

    (now_is,) = standings_of(company.id)
    assert (now_is.state, now_is.is_closed, now_is.product_name) == ("suspended", True, "Enterprise Office")
    assert now_is.since == NOW + timedelta(days=3)
    assert now_is.why == "An invoice of $123.45 has been due since Sep 1, 2020 and is not paid."
    with override("fr"):
        assert "1 sept. 2020" in now_is.why
        assert "123,45" in now_is.why
    history = standing_history(company.id)
    assert [(change.before, change.state) for change in history] == [
        ("warned", "suspended"), ("warned", "warned"), ("good", "warned"),
    ]  # fmt: skip
    events = Event.objects.filter(name="standing_changed").order_by("id")
    told = [change.id for event in events for change in standing_changes(event.data["changes"])]
    assert told == [change.id for change in reversed(history)]
    assert AuditEntry.objects.filter(company=company, action="standing changed").count() == 3


def test_many_change_at_once_with_one_event(company: Company, office: Product) -> None:
    other = make_company(vendor=company.vendor)
    wanted = [
        NewStanding(one.id, office.id, "suspended", Reason.OVERDUE, {**OVERDUE, "invoices": 2})
        for one in (company, other)
    ]
    assert set_standings(wanted, at=NOW, by=TESTS) == 2
    assert set_standings(wanted, at=NOW, by=TESTS) == 0
    assert set_standings([], at=NOW, by=TESTS) == 0
    found = standings_of_companies([company.id, other.id])
    assert found[other.id][0].why == "2 invoices are due and not paid: $123.45 in all, the oldest since Sep 1, 2020."
    assert Event.objects.filter(name="standing_changed").count() == 1


def test_what_is_taken_without_ever_being_in_question_is_in_good_standing(company: Company, office: Product) -> None:
    for name in ("Xformity", "Business Intelligence", "Till"):
        make_subscription(company=company, plan=make_plan(vendor=company.vendor, name=name))
    Subscription.objects.filter(plan__name="Till").update(ends_on=NOW.date())
    set_standings([NewStanding(company.id, office.id, "suspended", Reason.BY_TEAM)], at=NOW, by=TESTS)
    found = products_of(company.id, on=NOW.date())
    assert [(row.name, row.state, row.standing is None) for row in found] == [
        ("Business Intelligence", "good", True), ("Enterprise Office", "suspended", False), ("Xformity", "good", True),
    ]  # fmt: skip


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_its_words(reason: Reason, company: Company, office: Product) -> None:
    facts = {**OVERDUE, "since": "2020-09-01", "until": "2020-09-30"}
    new = NewStanding(company.id, office.id, "limited", reason, facts)
    set_standings([new], at=NOW, by=TESTS)
    (row,) = standings_of(company.id)
    assert row.why.endswith(".")
    assert not row.is_closed


def test_a_reason_without_its_facts_is_refused(company: Company, office: Product) -> None:
    with pytest.raises(KeyError):
        set_standings([NewStanding(company.id, office.id, "suspended", Reason.OVERDUE)], at=NOW, by=TESTS)
    assert standings_of(company.id) == []


def test_the_database_refuses_what_goes_without_its_history(company: Company, office: Product) -> None:
    set_standings([NewStanding(company.id, office.id, "suspended", Reason.BY_TEAM)], at=NOW, by=TESTS)
    columns = "vendor_id, company_id, product_id, before, state, reason, facts, at, by_kind, by"
    stranger = make_plan(vendor=make_vendor(), name="Another vendor's").product
    for statement in (
        "UPDATE access_standing SET state = 'good'",
        "UPDATE access_standing SET facts = '{\"x\": 1}'",
        "DELETE FROM access_standing",
        "TRUNCATE access_standing",
        "UPDATE access_standingchange SET by = 'nobody'",
        "DELETE FROM access_standingchange",
        f"UPDATE access_standing SET product_id = {stranger.id}",
        f"INSERT INTO access_standingchange ({columns}) SELECT vendor_id, company_id, {stranger.id}, 'good',"
        " 'suspended', 'by_team', '{}', now(), 'system', 'x' FROM access_standing",
        # A warning names its day, and nothing else does.
        f"INSERT INTO access_standingchange ({columns}) SELECT vendor_id, company_id, product_id, 'good', 'warned',"
        " 'by_team', '{}', now(), 'system', 'x' FROM access_standing",
        f"INSERT INTO access_standingchange ({columns}, warned_until) SELECT vendor_id, company_id, product_id, 'good',"
        " 'suspended', 'by_team', '{}', now(), 'system', 'x', now() FROM access_standing",
        f"INSERT INTO access_standingchange ({columns}) SELECT vendor_id, company_id, product_id, 'good', 'closed',"
        " 'by_team', '{}', now(), 'system', 'x' FROM access_standing",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
