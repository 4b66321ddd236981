"""A login that ends, ends at the product, too: told in the background, from whichever side it ended."""

import json
from base64 import urlsafe_b64decode
from urllib.parse import urlencode
from uuid import UUID

import pytest
import requests
from allauth.usersessions.models import UserSession

from comptoir.access.clients import remove_client
from comptoir.access.errors import NotTaken
from comptoir.access.models import SignOn
from tests.factories import TESTS, make_member
from tests.running import work

from .conftest import Browser, Office, open_sign_ons

EVENT = "http://schemas.openid.net/event/backchannel-logout"
PASSWORD = "a long and quiet word"


def test_a_suspended_company_is_logged_out_of_the_product_at_once(office: Office, browser: Browser) -> None:
    _client, arches = office.come_in(browser, company=office.arches)
    _client, bistro = office.come_in(browser, company=office.bistro)
    office.suspend(office.arches)
    work()
    (heard,) = office.hearing.heard
    told = office.read(heard)
    assert (told["sub"], told["exp"] - told["iat"], bool(told["jti"])) == (str(office.anna.id), 120, True)
    assert told["sid"] == office.read(arches["id_token"])["sid"] != office.read(bistro["id_token"])["sid"]
    assert (told["aud"], told["iss"], told["events"]) == (office.registered.client_id, office.url, {EVENT: {}})
    assert "nonce" not in told
    header = json.loads(urlsafe_b64decode(heard.split(".")[0] + "=="))
    assert header["typ"] == "logout+jwt"
    assert open_sign_ons() == 1, "for the other company it goes on"


def test_logging_out_at_comptoir_ends_all_that_was_come_in_to_from_there(office: Office, browser: Browser) -> None:
    client, tokens = office.come_in(browser)
    elsewhere = Browser().log_in(office.anna)
    office.come_in(elsewhere)
    browser.send_form(browser.get(f"{office.url}/logout/"))
    work()
    assert [office.read(heard)["sid"] for heard in office.hearing.heard] == [office.read(tokens["id_token"])["sid"]]
    assert office.refresh(client, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert open_sign_ons() == 1, "the other browser stays in"


def test_whoever_does_not_act_for_the_company_any_more_is_logged_out_of_the_product_at_once(
    office: Office, browser: Browser
) -> None:
    office.come_in(browser, company=office.arches)
    vera = make_member(company=office.arches, role="billing_manager")
    _client, tokens = office.come_in(Browser().log_in(vera))
    people = browser.get(f"{office.url}/c/{office.arches.public_id}/people/")
    browser.send_form(people, to=f"{people.url}{vera.id}/end/")
    work()
    assert [office.read(heard)["sid"] for heard in office.hearing.heard] == [office.read(tokens["id_token"])["sid"]]
    assert open_sign_ons() == 1, "the owner goes on"


def test_a_session_that_is_ended_elsewhere_ends_what_was_come_in_to_from_it(office: Office, browser: Browser) -> None:
    office.anna.set_password(PASSWORD)
    office.anna.save()
    here, phone, library = (Browser().log_in(office.anna) for _browser in range(3))
    sids = [office.read(office.come_in(each)[1]["id_token"])["sid"] for each in (here, phone, library)]
    of_phone = UserSession.objects.create(
        user=office.anna, ip="127.0.0.1", user_agent="", session_key=phone.session_key
    )

    def ended() -> set[str]:
        work()
        return {office.read(heard)["sid"] for heard in office.hearing.heard}

    security = here.get(f"{office.url}/security/")
    here.send_form(security, to=f"{security.url}sessions/{of_phone.pk}/end/")
    assert ended() == {sids[1]}
    here.send_form(security, to=f"{security.url}sessions/end/")
    assert ended() == set(sids[1:])
    again = Browser().log_in(office.anna)
    last = office.read(office.come_in(again)[1]["id_token"])["sid"]
    change = again.get(f"{office.url}/password/change/")
    again.send_form(change, oldpassword=PASSWORD, password1=f"{PASSWORD} 2", password2=f"{PASSWORD} 2")
    assert ended() == set(sids), "a new password ends the rest"
    assert SignOn.objects.get(ended_at=None).public_id == UUID(last)


def test_a_product_logs_out_with_its_hint_and_others_are_asked(office: Office, browser: Browser) -> None:
    client, tokens = office.come_in(browser)
    leave = office.described["end_session_endpoint"]
    back = {"post_logout_redirect_uri": "http://localhost:9/bye", "state": "s"}
    asked = browser.get(f"{leave}?{urlencode({**back, 'client_id': client.client_id})}")
    assert "Log out everywhere?" in asked.text, "without a hint anybody could log people out"
    assert "Log out everywhere?" in browser.get(f"{leave}?{urlencode({'id_token_hint': 'a.b.c'})}").text
    forged = browser.get(f"{leave}?{urlencode({**back, 'id_token_hint': tokens['id_token'][:-8] + 'AAAAAAAA'})}")
    assert "Log out everywhere?" in forged.text
    assert open_sign_ons() == 1
    gone = browser.get(f"{leave}?{urlencode({**back, 'id_token_hint': tokens['id_token']})}")
    assert gone.headers["Location"] == "http://localhost:9/bye?state=s"
    assert open_sign_ons() == 0
    assert browser.get(f"{office.url}/").headers["Location"].startswith("/login/")
    work()
    assert len(office.hearing.heard) == 1, "told once"
    away = Browser().get(f"{leave}?{urlencode({**back, 'post_logout_redirect_uri': 'https://evil.example/'})}")
    assert away.headers["Location"] == "/login/"


def test_a_product_that_is_gone_is_not_told_for_ever(office: Office, browser: Browser) -> None:
    office.come_in(browser)
    office.suspend(office.arches)
    office.hearing.answers += [302]
    with pytest.raises(NotTaken, match="302"):
        work()
    remove_client(vendor_id=office.vendor.id, client_id=office.registered.client_id, actor=TESTS)
    work()
    assert len(office.hearing.heard) == 1


def test_a_revoked_token_is_of_no_more_use(office: Office, browser: Browser) -> None:
    client, tokens = office.come_in(browser)
    answer = requests.post(
        office.described["revocation_endpoint"],
        {"token": tokens["refresh_token"]},
        auth=(client.client_id, client.client_secret),
        timeout=20,
    )
    assert answer.status_code == 200
    assert office.refresh(client, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert SignOn.objects.count() == 1
