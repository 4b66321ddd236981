"""From first click to last: the seller starts, the buyer accepts by a link, the team approves, the day comes."""

import re
from datetime import timedelta
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from comptoir.config.books import check_books
from comptoir.config.business_day import run_business_day
from comptoir.customers.models import Location, Member
from comptoir.invoicing.models import CreditNote, Invoice
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next
from comptoir.mailer.models import Message
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.models import AuditEntry, Company, Vendor
from comptoir.tenancy.operations import set_business_date
from comptoir.transfers.models import Document, Transfer
from comptoir.work.models import WorkItem
from tests.factories import TODAY, issue_invoices, make_location, make_member, make_subscription, make_user
from tests.web import WebClient
from tests.worlds import World

PDF = b"%PDF-1.7 bill of sale"
ON = TODAY + timedelta(days=25)  # October 11
BUYER = "paula@plains.example"
COMPANY = {
    "what": "new",
    "name": "Plains Dining LLC",
    "person": "Paula Plain",
    "street": "9 Prairie Road",
    "city": "Springfield",
    "state": "IL",
    "postal_code": "62704",
}


def work() -> None:
    while deliver_next(now=wall_now()):
        pass


def sale_of(world: World, **instead: object) -> dict[str, object]:
    """What the seller types."""
    store = Location.objects.filter(ownerships__company=world.arches).earliest("id")
    return {
        "stores": [str(store.public_id)],
        "on": ON.isoformat(),
        "name": "Plains Dining",
        "email": BUYER,
        "number": "",
        "language": "fr",
        "note": "We close on the 10th.",
        "attached": SimpleUploadedFile("bill of sale.pdf", PDF),
        **instead,
    }


def bad_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("run.exe", b"MZ")


def portal(world: World, *parts: object) -> str:
    return "/".join(["", "c", str(world.arches.public_id), "owners", *map(str, parts), ""])


def console(*parts: object) -> str:
    return "/".join(["", "console", "northwind", "owners", *map(str, parts), ""])


def link_to(address: str) -> str:
    found = re.findall(r"/change-of-owner/\w+/", Message.objects.filter(to=address).latest("id").text)
    assert found, Message.objects.filter(to=address).latest("id").text
    return str(found[0])


def started(web: WebClient, world: World, **instead: object) -> UUID:
    web.force_login(world.anna)
    answer = web.post(portal(world, "sell"), sale_of(world, **instead))
    assert answer.status_code == 302, answer.content.decode()
    work()
    web.logout()
    return Transfer.objects.latest("id").public_id


def told(address: str) -> list[str]:
    return list(Message.objects.filter(to=address).order_by("id").values_list("subject", flat=True))


def test_a_store_is_sold_to_somebody_who_is_no_customer_yet(web: WebClient, world: World) -> None:
    transfer = started(web, world)
    assert "Plains Dining" in Message.objects.get(to="books@arches.example").text
    link = link_to(BUYER)
    shown = web.get(link).content.decode()
    assert "Arches Downtown" in shown
    assert "books@" not in shown, "a stranger learns the seller's name and the stores, nothing else"
    bad = web.post(link, {**COMPANY, "city": ""}).content.decode()
    assert "9 Prairie Road" in bad, "nothing typed is lost"
    assert Transfer.objects.get().status == "started"
    assert web.post(link, COMPANY).status_code == 200
    assert web.get(link).status_code == web.post(link, COMPANY).status_code == 409, "it works once"
    work()
    assert WorkItem.objects.filter(kind="transfer_to_approve", closed_at=None).count() == 1

    web.force_login(world.nora)
    page = web.get(console(transfer)).content.decode()
    for words in (
        "Arches Burgers LLC",
        "Plains Dining LLC",
        "9 Prairie Road",
        "bill of sale.pdf",
        "We close on the 10th.",
    ):
        assert words in page
    assert "$67.06" in page, "21 of 31 days of 99.00: what the seller gets back, and what the buyer is billed"
    taken = {"prices": "list", "number": world.bistro.number}
    assert "taken already" in web.post(console(transfer, "approve"), taken).content.decode()
    assert web.post(console(transfer, "approve"), {"prices": "list", "number": "P-1"}).status_code == 302
    work()
    buyer = Company.objects.get(number="P-1")
    assert (buyer.billed_since, buyer.language, buyer.address_lines[0]) == (ON, "en", "9 Prairie Road")
    paula = Member.objects.get(company=buyer).user
    assert (paula.email, paula.name, paula.has_usable_password()) == (BUYER, "Paula Plain", False)
    web.logout()

    with transaction.atomic():
        set_business_date(vendor_id=world.northwind.id, day=ON)
    run_business_day(vendor_id=world.northwind.id, day=ON)
    run_business_day(vendor_id=world.northwind.id, day=ON)
    work()
    issue_invoices(vendor=Vendor.objects.get(id=world.northwind.id), through=ON, issue_date=ON)
    assert CreditNote.objects.get(company=world.arches).total_minor == 6_706
    assert Invoice.objects.get(company=buyer).total_minor == 6_706
    assert [subject for subject in told(BUYER) if "owner" in subject or "propri" in subject] == [
        "Changement de propriétaire\u202f: Arches Burgers LLC à Plains Dining, 11 oct. 2020",
        "Change of owner accepted: Arches Burgers LLC to Plains Dining LLC",
        "Change of owner approved: Arches Burgers LLC to Plains Dining LLC, Oct 11, 2020",
        "The stores have changed owner: Arches Burgers LLC to Plains Dining LLC",
    ]
    assert len([each for each in told("books@arches.example") if "owner" in each]) == 4
    _history_splits(web, world, buyer=buyer, paula=paula)
    trail = set(AuditEntry.objects.filter(subject=f"transfer:{transfer}").values_list("action", flat=True))
    assert trail == {f"change of owner {news}" for news in ("started", "accepted", "approved", "done")} | {
        "paper of sale added"
    }
    assert check_books() == []


def _history_splits(web: WebClient, world: World, *, buyer: Company, paula: object) -> None:
    """After it, each sees its own invoices and days alone, through the pages and in the database."""
    old, new = world.invoices[world.arches.name], Invoice.objects.get(company=buyer)
    store = Location.objects.get(ownerships__company=buyer)
    web.force_login(paula)
    own = f"/c/{buyer.public_id}"
    assert "Arches Downtown" in web.get(f"{own}/stores/").content.decode()
    assert str(new.public_id) in web.get(f"{own}/invoices/").content.decode()
    assert web.get(f"{own}/invoices/{old.public_id}/").status_code == 404
    assert web.get(f"/c/{world.arches.public_id}/").status_code == 404
    assert "We close on the 10th" not in web.get(f"{own}/owners/{Transfer.objects.get().public_id}/").content.decode()
    assert "bill of sale" not in web.get(f"{own}/owners/{Transfer.objects.get().public_id}/").content.decode()
    paper = Document.objects.get().public_id
    assert web.get(f"{own}/owners/{Transfer.objects.get().public_id}/papers/{paper}/").status_code == 404
    web.force_login(world.anna)
    sold = f"/c/{world.arches.public_id}"
    assert "Arches Downtown" not in web.get(f"{sold}/stores/").content.decode()
    assert web.get(f"{sold}/invoices/{new.public_id}/").status_code == 404
    assert web.get(f"{sold}/stores/{store.public_id}/differs/").status_code == 404
    assert web.get(f"{sold}/owners/{Transfer.objects.get().public_id}/papers/{paper}/").content == PDF


def test_what_cannot_be_is_said_beside_the_field_and_nothing_is_lost(web: WebClient, world: World) -> None:
    store = str(Location.objects.get(ownerships__company=world.arches).public_id)
    foreign = str(Location.objects.get(ownerships__company=world.bistro).public_id)
    web.force_login(world.anna)
    for wrong, field, words in (
        ({"on": "2020-09-15"}, "on", "has passed"),
        ({"on": "2020-09-20"}, "on", "old system has billed these stores until Oct 1, 2020"),
        ({"on": "2022-01-01"}, "on", "within a year"),
        ({"stores": [foreign]}, "stores", "not one of the available"),
        ({"email": "books@arches.example"}, "email", "address of the seller"),
        ({"email": "anna@arches.example"}, "email", "address of the seller"),
        ({"number": world.arches.number}, "number", "your own customer number"),
        ({"name": "4242 4242 4242 4242"}, "name", "card or bank account number"),
        ({"attached": bad_file()}, "attached", "no PDF"),
    ):
        shown = web.post(portal(world, "sell"), sale_of(world, **wrong)).content.decode()  # type: ignore[arg-type]
        assert f'id="id_{field}_error"' in shown, (wrong, shown)
        said = shown[shown.index(f'id="id_{field}_error"') :][:700]
        assert words in said, (wrong, said)
        assert "We close on the 10th." in shown
        assert f'value="{store}"' in shown
        if field != "attached":
            assert "bill of sale.pdf (" in shown, wrong
    assert not Transfer.objects.exists()
    started(web, world)
    web.force_login(world.anna)
    again = web.post(portal(world, "sell"), sale_of(world)).content.decode()
    assert "is open already for" in again[again.index('id="id_stores_error"') :][:700]
    assert "bill of sale.pdf (" in again
    assert Transfer.objects.count() == Document.objects.count() == 1


def test_all_stores_pass_by_one_tick(web: WebClient, world: World) -> None:
    taken = Subscription.objects.get(company=world.arches)
    make_subscription(
        company=world.arches, plan=taken.plan, location=make_location(company=world.arches, name="Arches Uptown")
    )
    issue_invoices(vendor=world.northwind)
    web.force_login(world.anna)
    assert "All 2 stores" in web.get(portal(world, "sell")).content.decode()
    nothing = web.post(portal(world, "sell"), sale_of(world, stores=[])).content.decode()
    assert "Choose at least one store" in nothing[nothing.index('id="id_stores_error"') :][:700]
    foreign = str(Location.objects.get(ownerships__company=world.bistro).public_id)
    wrong = web.post(portal(world, "sell"), sale_of(world, stores=[foreign], all_stores="on")).content.decode()
    assert "not one of the available" in wrong
    web.post(portal(world, "sell"), sale_of(world, stores=[], all_stores="on"))
    sold = Transfer.objects.get()
    assert sold.store_count == 2
    assert set(sold.stores.values_list("location__ownerships__company_id", flat=True)) == {world.arches.id}


def test_an_owner_alone_starts_and_answers(web: WebClient, world: World) -> None:
    transfer = started(web, world)
    Member.objects.filter(user=world.anna).update(role="billing_manager")
    web.force_login(world.anna)
    assert "Only an owner" in web.get(portal(world, "sell")).content.decode()
    for part in ("accept", "withdraw", "invite", "papers"):
        assert web.post(portal(world, transfer, part), {}).status_code == 403
    assert web.post(portal(world, "sell"), sale_of(world)).status_code == 403


def test_a_customer_accepts_for_a_company_of_its_own(web: WebClient, world: World) -> None:
    started(web, world)
    link = link_to(BUYER)
    stranger = make_user(email="stranger@example.com")
    make_member(company=world.cantina, user=stranger)
    web.force_login(stranger)
    assert "Cantina" not in web.get(link).content.decode(), "a company of another vendor takes nothing over here"
    owner = make_user(email="bruno@bistro.example")
    make_member(company=world.bistro, user=owner)
    web.force_login(owner)
    assert "Bistro Verte Inc" in web.get(link).content.decode()
    web.post(link, {"what": "own", "company": str(world.arches.public_id)})
    assert Transfer.objects.get().status == "started", "not one of the person's own"
    web.force_login(world.anna)
    refused = web.post(link, {"what": "own", "company": str(world.arches.public_id)}).content.decode()
    assert "this company&#x27;s already" in refused, "the buyer is not the seller"
    web.force_login(owner)
    assert (
        "You have accepted" in web.post(link, {"what": "own", "company": str(world.bistro.public_id)}).content.decode()
    )
    found = Transfer.objects.get()
    assert (found.status, found.buyer_id, found.buyer_name) == ("accepted", world.bistro.id, "Bistro Verte Inc")
    assert web.get(f"/c/{world.bistro.public_id}/owners/{found.public_id}/").status_code == 200


def test_each_side_and_the_team_may_withdraw_until_the_day(web: WebClient, world: World) -> None:
    by_link = started(web, world)
    link = link_to(BUYER)
    web.post(link, COMPANY)
    work()
    later = link_to(BUYER)
    assert later != link
    web.post(later, {"what": "withdraw", "reason": "We cannot finance it."})
    work()
    assert web.get(later).status_code == 409
    assert "We cannot finance it." in Message.objects.filter(to="books@arches.example").latest("id").text
    assert not WorkItem.objects.filter(kind="transfer_to_approve", closed_at=None).exists()
    before_accepting = started(web, world)
    web.post(link_to(BUYER), {"what": "withdraw", "reason": ""})
    by_seller = started(web, world)
    web.force_login(world.anna)
    web.post(portal(world, by_seller, "withdraw"), {"reason": "Sold to another."})
    work()
    web.logout()
    by_team = started(web, world)
    web.post(link_to(BUYER), COMPANY)
    web.force_login(world.nora)
    web.post(console(by_team, "approve"), {"prices": "agreed", "number": "P-1"})
    web.post(console(by_team, "withdraw"), {"reason": "The seller called."})
    work()
    assert dict(Transfer.objects.values_list("public_id", "withdrawn_side")) == {
        by_link: "buyer",
        before_accepting: "buyer",
        by_seller: "seller",
        by_team: "team",
    }
    assert set(Transfer.objects.values_list("status", flat=True)) == {"withdrawn"}
    web.force_login(world.anna)
    assert web.post(portal(world, by_team, "withdraw"), {"reason": "too late"}).status_code == 409


def test_an_invitation_expires_and_is_sent_again_elsewhere(web: WebClient, world: World) -> None:
    transfer = started(web, world)
    first = link_to(BUYER)
    Transfer.objects.update(invitation_expires_at=wall_now())
    assert web.get(first).status_code == 409
    web.force_login(world.anna)
    for own in ("books@arches.example", "anna@arches.example"):
        refused = web.post(portal(world, transfer, "invite"), {"email": own}).content.decode()
        assert "address of the seller" in refused, own
    web.post(portal(world, transfer, "invite"), {"email": "Office@Plains.example"})
    work()
    assert web.get(first).status_code == 409
    assert web.get(link_to("office@plains.example")).status_code == 200
    assert web.get("/change-of-owner/nonsense/").status_code == 409


def test_a_seller_writes_to_few_strangers_in_a_day(web: WebClient, world: World) -> None:
    transfer = started(web, world)
    web.force_login(world.anna)
    for number in range(1, 20):
        path, to = portal(world, transfer, "invite"), f"stranger{number}@example.com"
        assert web.post(path, {"email": to}).status_code == 302
    assert "Twenty invitations a day" in web.post(path, {"email": "one@more.example"}).content.decode()
    web.post(portal(world, transfer, "withdraw"), {"reason": ""})
    assert "Twenty invitations a day" in web.post(portal(world, "sell"), sale_of(world)).content.decode()


def test_a_buyer_asks_in_words_and_the_team_names_the_seller(web: WebClient, world: World) -> None:
    owner = make_user(email="bruno@bistro.example")
    make_member(company=world.bistro, user=owner)
    Member.objects.filter(user=world.anna, company=world.bistro).update(ended_at=wall_now())
    web.force_login(owner)
    asked = {
        "stores": "the one on Elm Street",
        "on": ON.isoformat(),
        "name": "Arches Burgers LLC",
        "email": "anna@arches.example",
        "note": "",
    }
    web.post(f"/c/{world.bistro.public_id}/owners/take-over/", asked)
    found = Transfer.objects.get()
    assert (found.status, found.seller_id, found.buyer_id) == ("asked", None, world.bistro.id)
    work()
    assert told("books@arches.example")[1:] == [], "whoever is named by a stranger hears nothing before the team"
    web.force_login(world.nora)
    page = web.get(console(found.public_id)).content.decode()
    assert "the one on Elm Street" in page
    place = console(found.public_id, "place", world.arches.public_id)
    assert place in page
    store = Location.objects.get(ownerships__company=world.arches)
    assert web.post(place, {"stores": [str(store.public_id)]}).status_code == 302
    work()
    web.force_login(world.anna)
    assert "Do you accept?" in web.get(portal(world, found.public_id)).content.decode()
    web.post(portal(world, found.public_id, "accept"))
    assert web.post(portal(world, found.public_id, "accept")).status_code == 409
    work()
    web.force_login(world.nora)
    assert "Say why" not in web.get(console(found.public_id, "decline")).content.decode()
    assert web.post(console(found.public_id, "decline"), {"reason": ""}).status_code == 200
    web.post(console(found.public_id, "decline"), {"reason": "The bill of sale is not signed."})
    work()
    assert Transfer.objects.get().status == "declined"
    assert "not signed" in Message.objects.filter(to="books@arches.example").latest("id").text
    assert set(WorkItem.objects.filter(kind__startswith="transfer").values_list("kind", "closed_by")) == {
        ("transfer_to_place", "change of owner"),
        ("transfer_to_approve", "change of owner"),
    }


def test_the_team_starts_it_for_a_day_that_has_passed(web: WebClient, world: World) -> None:
    """As the books are open, a sale of which nobody spoke in time is billed right from its day on."""
    with transaction.atomic():
        set_business_date(vendor_id=world.northwind.id, day=ON)
    web.force_login(world.nora)
    new = f"/console/northwind/companies/{world.arches.public_id}/sell/"
    early = {**sale_of(world), "on": "2020-10-05", "number": world.bistro.number, "name": "", "email": ""}
    del early["attached"]
    nobody = web.post(new, {**early, "number": "X-9"}).content.decode()
    assert "No customer has this number" in nobody
    paper = SimpleUploadedFile("deed.pdf", PDF)
    itself = web.post(new, {**early, "number": world.arches.number, "attached": paper}).content.decode()
    assert "The buyer is the seller" in itself
    assert "deed.pdf (" in itself
    kept = re.findall(r'name="kept" value="([^"]+)"', itself)
    neither = web.post(new, {**early, "number": ""}).content.decode()
    assert "or else name and e-mail" in neither
    assert web.post(new, {**early, "kept": kept}).status_code == 302
    transfer = Transfer.objects.get().public_id
    assert Document.objects.count() == 1
    refused = web.post(console(transfer, "papers"), {"attached": [SimpleUploadedFile("lease.pdf", PDF), bad_file()]})
    kept = re.findall(r'name="kept" value="([^"]+)"', refused.content.decode())
    assert web.post(console(transfer, "papers"), {"kept": kept}).status_code == 302
    assert Document.objects.count() == 2
    assert 'id="id_attached_error"' in web.post(console(transfer, "papers")).content.decode()
    web.force_login(world.anna)  # who owns both
    for company in (world.arches, world.bistro):
        assert Transfer.objects.get().status == "started"
        web.post(f"/c/{company.public_id}/owners/{transfer}/accept/")
    web.force_login(world.nora)
    assert web.post(console(transfer, "approve"), {"prices": "agreed"}).status_code == 302
    work()
    assert Transfer.objects.get().status == "done", "its day had come already"
    assert "Arches Downtown" in web.get(f"/console/northwind/companies/{world.bistro.public_id}/").content.decode()
    listed = web.get(console() + "?status=done").content.decode()
    assert "Bistro Verte Inc" in listed
    assert check_books() == []
