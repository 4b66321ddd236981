"""The owner says what is wrong with the list of stores, and the team settles it with both values before it."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from comptoir.customers.models import Location, Ownership, StoreDifference, StoreVerification
from comptoir.customers.places import SaidPlace, StorePlace
from comptoir.invoicing.models import Invoice
from comptoir.invoicing.queries import invoice
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next
from comptoir.kit.states import LISTED
from comptoir.taxes.models import Jurisdiction, Registration, TaxCategory, TaxRate
from comptoir.tenancy import doors
from comptoir.work.models import WorkItem
from tests.databases import Database
from tests.factories import issue_invoices
from tests.web import WebClient
from tests.worlds import World

REFUSED = "permission denied|row-level security|is refused"
ELSEWHERE = {
    "what": "address_differs",
    "address": "9 Pine Road",
    "city": "Peoria",
    "state": "IL",
    "postal_code": "61601",
}


def stores_of(world: World) -> str:
    return f"/c/{world.arches.public_id}/stores/"


def store_of(world: World) -> Location:
    return Location.objects.get(ownerships__company=world.arches)


def work() -> None:
    while deliver_next(now=wall_now()):
        pass


def test_another_address_goes_to_the_team_with_both_and_becomes_the_stores(web: WebClient, world: World) -> None:
    store = store_of(world)
    web.force_login(world.anna)
    assert web.post(f"{stores_of(world)}{store.public_id}/differs/", ELSEWHERE).status_code == 302
    assert "Address differs" in web.get(stores_of(world)).content.decode()
    work()

    web.force_login(world.nora)
    waits = web.get("/console/northwind/work/?kind=stores_differ").content.decode()
    assert '<th scope="row"><a href="/console/northwind/stores/differing/">Stores that differ</a>' in waits
    listed = web.get("/console/northwind/stores/differing/").content.decode()
    assert store.address in listed
    assert "9 Pine Road, Peoria, IL, 61601" in listed
    row = StoreDifference.objects.get()
    settling = f"/console/northwind/stores/differing/{row.public_id}/"
    typed = {"outcome": "put_right", "why": "Saw the lease.", **ELSEWHERE, "country": "us"}
    assert web.post(settling, typed).status_code == 302
    assert (store_of(world).address, store_of(world).country) == ("9 Pine Road", "US")
    row.refresh_from_db()
    assert (row.outcome, row.note, row.settled_by) == ("put_right", "Saw the lease.", "Nora")
    assert web.post(settling, {"outcome": "left"}).status_code == 409, "somebody has settled it already"
    work()
    assert WorkItem.objects.get(kind="stores_differ").closed_at, "nothing of the company's waits any more"

    web.force_login(world.anna)
    listed = web.get(stores_of(world)).content.decode()
    assert "Address differs" not in listed
    assert "The billing team put the address right" in listed
    assert "Saw the lease." in listed
    assert "looked into what you said" in web.get(f"/c/{world.arches.public_id}/").content.decode()


def test_the_store_bears_the_taxes_of_where_it_was_put(web: WebClient, world: World) -> None:
    for level, county, city in (("state", "", ""), ("county", "Sangamon", ""), ("county", "Peoria", ""),
                                ("city", "Peoria", "Peoria")):  # fmt: skip
        taxed = Jurisdiction.objects.create(
            code=f"IL{county}{city}", name=city or county or "Illinois", level=level, country="US", state="IL",
            county=county, city=city,
        )  # fmt: skip
        for category in TaxCategory.values:
            if category != TaxCategory.EXEMPT:
                TaxRate.objects.create(jurisdiction=taxed, category=category, rate="0.01", valid_from=date(2019, 1, 1))
    Registration.objects.create(
        vendor=world.northwind, jurisdiction=Jurisdiction.objects.get(code="IL"), since=date(2019, 1, 1)
    )
    Location.objects.update(county="Sangamon")
    differs = f"{stores_of(world)}{store_of(world).public_id}/differs/"
    web.force_login(world.anna)
    wrong = web.post(differs, {**ELSEWHERE, "state": "Elsewhere"}).content.decode()
    assert 'value="9 Pine Road"' in wrong
    assert "There is no such state or province" in wrong
    web.post(differs, {**ELSEWHERE, "state": "illinois"})
    row = StoreDifference.objects.get()
    assert row.theirs["state"] == "IL"

    web.force_login(world.nora)
    settling = f"/console/northwind/stores/differing/{row.public_id}/"
    assert "Sangamon" not in web.get(settling).content.decode(), "the county was that of the city before"
    refused = web.post(settling, {**ELSEWHERE, "outcome": "put_right", "state": "Illinoise", "country": "US"})
    assert "There is no such state or province" in refused.content.decode()
    right = {**ELSEWHERE, "outcome": "put_right", "state": "Illinois", "country": "US"}
    Ownership.objects.filter(company=world.arches).update(period=(date(2019, 1, 1), date(2020, 1, 1)))
    assert "does not own this store any more" in web.post(settling, right).content.decode()
    Ownership.objects.filter(company=world.arches).update(period=(date(2019, 1, 1), None))
    web.post(settling, right)
    issue_invoices(vendor=world.northwind, through=date(2020, 11, 1), issue_date=date(2020, 10, 17))
    latest = Invoice.objects.filter(company=world.arches).latest("id")
    assert {tax.name for tax in invoice(latest.public_id).taxes} == {"Illinois", "Peoria"}
    assert latest.tax_minor == 3 * 99, "the state's, the county's and the city's"


def test_a_store_moves_to_another_country_and_keeps_its_county_within_the_city() -> None:
    ours = StorePlace("1 Elm Street", "Springfield", "IL", "62703", county="Sangamon", country="US")
    there = SaidPlace("9 Rue Pin", "Montréal", "quebec", "H2X 1Y4")
    assert ours.moved_to(there) == StorePlace("9 Rue Pin", "Montréal", "QC", "H2X 1Y4", county="", country="CA")
    assert ours.moved_to(SaidPlace("2 Elm Street", "springfield", "il", "62703")).county == "Sangamon"
    assert ours.moved_to(SaidPlace("1 Elm Street", "Springfield", "MO", "65801")).county == ""


def test_another_address_after_one_was_settled_goes_to_the_team_again(web: WebClient, world: World) -> None:
    differs = f"{stores_of(world)}{store_of(world).public_id}/differs/"
    web.force_login(world.anna)
    web.post(differs, ELSEWHERE)
    first = StoreDifference.objects.get()
    web.force_login(world.nora)
    settling = f"/console/northwind/stores/differing/{first.public_id}/"
    assert "the company reads it" in web.post(settling, {"outcome": "left"}).content.decode()
    web.post(settling, {"outcome": "left", "why": "No such road."})
    web.force_login(world.anna)
    again = web.post(differs, ELSEWHERE, follow=True).content.decode()
    assert not StoreDifference.objects.filter(settled_at=None).exists(), "the same was settled already"
    assert "You said this before" in again
    assert "No such road." in again
    web.post(differs, {**ELSEWHERE, "address": "9 Pine Lane"})
    assert "No such road." not in web.get(stores_of(world)).content.decode(), "the team looks into it again"
    assert StoreDifference.objects.get(settled_at=None).theirs["address"] == "9 Pine Lane"


def test_closed_on_a_day_then_right_after_all(web: WebClient, world: World) -> None:
    store = store_of(world)
    differs = f"{stores_of(world)}{store.public_id}/differs/"
    web.force_login(world.anna)
    wrong = web.post(differs, {"what": "closed", "closed_on": "soon"}).content.decode()
    assert 'value="soon"' in wrong
    assert 'aria-invalid="true"' in wrong
    for never in ("0001-01-01", "2018-12-31", "2999-01-01"):
        assert "lies between" in web.post(differs, {"what": "closed", "closed_on": never}).content.decode()
    web.post(differs, {"what": "closed", "closed_on": "2020-12-31"})
    assert 'Closes on <time datetime="2020-12-31">' in web.get(stores_of(world)).content.decode()
    web.post(differs, {"what": "closed", "closed_on": "2020-08-31"})
    assert 'Closed on <time datetime="2020-08-31">' in web.get(stores_of(world)).content.decode()
    said = StoreDifference.objects.get(settled_at=None)
    assert (said.kind, said.theirs) == ("closed", {"closed_on": "2020-08-31"})
    web.post(f"{stores_of(world)}missing/", {**ELSEWHERE, "name": "Arches Uptown"})
    web.post(stores_of(world), {"answer": f"{store.public_id}:right"})
    work()
    assert WorkItem.objects.get(kind="stores_differ").closed_at is None, "one is still missing"
    said.refresh_from_db()
    assert said.outcome == "taken_back"
    assert StoreVerification.objects.get().answer == "right"


def test_a_missing_store_waits_for_the_team(web: WebClient, world: World) -> None:
    web.force_login(world.anna)
    missing = f"{stores_of(world)}missing/"
    half = web.post(missing, {"name": "Arches Uptown", "city": "Peoria"}).content.decode()
    assert 'value="Arches Uptown"' in half
    web.post(missing, {**ELSEWHERE, "name": "Arches Uptown"})
    assert "With the billing team, as missing: Arches Uptown" in web.get(stores_of(world)).content.decode()
    said = StoreDifference.objects.get()
    assert said.kind == "missing"
    web.force_login(world.nora)
    settling = f"/console/northwind/stores/differing/{said.public_id}/"
    assert f"<p>{world.arches.name}: " in web.get(settling).content.decode(), "a missing store has no name on our list"
    web.post(settling, {"outcome": "left", "why": "It is your landlord's."})
    web.force_login(world.anna)
    listed = web.get(stores_of(world)).content.decode()
    assert "as missing" not in listed
    assert "It is your landlord&#x27;s." in listed


def test_the_database_lets_an_owner_say_and_take_back_and_no_more(
    web: WebClient, world: World, fresh_database: Database
) -> None:
    web.force_login(world.anna)
    web.post(stores_of(world), {"answer": f"{store_of(world).public_id}:not_ours"})
    copied = (
        "INSERT INTO customers_storedifference (public_id, vendor_id, company_id, location_id, kind, ours, theirs,"
        " said_by_id, said_at, settled_by, outcome, note)"
        " SELECT gen_random_uuid(), vendor_id, company_id, {location}, 'closed', ours, theirs, {who}, now(), '', '', ''"
        " FROM customers_storedifference"
    )
    foreign = Location.objects.get(ownerships__company=world.cantina).id
    for statement in (
        "UPDATE customers_storedifference SET outcome = 'put_right', settled_at = now(), settled_by = 'me'",
        "UPDATE customers_storedifference SET theirs = '{}'",
        "DELETE FROM customers_storedifference",
        "UPDATE customers_location SET address = 'mine'",
        copied.format(location=foreign, who=world.anna.id),
        copied.format(location="location_id", who=world.nora.id),
    ):
        with (
            pytest.raises(DatabaseError, match=f"{REFUSED}|is not of company"),
            fresh_database.as_web(),
            doors.portal(user_id=world.anna.id, company_id=world.arches.id),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_the_database_takes_places_by_their_codes_alone(world: World, fresh_database: Database) -> None:
    for country, state in (
        ("US", "Illinois"),
        ("US", "ON"),
        ("US", "il"),
        ("CA", "Québec"),
        ("CA", "IL"),
        ("FR", "Bretagne"),
    ):
        with pytest.raises(DatabaseError, match="state_is_a_code"), transaction.atomic():
            Location.objects.update(country=country, state=state)
    for country in ("us", "U", ""):
        with pytest.raises(DatabaseError, match="country_is_a_code"), transaction.atomic():
            Location.objects.update(country=country, state="")
    for country, state in (("US", ""), ("CA", "QC"), ("FR", "IDF"), ("QA", "N")):
        Location.objects.update(country=country, state=state)


def test_the_database_knows_the_states_that_forms_take(world: World, fresh_database: Database) -> None:
    for country, states in LISTED.items():
        for state in states:
            Location.objects.update(country=country, state=state)
