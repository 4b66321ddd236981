"""A form of the portal that is sent twice does what it asks for once, and fails nobody."""

from collections.abc import Mapping
from uuid import uuid4

import pytest
from django.db import DatabaseError
from django.db.models import Model

from comptoir.customers.models import EmailChange, ExtraRecipient, MemberInvitation, StoreDifference
from comptoir.inbox.models import Message, Thread
from comptoir.tenancy import doors
from comptoir.tenancy.once import take_reference
from comptoir.transfers.models import Transfer
from tests.belongings import furnish
from tests.databases import Database
from tests.factories import make_location
from tests.web import WebClient, double_click
from tests.worlds import World


@pytest.mark.parametrize(
    ("page", "typed", "asked"),
    [
        ("people/", {"email": "ines@accountants.example", "role": "viewer"}, MemberInvitation),
        ("contacts/further/", {"further-email": "tax@accountants.example"}, ExtraRecipient),
        ("contacts/", {"email": "new@arches.example"}, EmailChange),
    ],
)
def test_a_double_click_on_what_sends_a_link_fails_nobody(
    world: World, fresh_database: Database, page: str, typed: dict[str, object], asked: type[Model]
) -> None:
    tabs = [WebClient(fresh_database) for _ in range(3)]
    for tab in tabs:
        tab.force_login(world.anna)
    assert double_click(tabs, f"/c/{world.arches.public_id}/{page}", typed) == [302] * 3
    assert sum(map(_is_open, asked._default_manager.all())) == 1


def _is_open(row: object) -> bool:
    ends = ("accepted_at", "withdrawn_at", "ended_at", "confirmed_at", "stopped_at")
    return all(getattr(row, end, None) is None for end in ends)


SELLS = {"on": "2020-12-01", "email": "buyer@example.com", "name": "A Buyer", "language": "en"}
TAKES_OVER = {"on": "2020-12-01", "email": "seller@example.com", "name": "A Seller"}
PLACE = {"address": "9 Pine Road", "city": "Peoria", "state": "IL", "postal_code": "61601"}
# Each form that creates something: its page, what is typed, and what there is one more of.
CREATING: list[tuple[str, Mapping[str, object], type[Model]]] = [
    ("messages/new/", {"topic": "other", "subject": "Hours", "text": "When are you open?"}, Thread),
    ("messages/{thread}/", {"text": "One more thing."}, Message),
    ("people/", {"email": "ines@accountants.example", "role": "viewer"}, MemberInvitation),
    ("people/invited/{invitation}/again/", {}, MemberInvitation),
    ("contacts/", {"email": "new@arches.example"}, EmailChange),
    ("contacts/further/", {"further-email": "tax@accountants.example"}, ExtraRecipient),
    ("stores/missing/", {"name": "Arches Uptown", **PLACE}, StoreDifference),
    ("owners/sell/", {**SELLS, "stores": "{second_store}"}, Transfer),
    ("owners/take-over/", {**TAKES_OVER, "stores": "The one on Elm"}, Transfer),
]


@pytest.mark.parametrize(("page", "typed", "made"), CREATING)
def test_the_same_form_sent_twice_creates_one(
    world: World, web: WebClient, page: str, typed: Mapping[str, object], made: type[Model]
) -> None:
    company = world.arches
    own = furnish(company, invoice=world.invoices[company.name], owner=world.anna, staff=world.nora)
    second = make_location(company=company)
    web.force_login(world.anna)
    at = f"/c/{company.public_id}/{page.format(thread=own.thread, invitation=own.invitation)}"
    form = {name: str(value).format(second_store=second.public_id) for name, value in typed.items()}
    form["reference"] = str(uuid4())
    before = made._default_manager.count()
    answers = [web.post(at, form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302], answers[0].content.decode()
    assert made._default_manager.count() == before + 1
    assert "This was done already, a moment ago" in web.get(answers[1]["Location"]).content.decode()


def test_each_form_that_creates_something_has_a_reference_and_is_refused_without_one(
    world: World, web: WebClient
) -> None:
    web.force_login(world.anna)
    for page in ("messages/new/", "people/", "contacts/", "stores/missing/", "owners/sell/", "owners/take-over/"):
        assert 'name="reference"' in web.get(f"/c/{world.arches.public_id}/{page}").content.decode(), page
    typed = {"topic": "other", "subject": "Hours", "text": "When?", "reference": ""}
    assert web.post(f"/c/{world.arches.public_id}/messages/new/", typed).status_code == 409
    assert not Thread.objects.exists()


def test_nobody_takes_a_reference_of_another_vendors(world: World, fresh_database: Database) -> None:
    with (
        pytest.raises(DatabaseError, match="row-level security"),
        fresh_database.as_web(),
        doors.portal(user_id=world.anna.id, company_id=world.arches.id),
    ):
        take_reference(vendor_id=world.harbor.id, reference=str(uuid4()))
