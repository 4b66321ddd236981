"""What PostgreSQL holds, whatever is said around the ORM: evidence, order, each side for itself, one at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from pytest_django import Settings

from comptoir.inbox.files import NewFile
from comptoir.inbox.resealing import reseal, under_older_keys
from comptoir.inbox.sealing import new_key
from comptoir.kit.safe_words import AccountNumberFound
from comptoir.ledger.closing import close_books
from comptoir.payments.models import Authorisation, GatewayCustomer, PaymentMethod, SetupSession
from comptoir.payments.queries import autopay_plan, methods, pays_by
from comptoir.subscriptions.queries import taken_at
from comptoir.tenancy import doors
from comptoir.tenancy.models import Company
from comptoir.transfers.documents import SEALED, add_documents, document_content, keep_note, note_of
from comptoir.transfers.errors import TransferNotFound, TransferRefused
from comptoir.transfers.models import Document, Note, Transfer, TransferStore
from comptoir.transfers.passing import pass_over
from tests.databases import Database
from tests.factories import NOW, TESTS, TODAY, make_company, make_location, make_plan, make_subscription, make_vendor
from tests.ways_to_pay import way_to_pay
from tests.web import WebClient

from .conftest import ON, Sale, say

PDF = b"%PDF-1.7 bill of sale"
REFUSED = "permission denied|row-level security|violates check|is refused|change of owner|not the seller's"


@contextmanager
def at_page_of(sale: Sale, company: Company, database: Database) -> Iterator[None]:
    person = sale.sam if company == sale.seller else sale.bea
    with database.as_web(), doors.portal(user_id=person.id, company_id=company.id):
        yield


@contextmanager
def at_teams_page(sale: Sale, database: Database) -> Iterator[None]:
    with database.as_web(), doors.staff(user_id=sale.tom.id, vendor_id=sale.vendor.id):
        yield


def test_each_state_has_its_evidence_and_goes_forward_alone(sale: Sale) -> None:
    sale.agreed()
    for statement in (
        "status = 'approved'",
        "status = 'approved', approved_at = now(), approved_by = 'x'",
        "approved_at = now(), approved_by = 'x', prices = 'list'",
        "status = 'done'",
        "status = 'done', done_at = now()",
        "done_at = now()",
        "status = 'started'",
        "status = 'asked'",
        "status = 'declined'",
        "status = 'declined', declined_at = now(), declined_by = 'x'",
        "status = 'withdrawn'",
        "status = 'withdrawn', withdrawn_at = now(), withdrawn_side = 'nobody', withdrawn_by = 'x'",
        "seller_accepted_at = NULL, seller_accepted_by = ''",
        "buyer_accepted_at = now() + interval '1 day'",
        "seller_id = buyer_id",
        "buyer_id = seller_id",
        "buyer_id = NULL",
        "store_count = 1",
        "takes_effect_on = takes_effect_on + 1",
        "vendor_id = vendor_id + 1",
        "started_by = 'somebody else'",
        "status = 'nonsense'",
        "accept_hash = 'x'",
    ):
        with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
            say(f"UPDATE transfers_transfer SET {statement}")
    for statement in (
        "DELETE FROM transfers_transfer",
        "DELETE FROM transfers_transferstore",
        "TRUNCATE transfers_transfer CASCADE",
        "UPDATE transfers_transferstore SET closed_at = now()",
        "UPDATE transfers_transferstore SET location_id = location_id + 1",
    ):
        with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
            say(statement)


def test_what_has_ended_has_ended(sale: Sale) -> None:
    pass_over(transfer_id=sale.approved(), today=ON, now=NOW)
    for status in ("approved", "withdrawn", "started"):
        with pytest.raises(DatabaseError, match="it has ended"), transaction.atomic():
            say("UPDATE transfers_transfer SET status = %s", status)
    with pytest.raises(DatabaseError, match="it has ended"), transaction.atomic():
        say("UPDATE transfers_transfer SET reason = 'another'")


def test_done_is_when_the_stores_have_passed(sale: Sale) -> None:
    sale.approved()
    with pytest.raises(DatabaseError, match="not all stores have passed"), transaction.atomic():
        say("UPDATE transfers_transfer SET status = 'done', done_at = now()")


def test_a_store_has_one_open_change_of_owner_whoever_is_first(sale: Sale) -> None:
    sale.start(stores=sale.stores[:1])
    with pytest.raises(TransferRefused, match="is open already for"):
        sale.start()
    assert Transfer.objects.count() == 1, "nothing is left of the second"
    sale.start(stores=sale.stores[1:])
    second = Transfer.objects.latest("id")
    with pytest.raises(DatabaseError, match="one_open_transfer_per_store"), transaction.atomic():
        say(
            "UPDATE transfers_transfer SET store_count = store_count WHERE id = %s;"
            "INSERT INTO transfers_transferstore (transfer_id, location_id, label) VALUES (%s, %s, '')",
            second.id,
            second.id,
            sale.stores[0].id,
        )
    say(
        "UPDATE transfers_transfer SET status = 'withdrawn', withdrawn_at = now(), withdrawn_side = 'seller',"
        " withdrawn_by = 'x'"
    )
    assert not TransferStore.objects.filter(closed_at=None).exists()
    sale.start()


def test_no_store_is_put_to_it_afterwards_and_only_the_sellers_pass(sale: Sale) -> None:
    sale.start(stores=sale.stores[:1])
    add = (
        "INSERT INTO transfers_transferstore (transfer_id, location_id, label)"
        " SELECT id, %s, '' FROM transfers_transfer"
    )
    with pytest.raises(DatabaseError, match="has not the stores that it says"), transaction.atomic():
        say(add, sale.stores[1].id)
    late = make_location(company=sale.seller, since=ON)
    for foreign in (make_location(company=sale.buyer), late):
        with pytest.raises(DatabaseError, match="not the seller's to pass on"), transaction.atomic():
            say(add, foreign.id)


def test_another_vendors_company_and_closed_books_are_out(sale: Sale) -> None:
    sale.start()
    elsewhere = make_company(vendor=make_vendor())
    with pytest.raises(DatabaseError, match="is another vendor's"), transaction.atomic():
        say("UPDATE transfers_transfer SET buyer_id = %s", elsewhere.id)
    with transaction.atomic():
        close_books(vendor_id=sale.vendor.id, through=ON, today=ON + timedelta(days=1), reason="month", actor=TESTS)
    copied = ", ".join(
        field.column
        for field in Transfer._meta.concrete_fields
        if field.column
        not in ("id", "public_id", "invitation", "accept_hash", "withdraw_hash", "invitation_expires_at")
    )
    with pytest.raises(DatabaseError, match="books of that day are closed"), transaction.atomic():
        say(
            f"INSERT INTO transfers_transfer (public_id, accept_hash, withdraw_hash, {copied})"
            f" SELECT gen_random_uuid(), '', '', {copied} FROM transfers_transfer"
        )
    with pytest.raises(TransferRefused, match="books are closed"):
        sale.agreed(stores=sale.stores, on=date(2020, 10, 5), today=ON)


def test_nobody_speaks_for_another_behind_a_door(sale: Sale, fresh_database: Database) -> None:
    sale.agreed(stores=sale.stores[:1])
    sale.start(stores=sale.stores[1:])
    decided = "status = 'approved', approved_at = now(), approved_by = 'x', prices = 'list'"
    withdrawn = "status = 'withdrawn', withdrawn_at = now(), withdrawn_by = 'x', withdrawn_side"
    for company, statement in (
        (sale.seller, decided),
        (sale.buyer, decided),
        (sale.seller, "buyer_accepted_at = now(), buyer_accepted_by = 'x' WHERE status = 'started'"),
        (sale.buyer, f"{withdrawn} = 'seller'"),
        (sale.seller, f"{withdrawn} = 'buyer'"),
        (sale.seller, f"{withdrawn} = 'team'"),
        (sale.seller, "seller_id = NULL"),
        (sale.buyer, "invitation = gen_random_uuid(), accept_hash = 'a', withdraw_hash = 'b', buyer_email = 'x@y.z'"),
        (sale.seller, "takes_effect_on = '2020-12-01'"),
    ):
        with pytest.raises(DatabaseError, match=REFUSED), at_page_of(sale, company, fresh_database):
            say(f"UPDATE transfers_transfer SET {statement}")
    for statement in (
        "buyer_accepted_at = now(), buyer_accepted_by = 'x'",
        "status = 'done', done_at = now()",
        f"{withdrawn} = 'buyer'",
        "buyer_id = seller_id",
    ):
        with pytest.raises(DatabaseError, match=REFUSED), at_teams_page(sale, fresh_database):
            say(f"UPDATE transfers_transfer SET {statement}")
    with at_page_of(sale, sale.buyer, fresh_database):
        assert say("SELECT 1 FROM transfers_transfer") == 1, "one that names nobody yet is the seller's alone"
        assert say("SELECT 1 FROM transfers_transferstore") == 1
        assert say("SELECT 1 FROM customers_location") == 0, "the store itself is not the buyer's to see yet"
    for begun in (
        "'team', 'started', seller_id, NULL",
        "'seller', 'started', %s, NULL",
        "'buyer', 'asked', NULL, seller_id",
    ):
        with pytest.raises(DatabaseError, match=REFUSED), at_page_of(sale, sale.seller, fresh_database):
            say(
                "INSERT INTO transfers_transfer (public_id, vendor_id, takes_effect_on, started_by, started_at,"
                " asked_stores, seller_name, seller_email, seller_accepted_by, buyer_name, buyer_number, buyer_email,"
                " buyer_language, buyer_accepted_by, accept_hash, withdraw_hash, approved_by, prices, declined_by,"
                " withdrawn_side, withdrawn_by, reason, store_count, started_side, status, seller_id, buyer_id)"
                " SELECT gen_random_uuid(), vendor_id, takes_effect_on, 'x', now(), '', 'x', '', '', 'x', '', '',"
                f" 'en', '', '', '', '', '', '', '', '', '', 1, {begun.replace('%s', str(sale.buyer.id))}"
                " FROM transfers_transfer LIMIT 1"
            )


def test_an_owner_alone_passes_stores_on_behind_a_door(sale: Sale, fresh_database: Database) -> None:
    made = sale.agreed(stores=sale.stores[:1])
    say("UPDATE customers_member SET role = 'billing_manager'")
    with at_page_of(sale, sale.seller, fresh_database):
        assert say("SELECT 1 FROM transfers_transfer") == 1
        withdrawn = "status = 'withdrawn', withdrawn_at = now(), withdrawn_by = 'x', withdrawn_side = 'seller'"
        assert say(f"UPDATE transfers_transfer SET {withdrawn}") == 0
    with pytest.raises(TransferNotFound), at_page_of(sale, sale.seller, fresh_database):
        add_documents(
            public_id=made,
            company_id=sale.seller.id,
            files=[NewFile("a.pdf", PDF)],
            actor=sale.actor(sale.sam),
            now=NOW,
        )
    with pytest.raises(DatabaseError, match=REFUSED), at_page_of(sale, sale.seller, fresh_database):
        sale.start(stores=sale.stores[1:])


def test_a_seller_sends_few_invitations_behind_a_door(sale: Sale, fresh_database: Database) -> None:
    sale.start()
    again = "invitation = gen_random_uuid(), accept_hash = 'a' || %s, withdraw_hash = 'b' || %s"
    with at_page_of(sale, sale.seller, fresh_database):
        say(f"UPDATE transfers_transfer SET {again}", 1, 1)
    for _each in range(19):
        say(
            "INSERT INTO tenancy_auditentry (company_id, actor_kind, actor_label, action, subject, reason, request_id)"
            " VALUES (%s, 'system', 'x', 'change of owner invited', 'x', '', '')",
            sale.seller.id,
        )
    with pytest.raises(DatabaseError, match="invites too many"), at_page_of(sale, sale.seller, fresh_database):
        say(f"UPDATE transfers_transfer SET {again}", 2, 2)


def test_papers_are_sealed_and_the_sides_alone(sale: Sale, fresh_database: Database, settings: Settings) -> None:
    transfer = sale.agreed()
    file = NewFile(name="bill of sale.pdf", content=PDF)
    with at_page_of(sale, sale.seller, fresh_database):
        add_documents(public_id=transfer, company_id=sale.seller.id, files=[file], actor=sale.actor(sale.sam), now=NOW)
    with at_teams_page(sale, fresh_database):
        add_documents(public_id=transfer, company_id=None, files=[file], actor=sale.actor(sale.tom), now=NOW)
    own, teams = Document.objects.order_by("id")
    keep_note(own.transfer, company_id=sale.seller.id, words="We close on the 10th.")
    with at_page_of(sale, sale.buyer, fresh_database):
        assert not Note.objects.exists(), "what one side writes to the team is not the other's"
    with at_page_of(sale, sale.seller, fresh_database):
        assert note_of(own.transfer_id) == "We close on the 10th."
    with at_page_of(sale, sale.seller, fresh_database), pytest.raises(DatabaseError, match="permission denied"):
        say("UPDATE transfers_note SET sealed_text = sealed_text")
    assert b"10th" not in bytes(Note.objects.get().sealed_text)
    for statement, refusal in (
        ("UPDATE transfers_note SET sealed_text = 'We close on the 10th.'", "note_is_sealed"),
        ("UPDATE transfers_note SET company_id = NULL", "is refused"),
        ("DELETE FROM transfers_note", "is refused"),
    ):
        with pytest.raises(DatabaseError, match=refusal), transaction.atomic():
            say(statement)
    with pytest.raises(AccountNumberFound):
        keep_note(own.transfer, company_id=sale.seller.id, words="Take it from 4242 4242 4242 4242.")
    assert PDF not in bytes(own.sealed_content)
    for company, seen in ((sale.seller, {own.public_id}), (sale.buyer, set())):
        with at_page_of(sale, company, fresh_database):
            assert set(Document.objects.values_list("public_id", flat=True)) == seen
    with at_page_of(sale, sale.buyer, fresh_database), pytest.raises(TransferNotFound):
        document_content(transfer_public_id=transfer, public_id=own.public_id)
    copied = (
        "INSERT INTO transfers_document (public_id, transfer_id, company_id, given_by, given_at, media_type,"
        " size_bytes, sealed_name, sealed_content) SELECT gen_random_uuid(), transfer_id, %s, 'x', now(), media_type,"
        " size_bytes, sealed_name, sealed_content FROM transfers_document LIMIT 1"
    )
    with pytest.raises(DatabaseError, match="row-level security"), at_page_of(sale, sale.seller, fresh_database):
        say(copied, sale.buyer.id)
    with pytest.raises(DatabaseError, match="row-level security"), at_teams_page(sale, fresh_database):
        say(copied, sale.seller.id)
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        say("UPDATE transfers_document SET given_by = 'y'")
    settings.MESSAGE_KEYS = f"{new_key()},{settings.MESSAGE_KEYS}"
    assert under_older_keys(also=SEALED) == 5, "two papers, each with its name, and a note"
    assert sum(done for _table, done in reseal(also=SEALED)) == 5
    settings.MESSAGE_KEYS = settings.MESSAGE_KEYS.partition(",")[0]
    assert document_content(transfer_public_id=transfer, public_id=teams.public_id).content == PDF
    assert note_of(own.transfer_id) == "We close on the 10th."


def test_ways_to_pay_and_authorisations_stay_with_the_seller(
    sale: Sale, fresh_database: Database, web: WebClient
) -> None:
    method, _setup = way_to_pay(sale.seller, owner=sale.sam)
    given = Authorisation.objects.values().get()
    pass_over(transfer_id=sale.approved(), today=ON, now=NOW)
    plan = autopay_plan(sale.seller.id)
    assert plan is not None
    assert (plan.method_public_id, Authorisation.objects.values().get()) == (method.public_id, given)
    assert (pays_by(sale.buyer.id), methods(sale.buyer.id)) == ("check", [])
    for company, seen in ((sale.buyer, 0), (sale.seller, 1)):
        with at_page_of(sale, company, fresh_database):
            counts = [
                rows.count()
                for rows in (
                    PaymentMethod.objects.all(),
                    Authorisation.objects.all(),
                    SetupSession.objects.all(),
                    GatewayCustomer.objects.all(),
                )
            ]
        assert counts == [seen] * 4
    for company, person, shown in ((sale.buyer, sale.bea, False), (sale.seller, sale.sam, True)):
        web.force_login(person)
        own = f"/c/{company.public_id}/methods/"
        assert ("6789" in web.get(own).content.decode()) is shown
        assert ("agrees." in web.get(f"{own}agreements/").content.decode()) is shown
        assert web.get(f"{own}{method.public_id}/name/").status_code == (200 if shown else 404)


def test_companies_of_the_old_system_neither_sell_nor_buy_here(sale: Sale) -> None:
    waiting = make_company(vendor=sale.vendor, name="Waiting LLC", billed_since=None)
    make_subscription(
        company=waiting, plan=make_plan(vendor=sale.vendor, scope="location"), location=make_location(company=waiting)
    )
    sale.buyer = waiting
    with pytest.raises(TransferRefused, match="Waiting LLC is not billed here on that day"):
        sale.agreed()
    assert taken_at(company_id=sale.seller.id, location_ids=[sale.stores[0].id], on=TODAY)
