"""What was written stays as it was, in everybody's own name, whatever SQL is said behind a door."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from comptoir.inbox import queries
from comptoir.inbox.models import Attachment, Message, Thread
from comptoir.inbox.resealing import reseal, under_older_keys
from comptoir.inbox.sealing import new_key
from comptoir.tenancy import doors
from tests.belongings import furnish
from tests.databases import Database
from tests.factories import NOW
from tests.worlds import World

REFUSED = "permission denied|row-level security|is refused"
WRITE = (
    "INSERT INTO inbox_message"
    " (public_id, thread_id, side, kind, author_id, author_label, sealed_text, files, written_at)"
    " SELECT gen_random_uuid(), id, %s, %s, %s, 'x', decode(repeat('00', 40), 'hex'), 0, now() FROM inbox_thread"
)
ATTACH = (
    "INSERT INTO inbox_attachment (public_id, message_id, media_type, size_bytes, sealed_name, sealed_content)"
    " SELECT gen_random_uuid(), min(id), 'application/pdf', 8, decode(repeat('00', 40), 'hex'),"
    " decode(repeat('00', 40), 'hex') FROM inbox_message"
)


@pytest.fixture
def thread(world: World) -> UUID:
    """A conversation of Arches: Anna's question with a file, Nora's note, Nora's answer."""
    return furnish(world.arches, invoice=world.invoices[world.arches.name], owner=world.anna, staff=world.nora).thread


@contextmanager
def anna(world: World, database: Database) -> Iterator[None]:
    with database.as_web(), doors.portal(user_id=world.anna.id, company_id=world.arches.id):
        yield


@contextmanager
def nora(world: World, database: Database) -> Iterator[None]:
    with database.as_web(), doors.staff(user_id=world.nora.id, vendor_id=world.northwind.id):
        yield


def say(statement: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inbox_message SET author_label = 'somebody else'",
        "UPDATE inbox_message SET written_at = now()",
        "DELETE FROM inbox_message",
        "TRUNCATE inbox_message CASCADE",
        "UPDATE inbox_attachment SET media_type = 'text/html'",
        "DELETE FROM inbox_attachment",
        "UPDATE inbox_thread SET company_id = company_id + 1",
        "UPDATE inbox_thread SET urgent = NOT urgent",
        "DELETE FROM inbox_thread",
    ],
)
def test_even_the_owner_changes_nothing_that_was_written(thread: UUID, statement: str) -> None:
    with pytest.raises(DatabaseError, match=REFUSED):
        say(statement)


def test_a_page_does_not_even_touch_what_is_sealed(thread: UUID, world: World, fresh_database: Database) -> None:
    for door in (anna, nora):
        for statement in (
            "UPDATE inbox_message SET sealed_text = sealed_text",
            "UPDATE inbox_thread SET sealed_subject = sealed_subject",
            "UPDATE inbox_attachment SET sealed_content = sealed_content",
        ):
            with pytest.raises(DatabaseError, match="permission denied"), door(world, fresh_database):
                say(statement)


def test_a_customer_writes_as_oneself_and_no_note(thread: UUID, world: World, fresh_database: Database) -> None:
    for side, kind, author in (
        ("staff", "message", world.anna.id),
        ("staff", "note", world.anna.id),
        ("customer", "message", world.nora.id),
    ):
        with pytest.raises(DatabaseError, match="row-level security"), anna(world, fresh_database):
            say(WRITE, side, kind, author)
    with anna(world, fresh_database):
        assert say(WRITE, "customer", "message", world.anna.id) == 1


def test_the_team_does_not_write_in_a_customers_name(thread: UUID, world: World, fresh_database: Database) -> None:
    for side, author in (("customer", world.nora.id), ("customer", world.anna.id), ("staff", world.hugo.id)):
        with pytest.raises(DatabaseError, match="row-level security"), nora(world, fresh_database):
            say(WRITE, side, "message", author)


def test_a_customer_sees_no_note(thread: UUID, world: World, fresh_database: Database) -> None:
    with anna(world, fresh_database):
        found = queries.conversation(public_id=thread, user_id=world.anna.id, side="customer")
        assert say("SELECT 1 FROM inbox_message WHERE kind = 'note'") == 0
        assert say("SELECT 1 FROM tenancy_auditentry WHERE action = 'note written'") == 0, "nor that there is one"
        assert say("SELECT 1 FROM tenancy_auditentry WHERE action = 'message written'") == 2
    assert [(each.side, each.text) for each in found.messages] == [
        ("customer", "Arches Burgers LLC has a question."),
        ("staff", "An answer."),
    ]
    with nora(world, fresh_database):
        seen = queries.conversation(public_id=thread, user_id=world.nora.id, side="staff")
        assert say("SELECT 1 FROM tenancy_auditentry WHERE action = 'note written'") == 1
    assert [each.is_note for each in seen.messages] == [False, True, False]


def test_no_file_is_put_to_a_message_afterwards(thread: UUID, world: World, fresh_database: Database) -> None:
    for door in (anna, nora):
        with pytest.raises(DatabaseError, match="has not the files that came with it"), door(world, fresh_database):
            say(ATTACH)


def test_nobody_opens_a_conversation_in_anothers_name_or_for_another_vendor(
    thread: UUID, world: World, fresh_database: Database
) -> None:
    copied = (
        "INSERT INTO inbox_thread"
        " (public_id, vendor_id, company_id, topic, about, urgent, sealed_subject, opened_by_id, opened_at, last_at,"
        " assigned_to_id)"
        " SELECT gen_random_uuid(), %s, company_id, topic, about, urgent,"
        " sealed_subject, %s, now(), now(), %s FROM inbox_thread"
    )
    northwind, harbor, me = world.northwind.id, world.harbor.id, world.anna.id
    for vendor, opener, holder in (
        (northwind, world.nora.id, None),
        (northwind, me, world.nora.id),
        (harbor, me, None),
    ):
        with pytest.raises(DatabaseError, match=f"{REFUSED}|another vendor"), anna(world, fresh_database):
            say(copied, vendor, opener, holder)
    with pytest.raises(DatabaseError, match="another vendor"):
        say(copied, harbor, me, None)


def test_a_conversation_is_given_to_the_own_team_alone(thread: UUID, world: World, fresh_database: Database) -> None:
    with pytest.raises(DatabaseError, match="outside of the team"), nora(world, fresh_database):
        say("UPDATE inbox_thread SET assigned_to_id = %s", world.hugo.id)
    with pytest.raises(DatabaseError, match="permission denied"), anna(world, fresh_database):
        say("UPDATE inbox_thread SET assigned_to_id = %s", world.anna.id)


def test_a_closed_conversation_owes_no_answer(thread: UUID) -> None:
    with pytest.raises(DatabaseError, match="closed_thread_waits_for_nobody"):
        Thread.objects.update(closed_at=NOW, answer_due_at=NOW + timedelta(hours=1))


def test_what_was_not_sealed_is_not_kept(thread: UUID) -> None:
    with pytest.raises(DatabaseError, match="message_text_is_sealed"), transaction.atomic():
        say("UPDATE inbox_message SET sealed_text = 'in the clear'")
    with pytest.raises(DatabaseError, match="file_is_sealed"):
        say("UPDATE inbox_attachment SET sealed_content = '%%PDF-1.7 in the clear, though long enough to pass for it'")


def test_a_kept_file_is_sealed_and_ones_own(thread: UUID, world: World, fresh_database: Database) -> None:
    kept = (
        "INSERT INTO inbox_keptfile (public_id, user_id, company_id, vendor_id, size_bytes, sealed_name,"
        " sealed_content, kept_at) VALUES (gen_random_uuid(), %s, %s, %s, 8, decode(repeat('00', 40), 'hex'),"
        " decode(repeat('00', 40), 'hex'), now())"
    )
    arches, bistro, northwind = world.arches.id, world.bistro.id, world.northwind.id
    for door, me in ((anna, world.anna.id), (nora, world.nora.id)):
        with door(world, fresh_database):
            assert say("SELECT 1 FROM inbox_keptfile") == 1
            assert say("SELECT 1 FROM inbox_keptfile WHERE user_id = %s", me) == 1
    for door, values in (
        (anna, (world.carl.id, arches, None)),
        (anna, (world.anna.id, bistro, None)),
        (anna, (world.anna.id, None, northwind)),
        (nora, (world.hugo.id, None, northwind)),
        (nora, (world.nora.id, arches, None)),
    ):
        with pytest.raises(DatabaseError, match="row-level security"), door(world, fresh_database):
            say(kept, *values)
    with pytest.raises(DatabaseError, match="kept_file_is_a_companys_or_a_teams"):
        say(kept, world.anna.id, arches, northwind)
    with pytest.raises(DatabaseError, match="kept_file_is_sealed"):
        say("UPDATE inbox_keptfile SET sealed_content = '%%PDF-1.7 in the clear, though long enough to pass for it'")
    with pytest.raises(DatabaseError, match="is refused"):
        say("UPDATE inbox_keptfile SET user_id = %s", world.carl.id)


def test_a_read_mark_is_ones_own(thread: UUID, world: World, fresh_database: Database) -> None:
    with anna(world, fresh_database):
        assert say("SELECT 1 FROM inbox_readmark") == 1
    with pytest.raises(DatabaseError, match="row-level security"), anna(world, fresh_database):
        say(
            "INSERT INTO inbox_readmark (thread_id, user_id, through_message_id) SELECT id, %s, 0 FROM inbox_thread",
            world.carl.id,
        )


def test_everything_is_sealed_anew_under_the_newest_key(thread: UUID, settings: Settings) -> None:
    old, new = settings.MESSAGE_KEYS, new_key()
    before = bytes(Message.objects.earliest("id").sealed_text)
    settings.MESSAGE_KEYS = f"{new},{old}"
    assert under_older_keys() == 10, "a subject, three texts, a file and two that are kept, each with its name"
    assert dict(reseal()) == {"inbox_thread": 1, "inbox_message": 3, "inbox_attachment": 1, "inbox_keptfile": 2}
    assert under_older_keys() == 0
    assert list(reseal()) == []
    settings.MESSAGE_KEYS = new
    assert bytes(Message.objects.earliest("id").sealed_text) != before
    found = Attachment.objects.get()
    file = queries.file_content(thread_public_id=thread, public_id=found.public_id)
    assert (file.name, file.content[:5]) == ("Arches Burgers LLC.pdf", b"%PDF-")
