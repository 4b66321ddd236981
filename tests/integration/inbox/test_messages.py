"""An owner writes to the billing team, and the team answers."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comptoir.inbox.keeping import MOST_KEPT, forget_what_is_old
from comptoir.inbox.models import KeptFile, Message, Thread
from comptoir.invoicing.queries import invoices
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next
from comptoir.mailer.models import Message as Mail
from tests.belongings import PDF
from tests.web import WebClient
from tests.worlds import World

CARD = "4242 4242 4242 4242"


def work() -> None:
    while deliver_next(now=wall_now()):
        pass


def text(web: WebClient, path: str) -> str:
    response = web.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def number_of(world: World) -> str:
    return invoices(company_id=world.arches.id)[0].number


@pytest.fixture
def written(web: WebClient, world: World) -> str:
    """The address, on the portal, of Anna's question about her invoice, with a file."""
    invoice = world.invoices[world.arches.name]
    web.force_login(world.anna)
    new = f"/c/{world.arches.public_id}/messages/new/"
    assert f"Invoice {number_of(world)}" in text(web, f"{new}?invoice={invoice.public_id}")
    posted = {
        "topic": "invoice_question",
        "subject": "Why twice?",
        "text": "The store is on it twice.",
        "urgent": "on",
        "invoice": str(invoice.public_id),
        "attached": SimpleUploadedFile("lease.pdf", PDF + b"Arches"),
    }
    sent = web.post(new, posted)
    assert sent.status_code == 302, sent.content.decode()
    work()
    return str(sent["Location"])


def on_the_console(written: str) -> str:
    return "/console/northwind/messages/" + written.rstrip("/").rpartition("/")[2] + "/"


def test_a_question_about_an_invoice_and_its_answer(web: WebClient, world: World, written: str) -> None:
    shown = text(web, written)
    assert "The team promised to answer by" in shown
    assert f"Invoice {number_of(world)}" in shown

    web.force_login(world.nora)
    listed = text(web, "/console/northwind/messages/")
    assert "1 conversation waits for an answer." in listed
    assert "Why twice?" in listed
    assert "Urgent" in listed
    seen = text(web, on_the_console(written))
    assert "The store is on it twice." in seen
    web.post(on_the_console(written), {"what": "note", "text": "Ask Hugo first."})
    web.post(on_the_console(written), {"what": "answer", "text": "We credit one of the two."})
    assert "Every message is answered" in text(web, "/console/northwind/messages/")
    work()

    web.force_login(world.anna)
    assert "There is an answer for you" in text(web, f"/c/{world.arches.public_id}/")
    read = text(web, written)
    assert "We credit one of the two." in read
    assert "Ask Hugo first." not in read
    assert "There is an answer for you" not in text(web, f"/c/{world.arches.public_id}/")


def test_mail_says_that_there_is_a_message_and_nothing_of_it(web: WebClient, world: World, written: str) -> None:
    web.force_login(world.nora)
    web.post(on_the_console(written), {"what": "answer", "text": "We credit one of the two."})
    work()
    to_team, to_anna = (Mail.objects.get(to=address) for address in (world.northwind.email, world.anna.email))
    assert to_team.subject == "Urgent: a customer has written"
    assert written in to_anna.text
    for mail in (to_team, to_anna):
        for word in ("twice", "credit", "Arches Burgers", "invoice_question"):
            assert word not in mail.subject + mail.text


def test_what_is_kept_is_sealed(written: str) -> None:
    for sealed in (Thread.objects.get().sealed_subject, Message.objects.get().sealed_text):
        assert b"wice" not in bytes(sealed)


def test_a_card_number_is_not_kept_and_the_rest_is_not_lost(web: WebClient, world: World) -> None:
    web.force_login(world.anna)
    new = f"/c/{world.arches.public_id}/messages/new/"
    said = {"topic": "payment_problem", "subject": f"Card {CARD}", "text": f"Take it from {CARD}, please."}
    answer = web.post(new, said)
    page = answer.content.decode()
    assert CARD not in page
    assert "Take it from •••• •••• •••• 4242, please." in page
    assert 'aria-invalid="true"' in page
    assert not Message.objects.exists()
    again = {**said, "subject": "Card", "text": "Take it from •••• •••• •••• 4242, please."}
    assert web.post(new, again).status_code == 302


def test_a_file_is_told_by_what_is_in_it(web: WebClient, world: World) -> None:
    web.force_login(world.anna)
    new = f"/c/{world.arches.public_id}/messages/new/"
    disguised = SimpleUploadedFile("lease.pdf", b"<html><script>alert(1)</script>")
    answer = web.post(new, {"topic": "other", "subject": "Lease", "text": "Here it is.", "attached": disguised})
    page = answer.content.decode()
    assert "“lease.pdf” is no PDF" in page
    assert "Here it is." in page
    assert not Message.objects.exists()


def kept_on(page: str) -> list[str]:
    """Return the ids of the files that a form offers again, all of them ticked."""
    found = re.findall(r'<input[^>]*name="kept"[^>]*>', page)
    assert all("checked" in each for each in found), found
    return [value for each in found for value in re.findall(r'value="([^"]+)"', each)]


def pdf(name: str, *, of: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF + of)


def test_files_are_kept_when_a_form_is_not_taken(web: WebClient, world: World) -> None:
    web.force_login(world.anna)
    new = f"/c/{world.arches.public_id}/messages/new/"
    said = {"topic": "other", "subject": "Lease", "text": "Here it is."}
    disguised = SimpleUploadedFile("run.pdf", b"MZ")
    files = [pdf("lease.pdf", of=b"lease"), disguised, pdf("unused.pdf")]
    page = web.post(new, {**said, "subject": "", "attached": files}).content.decode()
    assert "“run.pdf” is no PDF" in page
    assert "lease.pdf (" in page
    lease, unused = kept_on(page)
    for sealed in KeptFile.objects.values_list("sealed_name", "sealed_content"):
        assert not any(word in bytes(each) for each in sealed for word in (b"lease", b"%PDF"))

    page = web.post(new, {**said, "subject": "", "kept": [lease], "attached": pdf("plan.pdf")}).content.decode()
    assert kept_on(page)[0] == lease
    (plan,) = kept_on(page)[1:]
    assert unused not in page
    too_many = [pdf(f"{number}.pdf") for number in range(4)]
    page = web.post(new, {**said, "kept": [lease, plan], "attached": too_many}).content.decode()
    assert "A message takes 5 files" in page[page.index('id="id_attached_error"') :][:500]
    assert len(kept_on(page)) == 6
    assert not Message.objects.exists()

    sent = web.post(new, {**said, "kept": [lease, plan], "attached": pdf("late.pdf")})
    assert sent.status_code == 302, sent.content.decode()
    listed = text(web, str(sent["Location"]))
    assert all(name in listed for name in ("lease.pdf", "plan.pdf", "late.pdf"))
    assert "unused.pdf" not in listed
    link = re.search(r'href="([^"]+/files/[^"]+)"', listed)
    assert link
    assert web.get(link[1]).content == PDF + b"lease"
    gone = web.post(new, {**said, "kept": [lease]}).content.decode()
    assert "is not here any more; choose it again" in gone[gone.index('id="id_kept_error"') :][:500]


def test_an_answer_keeps_its_files_too_and_they_are_nobody_elses(web: WebClient, world: World, written: str) -> None:
    said = {"what": "answer", "text": f"Paid with {CARD}."}
    (annas,) = kept_on(web.post(written, {**said, "attached": pdf("receipt.pdf")}).content.decode())
    bistros = f"/c/{world.bistro.public_id}/messages/new/"
    other = web.post(bistros, {"topic": "other", "subject": "S", "text": "T", "kept": [annas, "nonsense"]})
    assert 'id="id_kept_error"' in other.content.decode()
    web.force_login(world.nora)
    refused = web.post(on_the_console(written), {**said, "attached": pdf("receipt.pdf")})
    (noras,) = kept_on(refused.content.decode())
    assert noras != annas
    stolen = web.post(on_the_console(written), {"what": "answer", "text": "Thank you.", "kept": [annas]})
    assert 'id="id_kept_error"' in stolen.content.decode()
    sent = web.post(on_the_console(written), {"what": "answer", "text": "Thank you.", "kept": [noras]})
    assert sent.status_code == 302
    assert text(web, on_the_console(written)).count("receipt.pdf") == 1
    assert [str(each.public_id) for each in KeptFile.objects.all()] == [annas]


def test_what_is_kept_goes_in_a_day_and_is_never_much(web: WebClient, world: World, written: str) -> None:
    for number in range(MOST_KEPT + 2):
        web.post(written, {"text": "", "attached": pdf(f"{number}.pdf")})
    assert KeptFile.objects.count() == MOST_KEPT
    latest = KeptFile.objects.latest("id")
    KeptFile.objects.exclude(id=latest.id).delete()
    forget_what_is_old(now=latest.kept_at + timedelta(hours=23))
    assert KeptFile.objects.exists()
    forget_what_is_old(now=latest.kept_at + timedelta(hours=25))
    assert not KeptFile.objects.exists()


def test_a_file_is_handed_over_and_never_shown(web: WebClient, world: World, written: str) -> None:
    for person, path in ((world.anna, written), (world.nora, on_the_console(written))):
        web.force_login(person)
        link = re.search(r'href="([^"]+/files/[^"]+)"', text(web, path))
        assert link
        answer: Any = web.get(link[1])
        assert answer.content == PDF + b"Arches"
        assert answer["Content-Disposition"] == 'attachment; filename="lease.pdf"'
        assert answer["Content-Security-Policy"].startswith("sandbox;")
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_whoever_writes_on_opens_a_closed_conversation_again(web: WebClient, world: World, written: str) -> None:
    web.force_login(world.anna)
    web.post(f"{written}close/")
    assert Thread.objects.get().closed_at
    assert Thread.objects.get().answer_due_at is None
    web.post(written, {"text": "One more thing."})
    assert Thread.objects.get().closed_at is None
    assert Thread.objects.get().answer_due_at is not None


def test_a_conversation_in_hand_is_told_to_whoever_has_it(web: WebClient, world: World, written: str) -> None:
    web.force_login(world.nora)
    web.post(f"{on_the_console(written)}assign/", {"to": str(world.nora.id)})
    assert "Why twice?" in text(web, "/console/northwind/messages/?shown=mine")
    web.force_login(world.anna)
    web.post(written, {"text": "One more thing."})
    work()
    assert Mail.objects.filter(to=world.nora.email, subject="Urgent: a customer has written").exists()


def test_the_promise_is_the_teams_to_make(web: WebClient, world: World) -> None:
    web.force_login(world.nora)
    promise = "/console/northwind/messages/promise/"
    wrong = {"weekdays": ["1"], "opens_at": "09:00", "closes_at": "08:00", "hours": "1", "urgent_hours": "2"}
    page = web.post(promise, wrong).content.decode()
    assert "The day ends after it begins." in page
    assert "What is urgent is answered no later than the rest." in page
    right = {"weekdays": ["2", "1"], "opens_at": "09:00", "closes_at": "18:00", "hours": "4", "urgent_hours": "1"}
    assert web.post(promise, right).status_code == 302
    assert 'value="4"' in text(web, promise)
