"""Coming in to a product: with a client library that we did not write, for the chosen company, as long as it may be."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import quote_plus

import pytest
import requests
from authlib.integrations.base_client.errors import OAuthError
from django.db import DatabaseError, connection, transaction

from comptoir.access.models import AccessToken, Application, Grant, SignOn
from comptoir.access.sign_ons import end_sign_ons
from comptoir.access.signing import rotate, sign
from comptoir.kit.clocks import wall_now
from tests.databases import Database
from tests.factories import make_company, make_member, make_plan, make_user, make_vendor
from tests.running import work

from .conftest import CALLBACK, Browser, Office, error_of, open_sign_ons


def test_a_person_comes_in_for_the_chosen_company_and_goes_on_for_as_long_as_it_is_in_good_standing(
    office: Office, browser: Browser
) -> None:
    stranger = office.ask(Browser(), office.client())
    assert stranger.headers["Location"].startswith("/login/?next=/openid/authorize")
    client = office.client()
    choice = office.ask(browser, client)
    assert "For which company?" in choice.text
    assert "Bistro Verte Inc" in choice.text
    tokens = office.exchange(client, browser.send_form(choice, company=str(office.arches.public_id)))
    assert tokens["expires_in"] <= 600
    claims = office.read(tokens["id_token"])
    assert claims["iss"] == office.url == office.described["issuer"]
    assert claims["aud"] == office.registered.client_id
    assert claims["nonce"] == "n-1"
    assert claims["exp"] - claims["iat"] <= 600
    assert (claims["company"], claims["company_name"]) == (str(office.arches.public_id), "Arches Burgers LLC")
    assert set(claims["companies"]) == {str(office.arches.public_id), str(office.bistro.public_id)}
    assert len(claims["stores"]) == 2
    assert (claims["roles"], claims["standing"], claims["email"]) == (["owner"], "good", "anna@arches.example")

    told = client.get(office.described["userinfo_endpoint"]).json()
    assert (told["sub"], told["company"]) == (claims["sub"], claims["company"])

    fresh = office.refresh(client, tokens["refresh_token"]).json()
    assert office.read(fresh["id_token"])["company"] == claims["company"]
    assert office.read(fresh["id_token"])["sid"] == claims["sid"]
    narrowed = office.refresh(client, fresh["refresh_token"], scope="openid").json()
    assert "email" not in office.read(narrowed["id_token"])

    # Suspended, it ends at once, whatever scope is asked for; for the other company the person still comes in.
    office.suspend(office.arches)
    told = requests.get(
        office.described["userinfo_endpoint"],
        headers={"Authorization": f"Bearer {narrowed['access_token']}"},
        timeout=20,
    )
    assert told.status_code == 401
    for scope in ({}, {"scope": "openid"}):
        refused = office.refresh(client, narrowed["refresh_token"], **scope)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    choice = office.ask(browser, office.client())
    assert "Suspended: see why" in choice.text
    closed = browser.send_form(choice, company=str(office.arches.public_id))
    assert closed.status_code == 403
    assert "An invoice of $123.45 has been due since Sep 1, 2020 and is not paid." in closed.text
    assert "Since <time" in closed.text
    assert "Access returns at once when you pay." in closed.text
    assert f'href="/c/{office.arches.public_id}/"' in closed.text, "it leads to paying"
    assert browser.get(f"{office.url}/c/{office.arches.public_id}/").status_code == 200, "the portal is always open"
    _client, tokens = office.come_in(browser, company=office.bistro)
    assert office.read(tokens["id_token"])["company"] == str(office.bistro.public_id)

    office.suspend(office.arches, "good")
    office.come_in(browser, company=office.arches)


def test_a_limited_company_comes_in_and_the_product_is_told(office: Office, browser: Browser) -> None:
    client, tokens = office.come_in(browser)
    office.suspend(office.arches, "limited")
    work()
    assert (office.hearing.heard, open_sign_ons()) == ([], 1), "it goes on"
    fresh = office.refresh(client, tokens["refresh_token"]).json()
    assert office.read(fresh["id_token"])["standing"] == "limited"
    client, tokens = office.come_in(browser)
    assert office.read(tokens["id_token"])["standing"] == "limited"
    assert client.get(office.described["userinfo_endpoint"]).json()["standing"] == "limited"


def test_whoever_is_suspended_or_taken_off_between_authorisation_and_exchange_gets_nothing(
    office: Office, browser: Browser
) -> None:
    client = office.client()
    back = browser.send_form(office.ask(browser, client), company=str(office.arches.public_id))
    office.suspend(office.arches)
    with pytest.raises(OAuthError, match="invalid_grant"):
        office.exchange(client, back)
    client, tokens = office.come_in(browser, company=office.bistro)
    office.anna.memberships.filter(company=office.bistro).update(ended_at=wall_now())
    assert office.refresh(client, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    # Of two companies one is left, which is suspended: nothing to choose, and told why.
    assert "is not paid" in office.ask(browser, office.client()).text
    back = office.ask(browser, office.client(), prompt="none").headers["Location"]
    assert "error=access_denied" in back
    assert f"iss={quote_plus(office.url)}" in back, "an error says whose it is, too (RFC 9207)"
    stranger = make_member(company=make_company(vendor=make_vendor()))
    nowhere = office.ask(Browser().log_in(stranger), office.client())
    assert nowhere.status_code == 403
    assert "acts for no customer of Northwind" in nowhere.text
    assert error_of(office.ask(Browser(), office.client(), prompt="none")) == "login_required"
    again = office.ask(browser, office.client(), prompt="login").headers["Location"]
    assert again.startswith("/login/confirm/")
    assert "prompt" not in again


def test_what_is_used_twice_ends_the_whole_sign_on(office: Office, browser: Browser) -> None:
    client, tokens = office.come_in(browser)
    fresh = office.refresh(client, tokens["refresh_token"]).json()
    replayed = office.refresh(client, tokens["refresh_token"])
    assert replayed.json()["error"] == "invalid_grant"
    assert office.refresh(client, fresh["refresh_token"]).json()["error"] == "invalid_grant", "its family ends with it"
    assert open_sign_ons() == 0

    client = office.client()
    back = browser.send_form(office.ask(browser, client), company=str(office.arches.public_id))
    tokens = office.exchange(client, back)
    with pytest.raises(OAuthError, match="invalid_grant"):
        office.exchange(client, back)
    assert office.refresh(client, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert set(SignOn.objects.values_list("ended_why", flat=True)) == {"refresh token replayed", "code replayed"}


def test_bad_requests_are_refused(office: Office, browser: Browser) -> None:
    for wrong in ({"client_id": "unknown"}, {"redirect_uri": "http://localhost:9/callback/evil"}):
        page = office.ask(browser, office.client(**wrong))
        assert page.status_code == 400
        assert "not known here" in page.text
    without_pkce = office.ask(browser, office.client(code_challenge_method=None), code_verifier=None)
    assert error_of(without_pkce) == "invalid_request"
    assert f"iss={quote_plus(office.url)}" in without_pkce.headers["Location"]
    plain = {"code_challenge": "v" * 64, "code_challenge_method": "plain", "code_verifier": None}
    choice = office.ask(browser, office.client(code_challenge_method=None), **plain)
    back = browser.send_form(choice, company=str(office.arches.public_id))
    assert error_of(back) == "invalid_request"
    choice = office.ask(browser, office.client(), nonce="n" * 256)
    assert error_of(browser.send_form(choice, company=str(office.arches.public_id))) == "invalid_request"
    assert office.ask(browser, office.client(), nonce="\0").status_code == 400
    assert error_of(office.ask(browser, office.client(), response_type="token")) in (
        "unauthorized_client",
        "unsupported_response_type",
    )

    def exchange(code: str, **other: str) -> str:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": "v" * 64}
        client = (other.pop("client_id", office.registered.client_id), other.pop("secret", office.registered.secret))
        answer = requests.post(office.described["token_endpoint"], {**form, **other}, auth=client, timeout=20)
        return str(answer.json().get("error"))

    def code() -> str:
        back = browser.send_form(office.ask(browser, office.client()), company=str(office.arches.public_id))
        assert back.headers["Location"].startswith(CALLBACK)
        return str(Grant.objects.latest("id").code)

    assert exchange("forged") == "invalid_grant"
    assert exchange("\0") == "invalid_request"
    assert exchange(code(), code_verifier="w" * 64) == "invalid_grant"
    assert exchange(code(), redirect_uri="http://localhost:9/other") == "invalid_request"
    assert exchange(code(), secret="wrong") == exchange(code(), client_id="unknown") == "invalid_client"
    late = code()
    Grant.objects.filter(code=late).update(expires=wall_now() - timedelta(seconds=1))
    assert exchange(late) == "invalid_grant"
    assert exchange("x", grant_type="password") in ("unauthorized_client", "unsupported_grant_type", "invalid_request")
    forged = requests.get(office.described["userinfo_endpoint"], headers={"Authorization": "Bearer forged"}, timeout=20)
    assert forged.status_code == 401


def test_where_people_are_led_back_is_what_is_registered_letter_by_letter(office: Office, browser: Browser) -> None:
    Application.objects.update(redirect_uris="http://127.0.0.1:9/callback")
    other_port = office.ask(browser, office.client(redirect_uri="http://127.0.0.1:10/callback"))
    assert other_port.status_code == 400
    back = office.ask(Browser(), office.client(redirect_uri=None), prompt="none").headers["Location"]
    assert back.startswith("http://127.0.0.1:9/callback?error=login_required"), "the only one there is"


@pytest.mark.parametrize("kind", ["code", "refresh token"])
def test_whoever_is_let_go_on_while_the_sign_on_is_ended_waits_and_is_refused(
    office: Office, browser: Browser, fresh_database: Database, kind: str
) -> None:
    client = office.client()
    back = browser.send_form(office.ask(browser, client), company=str(office.arches.public_id))
    tokens = office.exchange(client, back) if kind == "refresh token" else {}

    def go_on() -> str:
        if tokens:
            return str(office.refresh(client, tokens["refresh_token"]).json()["error"])
        with pytest.raises(OAuthError) as refused:
            office.exchange(client, back)
        return str(refused.value.error)

    with ThreadPoolExecutor(max_workers=1) as pool:
        with transaction.atomic():
            SignOn.objects.select_for_update().get()
            going_on = pool.submit(go_on)
            fresh_database.wait_until_somebody_waits()
            end_sign_ons(SignOn.objects.all(), why="suspended")
        assert going_on.result() == "invalid_grant"
    assert not AccessToken.objects.exists()


def test_a_new_key_is_known_before_it_signs_and_an_old_one_after_it_did(office: Office) -> None:
    now = wall_now()
    old = sign({"a": 1}, now=now)
    kids = lambda: [key["kid"] for key in requests.get(office.described["jwks_uri"], timeout=20).json()["keys"]]  # noqa: E731
    (first,) = kids()
    second = rotate(now=now)
    assert kids() == [second, first]
    assert office.read(old) == office.read(sign({"a": 1}, now=now)) == {"a": 1}
    assert office.read(sign({"a": 2}, now=now + timedelta(hours=2))) == {"a": 2}
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed_key FROM access_signingkey")
        assert all(b"kty" not in bytes(sealed) for (sealed,) in cursor.fetchall()), "sealed where it is kept"


def test_many_come_in_at_once_and_none_is_lost(office: Office) -> None:
    people = [make_member(company=office.arches, user=make_user()) for _person in range(40)]
    browsers = [Browser().log_in(person) for person in people]
    with ThreadPoolExecutor(max_workers=16) as pool:
        came = list(pool.map(lambda each: office.come_in(each)[1], browsers))
    subjects = {office.read(tokens["id_token"])["sub"] for tokens in came}
    assert subjects == {str(person.id) for person in people}


def test_the_database_lets_nobody_in_who_may_not(office: Office, browser: Browser) -> None:
    office.come_in(browser)
    foreign = make_vendor()
    stranger, elsewhere = make_user(), make_plan(vendor=foreign).product
    own = make_company(vendor=foreign)
    columns = (
        "public_id, user_id, application_id, company_id, browser, code_hash, authenticated_at, started_at, ended_why"
    )
    values = "gen_random_uuid(), %s, application_id, %s, browser, 'x', now(), now(), ''"
    insert = f"INSERT INTO access_signon ({columns}) SELECT {values}"
    office.suspend(office.bistro)
    for statement, given in (
        (f"{insert} FROM access_signon", [stranger.id, office.arches.id]),
        (f"{insert} FROM access_signon", [office.anna.id, own.id]),
        (f"{insert} FROM access_signon", [office.anna.id, office.bistro.id]),
        ("UPDATE access_signon SET company_id = %s", [office.bistro.id]),
        ("UPDATE access_signon SET authenticated_at = now()", []),
        ("UPDATE access_signon SET ended_at = now()", []),
        ("UPDATE access_application SET product_id = %s", [elsewhere.id]),
        ("UPDATE access_signingkey SET kid = 'other'", []),
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, given)
