"""What waits for a person is on one list, once, until somebody settles it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next
from comptoir.mailer.marking import mark_address
from comptoir.mailer.models import MarkReason, Message
from comptoir.mailer.operations import clear_address
from comptoir.mailer.queries import marked_addresses
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.models import AuditEntry
from comptoir.work.errors import WorkNotOpen
from comptoir.work.models import WorkItem
from comptoir.work.operations import assign_work, close_item, close_work, open_work
from comptoir.work.queries import count_waiting, waiting
from tests.databases import Database
from tests.factories import NOW, TESTS, make_company, make_vendor
from tests.web import WebClient
from tests.worlds import World


@pytest.mark.django_db
class TestTheList:
    def test_what_waits_already_is_not_put_down_again(self) -> None:
        vendor = make_vendor()
        for _ in range(2):
            open_work(vendor_id=vendor.id, kind="bounce", subject="address:1", now=NOW)
        assert count_waiting(vendor_id=vendor.id) == 1

    def test_what_was_settled_may_come_up_again(self) -> None:
        vendor = make_vendor()
        about = {"vendor_id": vendor.id, "kind": "bounce", "subject": "address:1"}
        open_work(**about, now=NOW)  # type: ignore[arg-type]
        close_work(**about, actor=TESTS, now=NOW)  # type: ignore[arg-type]
        assert waiting(vendor_id=vendor.id) == []
        open_work(**about, now=NOW)  # type: ignore[arg-type]
        assert count_waiting(vendor_id=vendor.id) == 1

    def test_urgent_work_comes_first_then_what_was_promised_soonest(self) -> None:
        vendor = make_vendor()
        open_work(vendor_id=vendor.id, kind="a", subject="x:old", now=NOW)
        open_work(vendor_id=vendor.id, kind="a", subject="x:late", now=NOW, due_at=NOW + timedelta(days=2))
        open_work(vendor_id=vendor.id, kind="a", subject="x:soon", now=NOW, due_at=NOW + timedelta(days=1))
        open_work(vendor_id=vendor.id, kind="a", subject="x:urgent", now=NOW, urgent=True)
        assert [row.subject_id for row in waiting(vendor_id=vendor.id)] == ["urgent", "soon", "late", "old"]

    def test_nobody_settles_or_takes_what_is_settled(self) -> None:
        vendor = make_vendor()
        open_work(vendor_id=vendor.id, kind="a", subject="x:1", now=NOW)
        (row,) = waiting(vendor_id=vendor.id)
        close_item(vendor_id=vendor.id, item_id=row.id, actor=TESTS, now=NOW, note="Called them.")
        with pytest.raises(WorkNotOpen):
            close_item(vendor_id=vendor.id, item_id=row.id, actor=TESTS, now=NOW, note="Again.")
        with pytest.raises(WorkNotOpen):
            assign_work(vendor_id=vendor.id, item_id=row.id, user_id=1, label="Nora", actor=TESTS)
        assert AuditEntry.objects.get(action="work closed").reason == "Called them."


@pytest.mark.django_db
class TestRules:
    def test_settled_work_stays_as_it_was_settled(self) -> None:
        vendor = make_vendor()
        open_work(vendor_id=vendor.id, kind="a", subject="x:1", now=NOW)
        close_work(vendor_id=vendor.id, kind="a", subject="x:1", actor=TESTS, now=NOW)
        with pytest.raises(DatabaseError), transaction.atomic():
            WorkItem.objects.update(closed_at=None, closed_by="", closing_note="")

    def test_work_is_never_deleted_nor_about_something_else_later(self) -> None:
        vendor = make_vendor()
        open_work(vendor_id=vendor.id, kind="a", subject="x:1", now=NOW)
        for attempt in ("DELETE FROM work_workitem", "UPDATE work_workitem SET subject = 'x:2'"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(attempt)

    def test_a_company_on_the_list_is_the_vendors_own(self) -> None:
        vendor, stranger = make_vendor(), make_company(vendor=make_vendor())
        with pytest.raises(DatabaseError, match="another vendor"), transaction.atomic():
            open_work(vendor_id=vendor.id, company_id=stranger.id, kind="a", subject="x:1", now=NOW)


def deliver_all() -> None:
    while deliver_next(now=wall_now()):
        pass


def test_an_address_that_mail_came_back_from_waits_until_somebody_clears_it(
    world: World, fresh_database: Database, web: WebClient
) -> None:
    to = {"vendor": world.northwind, "company": world.arches, "to": "gone@arches.example"}
    message = Message.objects.create(
        **to, key="m:1", sender_name="N", reply_to="n@n.example", subject="s", text="t", html="h"
    )
    with transaction.atomic():
        mark_address(message=message, reason=MarkReason.BOUNCED, detail="550", now=NOW)
    deliver_all()
    web.force_login(world.nora)
    page = web.get(reverse("console:work", kwargs={"vendor": "northwind"})).content.decode()
    assert "Mail came back" in page
    assert "Settle" not in page, "it is settled where it can be cleared"
    nora = Actor(kind="staff", label="Nora", user_id=world.nora.id)
    (marked,) = marked_addresses(world.northwind.id)
    with transaction.atomic():
        clear_address(vendor_id=world.northwind.id, address_id=marked.id, reason="called", actor=nora, now=NOW)
    deliver_all()
    assert count_waiting(vendor_id=world.northwind.id) == 0


def test_a_clerk_takes_work_and_leaves_it_to_all_again(world: World, web: WebClient) -> None:
    open_work(
        vendor_id=world.northwind.id, company_id=world.arches.id, kind="mail_failed", subject="message:1", now=NOW
    )
    item = WorkItem.objects.get(vendor=world.northwind).id
    web.force_login(world.nora)
    page = reverse("console:work", kwargs={"vendor": "northwind"})
    take = reverse("console:work_take", kwargs={"vendor": "northwind", "item": item})
    web.post(take)
    assert "Leave it to all" in web.get(page + "?mine=yes&kind=mail_failed").content.decode()
    web.post(take, {"back": "yes"})
    assert "Nothing waits" in web.get(page + "?mine=yes").content.decode()


def test_a_clerk_settles_work_by_word(world: World, web: WebClient) -> None:
    open_work(vendor_id=world.northwind.id, kind="mail_failed", subject="message:1", now=NOW)
    item = WorkItem.objects.get(vendor=world.northwind).id
    settle = reverse("console:work_settle", kwargs={"vendor": "northwind", "item": item})
    web.force_login(world.nora)
    listed = web.get(reverse("console:work", kwargs={"vendor": "northwind"})).content.decode()
    assert settle in listed, "nothing but a person's word settles mail that could not be sent"
    web.post(settle, {"note_text": "They moved."})
    settled = WorkItem.objects.get(id=item)
    assert (settled.closed_by, settled.closing_note) == ("Nora", "They moved.")
