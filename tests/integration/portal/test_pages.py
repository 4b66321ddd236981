"""What an owner finds on the portal's pages."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import transaction

from comptoir.customers.models import Location, StoreVerification
from comptoir.cutover.models import Move
from comptoir.documents.operations import store
from comptoir.invoicing.operations import reserve
from comptoir.notices.documents import receipt_reference
from comptoir.payments.models import Authorisation, Payment, PaymentItem, PaymentMethod
from comptoir.tenancy.models import AuditEntry, Company, Vendor
from tests.belongings import PDF, furnish
from tests.databases import Database
from tests.factories import (
    NOW,
    TODAY,
    issue_invoices,
    make_company,
    make_location,
    make_member,
    make_plan,
    make_subscription,
    make_vendor,
)
from tests.ways_to_pay import part_payment, way_to_pay
from tests.web import WebClient
from tests.worlds import World


def page_of(company: Company, rest: str = "") -> str:
    return f"/c/{company.public_id}/{rest}"


def text(web: WebClient, path: str) -> str:
    response = web.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def test_home_says_what_is_due_when_and_that_nothing_takes_care_of_it_yet(web: WebClient, world: World) -> None:
    web.force_login(world.anna)
    home = text(web, page_of(world.arches))
    assert "$99.00" in home
    assert "Oct 1, 2020" in home
    assert "You pay by check." in home
    assert "Are these your stores?" in home
    assert "Open to you: Enterprise Office." in home
    assert 'aria-current="true">Arches' in home
    assert "Bistro Verte Inc" in home, "she changes between her companies in the header"
    assert "Cantina" not in home


def test_a_company_that_was_just_moved_learns_when_its_first_invoice_comes(
    web: WebClient, fresh_database: Database
) -> None:
    vendor = make_vendor()
    company = make_company(vendor=vendor)
    make_subscription(
        company=company, plan=make_plan(vendor=vendor, scope="location"), location=make_location(company=company)
    )
    web.force_login(make_member(company=company))
    home = text(web, page_of(company))
    assert "No invoices yet" in home
    assert "The first one comes these days" in home
    assert "Oct 1, 2020" in home
    assert "No invoices yet" in text(web, page_of(company, "invoices/"))


def test_the_first_visit_of_a_moved_company_is_noted_once(web: WebClient, world: World) -> None:
    company = world.arches
    furnish(company, invoice=world.invoices[company.name], owner=world.anna, staff=world.nora)
    web.force_login(world.anna)
    text(web, page_of(company))
    first = Move.objects.get(company=company).portal_opened_at
    assert first is not None
    text(web, page_of(company))
    assert Move.objects.get(company=company).portal_opened_at == first


def test_autopay_is_said_to_take_care_of_it_and_when(web: WebClient, world: World) -> None:
    company = world.arches
    method, _setup = way_to_pay(company, owner=world.anna)
    part_payment(company, invoice=world.invoices[company.name], method=method)
    web.force_login(world.anna)
    home = text(web, page_of(company))
    assert "$89.00" in home, "10 of 99 dollars are paid"
    assert "automatic payment takes it on" in home
    assert f"{company.name} BANK ••6789" in home
    assert "Pay now" not in home


@pytest.mark.parametrize(
    ("first_day_out_of_date", "autopay", "said"),
    [
        (date(2020, 10, 17), True, ""),
        (date(2020, 10, 16), True, "expires soon"),
        (date(2020, 10, 16), False, "expires soon"),
        (TODAY, True, "has expired"),
        (TODAY, False, ""),
    ],
)
def test_home_says_that_a_card_is_to_be_renewed(
    web: WebClient, world: World, first_day_out_of_date: date, autopay: bool, said: str
) -> None:
    card = PaymentMethod.objects.create(
        company=world.arches, gateway_id="pm_1", kind="card", brand="Visa", last4="4242", saved_at=NOW,
        expires_on=first_day_out_of_date,
    )  # fmt: skip
    if autopay:
        Authorisation.objects.create(
            company=world.arches, method=card, text="We agree.", text_version="1", text_sha256="0" * 64,
            given_by=world.anna, given_at=NOW, active_since=NOW,
        )  # fmt: skip
    web.force_login(world.anna)
    home = text(web, page_of(world.arches))
    assert (f"Visa ••4242 {said}" in home) == bool(said)
    assert ("has expired" in home, "expires soon" in home) == (said == "has expired", said == "expires soon")
    assert ("Add another one" in home) == (bool(said) and autopay)


def test_home_is_light_with_hundreds_of_stores_and_years_of_invoices(web: WebClient, fresh_database: Database) -> None:
    """What a browser fetches for it, before any of it is compressed: under 150 kB, by fewer than ten requests."""
    vendor = make_vendor()
    company = make_company(vendor=vendor)
    stores = [make_location(company=company) for _ in range(300)]
    months = [date(2017 + month // 12, month % 12 + 1, 1) for month in range(9, 45)]
    make_subscription(
        company=company, plan=make_plan(vendor=vendor, scope="location"), location=stores[0], billed_from=months[0]
    )
    for month in months:
        issue_invoices(vendor=vendor, through=month)
    web.force_login(make_member(company=company))
    home = text(web, page_of(company))
    assert len(web.queries) <= 8
    assert f"Show all {len(months)} open invoices" in home, "none of three years is paid"
    fetched = re.findall(r'<(?:link|script|img)\b[^>]*?(?:href|src)="([^"]+)"', home)
    assert 5 < len(fetched) < 9, "with the page itself, under ten"
    weight = len(home.encode())
    for path in fetched:
        found = finders.find(path.removeprefix("/static/")) if path.startswith("/static/") else None
        weight += Path(str(found)).stat().st_size if found else len(web.get(path).content)
    assert weight < 150_000


def test_an_invoice_that_autopay_does_not_take_asks_to_be_paid(web: WebClient, world: World) -> None:
    company = world.arches
    furnish(company, invoice=world.invoices[company.name], owner=world.anna, staff=world.nora)
    Vendor.objects.filter(id=world.northwind.id).update(business_date=date(2020, 10, 9))
    web.force_login(world.anna)
    home = text(web, page_of(company))
    assert "It was due on" in home
    assert "Automatic payment does not take" in home
    assert f'<a href="/c/{world.arches.public_id}/autopay/">See why</a>' in home
    assert "the bank refused" not in home, "it may be disputed, refunded or called off"
    assert "Pay now" in home


def test_an_invoice_is_shown_store_by_store_and_adds_up(web: WebClient, world: World) -> None:
    company = world.arches
    web.force_login(world.anna)
    invoice = world.invoices[company.name]
    assert str(invoice.public_id) in text(web, page_of(company, "invoices/"))
    shown = text(web, page_of(company, f"invoices/{invoice.public_id}/"))
    assert "Arches Downtown" in shown
    assert "Enterprise Office" in shown
    assert "Oct 31, 2020" in shown, "the period's last day, not the day after"
    assert "2 Oak Avenue" in shown


def test_a_pdf_that_is_still_being_made_is_said_to_be(web: WebClient, world: World) -> None:
    web.force_login(world.anna)
    invoice = world.invoices[world.arches.name]
    response = web.get(page_of(world.arches, f"invoices/{invoice.public_id}/pdf/"), follow=True)
    assert "is being made" in response.content.decode()


def test_a_receipt_is_handed_over_once_it_is_made_and_only_for_money_that_arrived(web: WebClient, world: World) -> None:
    company = world.arches
    own = furnish(company, invoice=world.invoices[company.name], owner=world.anna, staff=world.nora)
    web.force_login(world.anna)
    receipt = page_of(company, f"payments/{own.payment}/receipt/")
    assert "is being made" in web.get(receipt, follow=True).content.decode()
    store(
        vendor_id=company.vendor_id,
        company_id=company.id,
        reference=receipt_reference(own.payment),
        filename="Receipt.pdf",
        content=PDF,
    )
    assert "Download the receipt" in text(web, page_of(company, f"payments/{own.payment}/"))
    assert web.get(receipt).content == PDF
    invoice = world.invoices[company.name]
    with transaction.atomic():
        reserve({invoice.id: 1_000})
        begun = Payment.objects.create(
            company=company,
            origin="one_time",
            kind="card",
            currency="USD",
            amount_minor=1_000,
            confirmation="BEGUN",
            initiated_on=TODAY,
            created_at=NOW,
        )
        PaymentItem.objects.create(payment=begun, invoice=invoice, amount_minor=1_000)
    assert web.get(page_of(company, f"payments/{begun.public_id}/receipt/")).status_code == 404


class TestStores:
    def test_the_owner_says_of_a_store_whether_it_is_theirs_and_may_change_the_answer(
        self, web: WebClient, world: World
    ) -> None:
        web.force_login(world.anna)
        location = world.arches.ownerships.get().location
        for answer in ("not_ours", "right"):
            response = web.post(page_of(world.arches, "stores/"), {"answer": f"{location.public_id}:{answer}"})
            assert response.status_code == 302
            said = StoreVerification.objects.filter(location=location)
            assert [row.answer for row in said] == [answer]
        assert "You looked at all of them." in text(web, page_of(world.arches, "stores/"))
        entry = AuditEntry.objects.filter(company=world.arches, action="store answered").latest("id")
        assert (entry.actor_label, entry.before, entry.after) == (
            "Anna",
            {"answer": "not_ours"},
            {"answer": "right"},
        )

    def test_all_that_are_still_without_an_answer_are_confirmed_at_once(self, web: WebClient, world: World) -> None:
        others = [make_location(company=world.arches) for _ in range(3)]
        web.force_login(world.anna)
        web.post(page_of(world.arches, "stores/"), {"answer": f"{others[0].public_id}:not_ours"})
        web.post(page_of(world.arches, "stores/"), {"answer": "all:right"})
        answers = StoreVerification.objects.filter(company=world.arches).values_list("answer", flat=True)
        assert sorted(answers) == ["not_ours", "right", "right", "right"]
        entries = AuditEntry.objects.filter(company=world.arches, action="store answered", after={"answer": "right"})
        assert {entry.subject for entry in entries} == {
            f"store:{store.number}" for store in Location.objects.filter(ownerships__company=world.arches)
        } - {f"store:{others[0].number}"}

    def test_sixty_stores_are_confirmed_as_quickly_as_one(self, web: WebClient, world: World) -> None:
        for _ in range(60):
            make_location(company=world.arches)
        web.force_login(world.anna)
        web.post(page_of(world.arches, "stores/"), {"answer": "all:right"})
        assert StoreVerification.objects.filter(answer="right").count() == 61
        assert len(web.queries) <= 8, web.queries
        web.post(page_of(world.arches, "stores/"), {"answer": "all:right"})
        assert AuditEntry.objects.filter(action="store answered").count() == 61, "sent again, it says nothing new"

    def test_htmx_gets_the_list_alone(self, web: WebClient, world: World) -> None:
        web.force_login(world.anna)
        location = world.arches.ownerships.get().location
        response = web.post(
            page_of(world.arches, "stores/"),
            {"answer": f"{location.public_id}:right"},
            headers={"HX-Request": "true"},
        )
        assert response.content.decode().lstrip().startswith('<form id="stores"')

    @pytest.mark.parametrize(
        ("given", "status"), [("", 404), ("nonsense:right", 404), ("all:perhaps", 404), ("{store}:perhaps", 409)]
    )
    def test_what_is_no_answer_is_refused(self, web: WebClient, world: World, given: str, status: int) -> None:
        web.force_login(world.anna)
        store = world.arches.ownerships.get().location.public_id
        response = web.post(page_of(world.arches, "stores/"), {"answer": given.format(store=store)})
        assert response.status_code == status
        assert not StoreVerification.objects.exists()

    def test_another_companys_store_cannot_be_answered_for(self, web: WebClient, world: World) -> None:
        web.force_login(world.anna)
        foreign = world.cantina.ownerships.get().location
        response = web.post(page_of(world.arches, "stores/"), {"answer": f"{foreign.public_id}:right"})
        assert response.status_code == 409
        assert "Cantina" not in response.content.decode()
        assert not StoreVerification.objects.exists()

    def test_a_viewer_looks_and_changes_nothing(self, web: WebClient, world: World) -> None:
        web.force_login(make_member(company=world.arches, role="viewer"))
        shown = text(web, page_of(world.arches, "stores/"))
        assert "Arches Downtown" in shown
        assert 'name="answer"' not in shown
        assert web.post(page_of(world.arches, "stores/"), {"answer": "all:right"}).status_code == 403
        assert not StoreVerification.objects.exists()


def test_the_help_page_names_the_vendors_terms_and_team(web: WebClient, world: World) -> None:
    web.force_login(world.anna)
    shown = text(web, page_of(world.arches, "help/"))
    assert "15 days before" in shown
    assert "billing@northwind.example" in shown
    assert "Northwind Inc." in shown


def test_pages_are_not_kept_by_the_browser(web: WebClient, world: World) -> None:
    web.force_login(world.anna)
    assert "no-store" in web.get(page_of(world.arches)).headers["Cache-Control"]


def test_a_vendors_colour_is_there_before_its_door_and_behind_it(web: WebClient, world: World) -> None:
    assert web.get("/brand/northwind.css").status_code == 200, "its login page has it"
    assert web.get("/brand/nobody.css").status_code == 404
    web.force_login(world.anna)
    assert "--brand:#1f5f8b" in web.get("/brand/northwind.css").content.decode()
