"""The team rewrites an answer, customers read and search it, and every edition is kept."""

import re
from html import unescape
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from comptoir import portal
from comptoir.answers.models import AnswerEdition
from comptoir.answers.queries import answers
from comptoir.answers.rendering import refuse_what_leads_nowhere, rendered
from comptoir.answers.shipped import shipped_answers
from comptoir.tenancy import doors
from tests.databases import Database
from tests.web import WebClient
from tests.worlds import World

PORTAL = Path(portal.__file__).parent / "templates/portal"
TEAM = "/console/northwind/help/en/"
OURS = {
    "question": "Who runs these pages?",
    "body": "**{vendor}** itself. [Write to us](write) or see [our site](https://northwind.example).",
    "position": "80",
    "is_shown": "on",
}


def help_of(world: World) -> str:
    return f"/c/{world.arches.public_id}/help/"


def test_the_team_rewrites_an_answer_and_customers_read_it(web: WebClient, world: World) -> None:
    web.force_login(world.nora)
    path = f"{TEAM}who-runs-it/"
    assert "A billing platform runs them" in web.get(path).content.decode()
    looked = web.post(path, {**OURS, "preview": "1"}).content.decode()
    assert "<strong>{vendor}</strong> itself." in looked
    assert not AnswerEdition.objects.exists(), "looking saves nothing"
    web.post(path, OURS)
    web.post(path, {**OURS, "body": "Nobody."})
    editions = web.get(path).content.decode()
    first = AnswerEdition.objects.earliest("id")
    assert f'href="?edition={first.id}"' in editions
    assert "itself." in web.get(f"{path}?edition={first.id}").content.decode()
    assert "A billing platform" in web.get(f"{path}?edition=0").content.decode()
    web.post(path, OURS)
    web.post(f"{TEAM}not-paying/", {**OURS, "question": "What if I do not pay?", "is_shown": ""})
    web.post(f"{TEAM}_new/", {**OURS, "question": "Où êtes-vous ?", "body": "À Montréal.", "position": "1"})

    web.force_login(world.anna)
    shown = web.get(help_of(world)).content.decode()
    assert f'<strong>Northwind</strong> itself. <a href="/c/{world.arches.public_id}/messages/new/"' in shown
    assert "A billing platform runs them" not in shown
    assert "not-paying" not in shown
    assert re.findall(r'<details id="([a-z0-9-]+)"', shown)[0] == "ou-etes-vous"
    found = web.get(f"{help_of(world)}?q=montreal").content.decode()
    assert re.findall(r'<details id="([a-z0-9-]+)" open', found) == ["ou-etes-vous"]
    assert "No answer says that" in web.get(f"{help_of(world)}?q=zebra").content.decode()
    assert 'id="is-it-safe" open' in web.get(f"{help_of(world)}?open=is-it-safe").content.decode()

    web.force_login(world.carl)
    other = web.get(f"/c/{world.cantina.public_id}/help/", headers={"Accept-Language": "en"}).content.decode()
    assert "ou-etes-vous" not in other


def test_what_leads_nowhere_is_said_beside_its_field(web: WebClient, world: World) -> None:
    web.force_login(world.nora)
    for wrong, said in (
        ("Dear {customer}", "There is nothing to put in for {customer}"),
        ("[here](somewhere)", "The link to “somewhere” leads nowhere"),
    ):
        page = web.post(f"{TEAM}who-runs-it/", {**OURS, "body": wrong}).content.decode()
        assert said in page
        assert wrong in page
        assert "field__error" in page
    twice = web.post(f"{TEAM}_new/", {**OURS, "question": "Who runs it"}).content.decode()
    assert "There is a question like this already" in twice
    assert not AnswerEdition.objects.exists()
    web.post(f"{TEAM}_new/", {**OURS, "question": "New?"})
    (kept,) = AnswerEdition.objects.all()
    assert 'value="New?"' in web.get(f"{TEAM}{kept.key}/").content.decode(), "it can be changed again"
    assert web.get("/console/northwind/help/xx/").status_code == 404
    assert web.get(f"{TEAM}no-such/").status_code == 404


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;"),
        ("<b onclick=x>b</b>", "&lt;b onclick=x&gt;"),
        ("![x](https://evil.example/x.png)", '!<a href="https://evil.example/x.png"'),
        ("# Big", "<p># Big</p>"),
        ("[a](javascript:alert(1))", "javascript:alert(1)"),
        ("{vendor}", "<p>&lt;i&gt; &amp; Sons</p>"),
    ],
)
def test_nothing_in_an_answer_runs(written: str, shown: str) -> None:
    html = rendered(written, facts={"vendor": "<i> & Sons"}, pages={})
    assert shown in html
    assert 'href="javascript' not in html
    assert "<script" not in html


def test_the_shipped_answers_are_the_same_in_every_language_and_lead_somewhere(world: World) -> None:
    english = shipped_answers("en")
    assert len(english) >= 20
    for language in ("fr", "es"):
        assert [one.key for one in shipped_answers(language)] == [one.key for one in english]
    for language in ("en", "fr", "es"):
        for one in answers(vendor_id=world.northwind.id, language=language):
            refuse_what_leads_nowhere(one.body)


def test_help_is_shown_where_it_matters(web: WebClient, world: World) -> None:
    keys = {one.key for one in shipped_answers("en")}
    used = {
        key
        for template in PORTAL.glob("*.html")
        for key in re.findall(r'"portal/_help.html" with key="([^"]+)"', template.read_text())
    }
    assert used <= keys, "each leads to a question that there is"
    assert "payment-came-back" in used
    questions = {
        language: {one.key: one.question for one in shipped_answers(language)} for language in ("en", "fr", "es")
    }
    for language, asked in questions.items():
        login = web.get("/login/", headers={"Accept-Language": language}).content.decode()
        assert asked["no-e-mail"] in unescape(login)
    web.force_login(world.anna)
    for path, key in (("", "when-due"), ("owners/", "change-of-owner")):
        for language, asked in questions.items():
            page = web.get(f"/c/{world.arches.public_id}/{path}", headers={"Accept-Language": language})
            link = f'{help_of(world)}?open={key}#{key}">'
            assert unescape(page.content.decode()).partition(link)[2].startswith(asked[key]), (path, language)


def test_an_edition_never_changes_and_is_written_in_the_own_name(
    web: WebClient, world: World, fresh_database: Database
) -> None:
    web.force_login(world.nora)
    web.post(f"{TEAM}who-runs-it/", OURS)
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        AnswerEdition.objects.update(body="x")
    row = (
        "INSERT INTO answers_answeredition (vendor_id, language, key, question, body, position, is_shown, written_by,"
        " written_by_id) VALUES ({vendor}, 'en', 'x', 'x', 'x', 1, true, 'x', {by})"
    )
    for statement in (
        row.format(vendor=world.northwind.id, by=world.hugo.id),
        row.format(vendor=world.harbor.id, by=world.nora.id),
    ):
        with (
            pytest.raises(DatabaseError, match="row-level security"),
            fresh_database.as_web(),
            doors.staff(user_id=world.nora.id, vendor_id=world.northwind.id),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
