"""Clocks that are off, and logins of long ago: what is signed says when, in one's own time and in the product's."""

import time
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from django.contrib.sessions.backends.db import SessionStore
from joserfc.jwt import JWTClaimsRegistry

from comptoir.access.models import AccessToken, SigningKey
from comptoir.access.sign_ons import end_begun_before
from comptoir.access.signing import rotate, sign
from comptoir.kit.clocks import wall_now
from tests.running import work

from .conftest import Browser, Office, error_of, open_sign_ons

LEEWAY_SECONDS = 60
LOGGED_IN = "account_authentication_methods"


def logged_in_before(browser: Browser, *, seconds: int) -> int:
    """Have a login happened ``seconds`` earlier than it did, and return when that was."""
    session = SessionStore(browser.session_key)
    for record in session[LOGGED_IN]:
        record["at"] -= seconds
    session.save()
    return int(session[LOGGED_IN][-1]["at"])


@pytest.mark.parametrize("off", [-60, 0, 60])
def test_a_product_whose_clock_is_a_minute_off_believes_what_is_signed(
    office: Office, browser: Browser, off: int
) -> None:
    client, tokens = office.come_in(browser)
    fresh = office.refresh(client, tokens["refresh_token"]).json()
    office.suspend(office.arches)
    work()
    theirs = JWTClaimsRegistry(now=int(time.time()) + off, leeway=LEEWAY_SECONDS, exp={"essential": True})
    for signed in (tokens["id_token"], fresh["id_token"], *office.hearing.heard):
        theirs.validate(office.read(signed))
    assert len(office.hearing.heard) == 1
    assert fresh["expires_in"] == 600, "by whatever clock: it is told how long, not until when"


def test_a_first_key_made_on_a_machine_whose_clock_is_ahead_signs_at_once(office: Office) -> None:
    now = wall_now()
    SigningKey.objects.all().delete()
    rotate(now=now + timedelta(minutes=1))
    assert office.read(sign({"a": 1}, now=now)) == {"a": 1}


def test_the_product_is_told_when_the_person_logged_in_and_not_when_they_did_elsewhere(
    office: Office, browser: Browser
) -> None:
    at = logged_in_before(browser, seconds=3000)
    client, tokens = office.come_in(browser)
    assert office.read(tokens["id_token"])["auth_time"] == at
    Browser().log_in(office.anna)
    fresh = office.refresh(client, tokens["refresh_token"]).json()
    assert office.read(fresh["id_token"])["auth_time"] == at


def test_a_product_may_ask_for_a_login_of_late(office: Office, browser: Browser) -> None:
    at = logged_in_before(browser, seconds=3000)
    assert office.ask(browser, office.client(), max_age=3600).status_code == 200
    late = office.ask(browser, office.client(), max_age=600).headers["Location"]
    assert late.startswith("/login/confirm/")
    onward = parse_qs(urlsplit(late).query)["next"][0]
    assert "max_age" not in onward, "nobody is asked for ever; the product sees by auth_time"
    assert error_of(office.ask(browser, office.client(), max_age=600, prompt="none")) == "login_required"
    for nonsense in ("soon", "-1", "1e3", "9" * 5000):
        assert error_of(office.ask(browser, office.client(), max_age=nonsense)) == "invalid_request"
    office.anna.set_password("a long and quiet word")
    office.anna.save()
    again = Browser().log_in(office.anna)
    logged_in_before(again, seconds=3000)
    confirm = again.get(office.url + office.ask(again, office.client(), prompt="login").headers["Location"])
    back = again.send_form(confirm, password="a long and quiet word")
    choice = again.get(office.url + back.headers["Location"])
    client = office.client()
    tokens = office.exchange(client, again.send_form(choice, company=str(office.arches.public_id)))
    assert office.read(tokens["id_token"])["auth_time"] > at + 2900


def test_a_product_that_refreshes_for_ever_is_told_that_it_ends(office: Office, browser: Browser) -> None:
    _client, tokens = office.come_in(browser)
    now = wall_now()
    end_begun_before(now - timedelta(minutes=1))
    assert open_sign_ons() == 1
    end_begun_before(now + timedelta(minutes=1))
    work()
    assert [office.read(told)["sid"] for told in office.hearing.heard] == [office.read(tokens["id_token"])["sid"]]


def test_what_has_expired_opens_nothing_and_still_says_whose_login_is_to_end(office: Office, browser: Browser) -> None:
    _client, tokens = office.come_in(browser)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert requests.get(office.described["userinfo_endpoint"], headers=bearer, timeout=20).status_code == 200
    AccessToken.objects.update(expires=wall_now() - timedelta(seconds=1))
    assert requests.get(office.described["userinfo_endpoint"], headers=bearer, timeout=20).status_code == 401
    claims = office.read(tokens["id_token"])
    expired = sign({**claims, "iat": claims["iat"] - 7200, "exp": claims["exp"] - 7200}, now=wall_now())
    leave = office.described["end_session_endpoint"]
    assert browser.get(f"{leave}?{urlencode({'id_token_hint': expired})}").headers["Location"] == "/login/"
    assert open_sign_ons() == 0


def test_a_login_that_nobody_remembers_is_asked_for_again(office: Office, browser: Browser) -> None:
    session = SessionStore(browser.session_key)
    del session[LOGGED_IN]
    session.save()
    assert office.ask(browser, office.client()).headers["Location"].startswith("/login/confirm/")
    assert open_sign_ons() == 0
