"""What a vendor's programs may ask and are told: who has access to what, and every change of it."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from comptoir.access.errors import NotTaken
from comptoir.access.news import emit_stores_falling_due
from comptoir.access.operations import set_standing
from comptoir.access.programs import make_key, set_news_address
from comptoir.access.reasons import Reason
from comptoir.access.tasks import LAST_TRY
from comptoir.customers.models import Location
from comptoir.customers.operations import NewStore, hand_over_stores, open_store
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next, emit
from comptoir.subscriptions.operations import Taken, start, stop
from comptoir.tenancy.operations import set_business_date
from comptoir.work.models import WorkItem
from tests.databases import Database
from tests.factories import NOW, TESTS, make_company, make_location, make_plan, make_subscription, make_vendor
from tests.running import work
from tests.web import WebClient
from tests.worlds import World

Told = list[tuple[dict[str, str], bytes]]


@pytest.fixture
def program() -> Iterator[tuple[str, Told, list[int]]]:
    """A program's address, what it is told there, and with what it answers before it answers 200."""
    told: Told = []
    answers: list[int] = []

    class Listen(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(answers.pop(0) if answers else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listen)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/news", told, answers
    server.shutdown()
    thread.join()
    server.server_close()


def ask(web: WebClient, key: str, *stores: str, many: bool = False) -> Any:
    headers = {"Authorization": f"Bearer {key}"}
    if many:
        return web.post(
            "/v1/access", json.dumps({"stores": list(stores)}), content_type="application/json", headers=headers
        )
    return web.get("/v1/access", {"store": list(stores)}, headers=headers)


def test_programs_ask_for_one_store_or_many_and_see_their_own_vendors_alone(
    web: WebClient, fresh_database: Database
) -> None:
    vendor, other = make_vendor(), make_vendor()
    company = make_company(vendor=vendor)
    office, till = make_plan(vendor=vendor, scope="location"), make_plan(vendor=vendor)
    store, second = make_location(company=company), make_location(company=company)
    make_subscription(company=company, plan=office, location=store)
    make_subscription(company=company, plan=till)  # company-wide
    foreign = make_location(company=make_company(vendor=other))
    key, others_key = (make_key(vendor_id=each.id, name="till", actor=TESTS, now=NOW) for each in (vendor, other))

    answer = ask(web, key, store.number)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, max-age=30"
    (row,) = answer.json()["stores"]
    assert (row["number"], row["company"]) == (store.number, str(company.public_id))
    assert {(each["product"], each["access"], each["standing"]) for each in row["products"]} == {
        (office.product.code, True, "good"),
        (till.product.code, True, "good"),
    }
    for plan, state in ((office, "suspended"), (till, "limited")):
        set_standing(
            company_id=company.id, product_id=plan.product_id, state=state, reason=Reason.BY_TEAM, facts={}, until=None,
            at=NOW, by=TESTS,
        )  # fmt: skip
    (row,) = ask(web, key, str(store.public_id)).json()["stores"]
    assert {(each["product"], each["access"], each["standing"], each["reason"]) for each in row["products"]} == {
        (office.product.code, False, "suspended", "by_team"),
        (till.product.code, True, "limited", "by_team"),
    }
    many = ask(
        web, key, store.number, second.number, foreign.number, str(foreign.public_id), "no such", "\0", many=True
    )
    assert [(row["number"], len(row["products"])) for row in many.json()["stores"]] == [
        (store.number, 2),
        (second.number, 1),
    ]
    assert many.json()["unknown"] == [foreign.number, str(foreign.public_id), "no such", "\0"]
    same_number = Location.objects.get(id=foreign.id)
    Location.objects.filter(id=foreign.id).update(number=store.number)
    (theirs,) = ask(web, others_key, store.number).json()["stores"]
    assert theirs["id"] == str(same_number.public_id), "by a number that another vendor has given, too"
    lower_case = web.get("/v1/access", {"store": store.number}, headers={"Authorization": f"bearer {key}"})
    assert lower_case.json()["stores"][0]["id"] == str(store.public_id)
    assert theirs["products"] == [], "no subscription, no access"

    for wrong in ("", "ck_unknown"):
        refused = ask(web, wrong, store.number)
        assert (refused.status_code, refused["Content-Type"]) == (401, "application/problem+json")
        assert refused.json()["status"] == 401
    nothing = ask(web, key, many=True)
    assert (nothing.status_code, nothing["Content-Type"]) == (422, "application/problem+json")
    assert nothing.json()["errors"]


def test_programs_go_through_all_stores_page_by_page(
    web: WebClient, fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comptoir.api.programs.A_PAGE", 2)
    vendor, other = make_vendor(), make_vendor()
    company = make_company(vendor=vendor)
    numbers = sorted(make_location(company=company).number for _ in range(3))
    make_location(company=make_company(vendor=other))
    key = make_key(vendor_id=vendor.id, name="till", actor=TESTS, now=NOW)

    first = ask(web, key).json()
    assert ([row["number"] for row in first["stores"]], first["next"]) == (numbers[:2], numbers[1])
    last = web.get("/v1/access", {"after": first["next"]}, headers={"Authorization": f"Bearer {key}"}).json()
    assert ([row["number"] for row in last["stores"]], last["next"]) == (numbers[2:], None)


def test_stores_are_told_of_when_what_they_may_use_changes_and_when_its_day_comes(
    fresh_database: Database, program: tuple[str, Told, list[int]], settings: Settings
) -> None:
    url, told, _answers = program
    settings.INTERNAL_PROGRAMS = ["127.0.0.1"]
    today = date(2020, 10, 1)
    vendor = make_vendor(business_date=today)
    seller, buyer = make_company(vendor=vendor), make_company(vendor=vendor)
    store, kept = make_location(company=seller), make_location(company=seller)
    till, office = make_plan(vendor=vendor, scope="location"), make_plan(vendor=vendor)
    set_news_address(vendor_id=vendor.id, url=url, actor=TESTS, now=NOW)

    def news() -> dict[str, tuple[str, set[str]]]:
        """Return the owner and products of each store that the program was told of since it was asked last."""
        work()
        calls = [json.loads(body) for _headers, body in told]
        told.clear()
        assert {call["type"] for call in calls} <= {"stores.changed"}
        return {
            row["number"]: (row["company"], {each["product"] for each in row["products"] if each["access"]})
            for call in calls
            for row in call["data"]["stores"]
        }

    def live(day: date) -> None:
        with transaction.atomic():
            set_business_date(vendor_id=vendor.id, day=day)
        emit_stores_falling_due(vendor_id=vendor.id, on=day)

    sellers, buyers = str(seller.public_id), str(buyer.public_id)
    at_store = Taken(plan_id=till.id, location_id=store.id)
    (taken,) = start(company_id=seller.id, taken=at_store, starts_on=today, actor=TESTS)
    assert news() == {store.number: (sellers, {till.product.code})}
    start(company_id=seller.id, taken=Taken(plan_id=office.id), starts_on=today, actor=TESTS)
    both = {till.product.code, office.product.code}
    assert news() == {store.number: (sellers, both), kept.number: (sellers, {office.product.code})}, "company-wide"
    with transaction.atomic():
        stop(company_id=seller.id, subscription_ids=[taken], ends_on=date(2020, 10, 3), reason="sold", actor=TESTS)
    assert news() == {}, "nothing has changed yet"

    live(date(2020, 10, 2))
    assert news() == {}
    live(date(2020, 10, 4))
    assert news() == {store.number: (sellers, {office.product.code})}, "also where the day itself was not lived"
    emit_stores_falling_due(vendor_id=vendor.id, on=date(2020, 10, 4))
    assert news() == {}, "once"
    with transaction.atomic():
        hand_over_stores(
            vendor_id=vendor.id, location_ids=[store.id], from_company_id=seller.id, to_company_id=buyer.id,
            on=date(2020, 10, 5), actor=TESTS, now=NOW,
        )  # fmt: skip
    live(date(2020, 10, 5))
    assert news() == {store.number: (buyers, set())}
    new = NewStore(number="N-77", name="Pier", address="1 Pier", city="Erie", state="PA", postal_code="16501")
    open_store(company_id=seller.id, vendor_id=vendor.id, store=new, opens_on=date(2020, 10, 5), actor=TESTS)
    assert news() == {"N-77": (sellers, {office.product.code})}, "what is taken for the whole company holds there, too"

    with transaction.atomic():
        emit(name="customers_imported", topic="legacy_imports", vendor_id=vendor.id)
    work()
    assert [json.loads(body)["type"] for _headers, body in told] == ["stores.ask_again"], "it may have changed any"


def test_every_change_is_told_once_signed_and_again_until_it_is_answered(
    fresh_database: Database,
    program: tuple[str, Told, list[int]],
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    url, told, answers = program
    settings.INTERNAL_PROGRAMS = ["127.0.0.1"]
    vendor = make_vendor()
    company, plan = make_company(vendor=vendor), make_plan(vendor=vendor)
    secret = base64.b64decode(
        set_news_address(vendor_id=vendor.id, url=url, actor=TESTS, now=NOW).removeprefix("whsec_")
    )

    def change(state: str, until: date | None = None) -> None:
        set_standing(
            company_id=company.id, product_id=plan.product_id, state=state, reason=Reason.BY_TEAM, facts={},
            until=until, at=datetime(2020, 10, 2, tzinfo=UTC), by=TESTS,
        )  # fmt: skip

    change("warned", until=date(2020, 10, 9))
    work()
    ((headers, body),) = told
    call = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    signed = base64.b64encode(hmac.digest(secret, call, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{signed}"
    news = json.loads(body)
    assert (news["type"], news["data"]["before"], news["data"]["standing"], news["data"]["warned_until"]) == (
        "access.changed", "good", "warned", "2020-10-09",
    )  # fmt: skip
    answers += [503, 302]
    change("suspended")
    for refusal in (503, 302):
        with pytest.raises(NotTaken, match=f"^127.0.0.1 answered {refusal}$"):
            work()
    settings.INTERNAL_PROGRAMS = []
    with pytest.raises(NotTaken, match="own network"):
        work()
    assert len(told) == 3, "whoever types an address reaches nothing in the own network by it"
    settings.INTERNAL_PROGRAMS = ["127.0.0.1"]
    work()
    assert len({headers["webhook-id"] for headers, _body in told[1:]}) == 1, "told again under the same id"
    assert "/news" not in caplog.text, "an address may be a secret"

    answers += [500]
    change("good")
    while deliver_next(now=wall_now()):
        pass
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET attempts = %s WHERE status = 'todo'", [LAST_TRY])
        assert cursor.rowcount == 1
    work()
    waiting = WorkItem.objects.filter(kind="program_not_told", closed_at=None)
    assert waiting.count() == 1, "after hours somebody looks why"
    change("warned", until=date(2020, 10, 9))
    work()
    assert not waiting.exists()
    assert [json.loads(body)["type"] for _headers, body in told[-2:]] == ["access.changed", "stores.ask_again"]
    told.clear()
    set_news_address(vendor_id=vendor.id, url="", actor=TESTS, now=NOW)
    change("good")
    work()
    assert told == []


def test_what_was_not_taken_holds_up_no_later_change_and_is_not_told_after_it(
    fresh_database: Database, program: tuple[str, Told, list[int]], settings: Settings
) -> None:
    url, told, answers = program
    settings.INTERNAL_PROGRAMS = ["127.0.0.1"]
    vendor = make_vendor()
    company, plan = make_company(vendor=vendor), make_plan(vendor=vendor)
    set_news_address(vendor_id=vendor.id, url=url, actor=TESTS, now=NOW)

    def change(state: str) -> None:
        set_standing(
            company_id=company.id, product_id=plan.product_id, state=state, reason=Reason.BY_TEAM, facts={}, until=None,
            at=NOW, by=TESTS,
        )  # fmt: skip
        while deliver_next(now=wall_now()):
            pass

    answers += [503]
    change("suspended")
    with pytest.raises(NotTaken):
        work()
    change("good")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET attempts = 1 WHERE (args ->> 'change_id')::bigint = 1")
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND lock IS NOT NULL")
        assert cursor.fetchone() == (0,), "nothing waits for what was not taken"
    work()
    said = [json.loads(body)["data"] for _headers, body in told]
    assert [each["standing"] for each in said] == ["suspended", "good"], "the first is not told again"
    assert said[0]["sequence"] < said[1]["sequence"]


def test_what_waits_under_an_earlier_name_of_its_listener_is_told(
    fresh_database: Database, program: tuple[str, Told, list[int]], settings: Settings
) -> None:
    url, told, _answers = program
    settings.INTERNAL_PROGRAMS = ["127.0.0.1"]
    vendor = make_vendor()
    company = make_company(vendor=vendor)
    store, plan = make_location(company=company), make_plan(vendor=vendor)
    set_news_address(vendor_id=vendor.id, url=url, actor=TESTS, now=NOW)
    start(company_id=company.id, taken=Taken(plan_id=plan.id), starts_on=NOW.date(), actor=TESTS)
    renamed = import_module("comptoir.access.migrations.0012_renamed_listeners").RENAMED
    with connection.cursor() as cursor:
        cursor.execute("UPDATE kit_event SET name = 'subscriptions_changed' WHERE name = 'stores_changed'")
        cursor.execute(
            "UPDATE kit_eventdelivery SET listener = 'comptoir.access.tasks.tell_programs_of_subscriptions'"
            " WHERE listener = 'comptoir.access.tasks.tell_programs_of_changed_stores'"
        )
        cursor.execute(renamed)
    work()
    (said,) = (json.loads(body) for _headers, body in told)
    assert [row["number"] for row in said["data"]["stores"]] == [store.number]


def test_an_admin_makes_and_revokes_keys_in_the_console(web: WebClient, world: World, fresh_database: Database) -> None:
    store = Location.objects.get(ownerships__company=world.arches).number
    world.nora.staff_of.update(role="manager")
    web.force_login(world.nora)
    assert web.get("/console/northwind/programs/").status_code in (403, 404)
    world.nora.staff_of.update(role="admin")
    made = web.post("/console/northwind/programs/key/", {"name": "Till"}).content.decode()
    key = made.split("<code>")[1].split("</code>")[0]
    assert ask(web, key, store).status_code == 200
    listed = web.get("/console/northwind/programs/").content.decode()
    assert f"…{key[-4:]}" in listed
    assert key not in listed, "shown once"
    number = int(listed.split("/programs/keys/")[1].split("/")[0])
    assert "is revoked" in web.post(f"/console/northwind/programs/keys/{number}/end/", follow=True).content.decode()
    assert ask(web, key, store).status_code == 401
    for unsafe in (
        "http://elsewhere.example/", "https://[::/", "https://x.example:port/", "https://x.example/\0", "https://u:p@x.example/"
    ):  # fmt: skip
        refused = web.post("/console/northwind/programs/address/", {"url": unsafe})
        assert "must be a whole https address" in refused.content.decode()
    for inside in ("https://10.0.0.1/", "https://169.254.169.254/", "https://[::ffff:127.0.0.1]/", "http://localhost/"):
        refused = web.post("/console/northwind/programs/address/", {"url": inside})
        assert "into the network that Comptoir runs in" in refused.content.decode()
    told = web.post("/console/northwind/programs/address/", {"url": "https://northwind.example/news"})
    assert "whsec_" in told.content.decode()
    for statement in (
        "UPDATE access_apikey SET revoked_at = NULL, revoked_by = ''",
        "UPDATE access_apikey SET key_hash = 'x'",
        "DELETE FROM access_apikey",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
