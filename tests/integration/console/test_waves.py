"""A wave on its pages: planned by two people, stopped, gone on with, followed, taken back; and its letters’ words."""

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comptoir.cutover.legacy.shipped import shipped_profile
from comptoir.cutover.models import Wave
from comptoir.identity.models import User
from comptoir.mailer.models import Message
from comptoir.tenancy.models import Company, Vendor
from tests.web import WebClient

EXPORT = shipped_profile("demo").parent.parent / "src/comptoir/demo/export/demo-customers.csv"
WAVES = "/console/northwind/waves/"
PLAN = {
    "name": "Pilot",
    "letter_on": "2020-09-18",
    "reminder": "2020-09-22",
    "deadline": "2020-09-28",
    "first_invoice_month": "2020-10",
}


def text(web: WebClient, path: str) -> str:
    response = web.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def lines(web: WebClient, path: str) -> list[str]:
    return b"".join(web.get(path)).decode().splitlines()


@pytest.fixture
def wave(web: WebClient, vendor: Vendor, staff: Callable[[str], User], work: Callable[[], None]) -> str:
    """The page of a planned wave of three companies, before a manager."""
    web.force_login(staff("manager"))
    file = SimpleUploadedFile("customers.csv", EXPORT.read_bytes(), content_type="text/csv")
    web.post("/console/northwind/imports/", {"kind": "customers", "export": file})
    work()
    page = str(web.post(WAVES, PLAN)["Location"])
    web.post(f"{page}add/", {"numbers": "1001 1002 1003"})
    return page


def test_a_wave_is_planned_by_two_stopped_gone_on_with_followed_and_taken_back(
    web: WebClient, wave: str, work: Callable[[], None]
) -> None:
    bluebird, other, third = (Company.objects.get(number=number) for number in ("1001", "1002", "1003"))
    seen = {"version": str(Wave.objects.get().version)}
    assert 'value="2020-09-22"' in text(web, f"{wave}plan/")
    web.post(f"{wave}hold-out/{other.public_id}/", {"reason": "Their books close."})
    assert "Their books close." in text(web, wave)
    late = web.post(f"{wave}plan/", {**PLAN, **seen, "name": "Mine"}).content.decode()
    assert "Somebody has changed this wave since you opened the page" in late
    assert "Somebody has changed this wave" in web.post(f"{wave}send/", seen, follow=True).content.decode()
    assert Wave.objects.get().sent_at is None
    now_seen = {"version": str(Wave.objects.get().version)}
    web.post(f"{wave}plan/", {**PLAN, **now_seen, "reminder": "2020-09-23"})
    assert "Sep 23, 2020" in text(web, wave)

    web.post(f"{wave}send/", {"version": str(Wave.objects.get().version)})
    web.post(f"{wave}stop/")
    work()
    assert "This wave is stopped" in text(web, wave)
    assert not Message.objects.exists()
    web.post(f"{wave}go-on/")
    work()
    assert set(Company.objects.exclude(billed_since=None)) == {bluebird, third}
    assert Message.objects.filter(company=bluebird).count() == 1

    sent = text(web, wave)
    assert f'<form id="again-one" method="post" action="{wave}again/">' in sent
    assert f'<button form="again-one" name="company" value="{bluebird.public_id}"' in sent, "one click, and it is sent"
    (reference,) = set(re.findall('name="reference" value="([^"]+)"', sent))
    for _time in range(2):
        said = web.post(f"{wave}again/", {"company": str(bluebird.public_id), "reference": reference}, follow=True)
    assert "it was not done twice" in said.content.decode()
    web.post(f"{WAVES}move/{third.public_id}/letter/", {"to": "Elsewhere@example.com"})
    work()
    assert Message.objects.filter(company=bluebird).count() == 2
    assert Message.objects.filter(company=third, to="elsewhere@example.com").count() == 1

    listed = text(web, f"{WAVES}progress/?missing=password").split('id="companies"')[1]
    assert bluebird.name in listed
    assert bluebird.name not in text(web, f"{wave}?stage=password").split('id="companies"')[1]
    head, *rows = lines(web, f"{WAVES}progress.csv?stage=moved")
    assert head.startswith("number,company,wave,moved_on,letter_to,letter,pays_by,moved,delivered,opened,password")
    assert [row.split(",")[0] for row in rows] == ["1001", "1003"]
    assert lines(web, f"{WAVES}progress.csv?stage=paid")[1:] == []

    web.post(f"{WAVES}move/{third.public_id}/take-back/", {"reason": "Asked for time."})
    third.refresh_from_db()
    assert third.billed_since is None
    told = [row.split(",") for row in lines(web, f"{WAVES}moved.csv")]
    at = told[0].index("taken_back_on")
    assert {(row[0], bool(row[at])) for row in told[1:]} == {("1001", False), ("1003", True)}


def test_the_words_of_a_letter_are_seen_as_they_are_typed_and_go_out_in_their_language(
    web: WebClient, wave: str, work: Callable[[], None]
) -> None:
    page, typed = f"{WAVES}letters/letter/en/", {"letter": "letter", "tongue": "en", "subject": "We move, {company}"}
    assert 'hx-trigger="input' in text(web, page)
    wrong = web.post(f"{WAVES}letters/preview/", {**typed, "body": "By {deadline}."}).content.decode()
    assert "{email}" in wrong.split("</div>")[0], "what is missing is said beside what one sees"
    words = {**typed, "body": "Until {deadline}, with **{email}**."}
    shown = web.post(f"{WAVES}letters/preview/", words).content.decode()
    assert "<strong>" in shown
    assert "{" not in shown
    web.post(page, {**words, "edition": "0"})
    assert "We move, {company}" in text(web, f"{WAVES}letters/")

    Company.objects.filter(number="1002").update(language="fr")
    assert "Nobody wrote your own letter in its language" in text(web, wave)
    web.post(f"{wave}send/", {"version": str(Wave.objects.get().version)})
    work()
    letters = dict(Message.objects.values_list("company__number", "subject"))
    assert letters["1001"] == "We move, Bluebird Diners LLC"
    assert "factures" in letters["1002"]
