"""What somebody tries who has a part of the way in: a code, a token, a client or a signature of their own."""

import json
import logging
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from jwcrypto.jwt import JWT

from comptoir.access.clients import Registered, register_client
from comptoir.access.models import SigningKey
from comptoir.access.signing import rotate
from comptoir.kit.clocks import wall_now
from tests.factories import TESTS, make_company, make_member, make_plan, make_vendor
from tests.running import work

from .conftest import CALLBACK, Browser, Office, open_sign_ons

VERIFIER = "v" * 64
ASKED = "Log out everywhere?"


def code_of(office: Office, browser: Browser, **options: Any) -> str:
    """Have a browser bring a code back, and return it, unused."""
    back = browser.send_form(office.ask(browser, office.client(), **options), company=str(office.arches.public_id))
    return parse_qs(urlsplit(back.headers["Location"]).query)["code"][0]


def tokens_for(office: Office, client: Registered, form: dict[str, str]) -> dict[str, Any]:
    """Ask for tokens as a client with its secret, and return the answer."""
    answer = requests.post(office.described["token_endpoint"], form, auth=(client.client_id, client.secret), timeout=20)
    return dict(answer.json())


def with_code(code: str, **other: str) -> dict[str, str]:
    """Return the form that exchanges a code."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return {name: value for name, value in {**form, **other}.items() if value}


@pytest.fixture
def other(office: Office) -> Registered:
    """Another product of the same vendor, with an address of its own after a logout."""
    return register_client(
        vendor_id=office.vendor.id, product_code=make_plan(vendor=office.vendor).product.code, actor=TESTS,
        redirect_uris=[CALLBACK], post_logout_uris=["http://localhost:9/theirs"],
    )  # fmt: skip


def test_a_stolen_code_is_worth_nothing_without_its_verifier_and_its_client(
    office: Office, browser: Browser, other: Registered
) -> None:
    challenge = parse_qs(urlsplit(office.ask(browser, office.client()).url).query)["code_challenge"][0]
    for verifier, error in (("", "invalid_request"), (challenge, "invalid_grant")):
        refused = tokens_for(office, office.registered, with_code(code_of(office, browser), code_verifier=verifier))
        assert refused["error"] == error
    stolen = code_of(office, browser)
    assert tokens_for(office, other, with_code(stolen))["error"] == "invalid_grant"
    tokens = tokens_for(office, office.registered, with_code(stolen))
    assert office.read(tokens["id_token"])["aud"] == office.registered.client_id, "a stranger's try ends nothing"


def test_a_stolen_refresh_token_is_worth_nothing_to_another_client_and_never_widens(
    office: Office, browser: Browser, other: Registered
) -> None:
    tokens = tokens_for(office, office.registered, with_code(code_of(office, browser)))
    stolen = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert tokens_for(office, other, stolen)["error"] == "invalid_grant"
    requests.post(
        office.described["revocation_endpoint"], {"token": tokens["refresh_token"]},
        auth=(other.client_id, other.secret), timeout=20,
    )  # fmt: skip
    narrow = tokens_for(office, office.registered, {**stolen, "scope": "openid"})
    wide = {"grant_type": "refresh_token", "refresh_token": narrow["refresh_token"], "scope": "openid email"}
    assert tokens_for(office, office.registered, wide)["error"] == "invalid_scope"
    assert open_sign_ons() == 1


def test_the_company_is_chosen_by_the_person_on_the_page_alone(office: Office, browser: Browser) -> None:
    foreign = make_company(vendor=make_vendor())
    make_member(company=foreign, user=office.anna)
    own = make_company(vendor=office.vendor)
    choice = office.ask(browser, office.client(), company=str(office.arches.public_id))
    assert "For which company?" in choice.text, "an address chooses none"
    assert choice.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in choice.headers["Content-Security-Policy"]
    for not_theirs in (foreign, own):
        assert "For which company?" in browser.send_form(choice, company=str(not_theirs.public_id)).text
    forged = browser.post(choice.url, {"company": str(office.arches.public_id)})
    assert forged.status_code == 403
    assert open_sign_ons() == 0


def encoded(part: dict[str, Any]) -> str:
    """Return a part of a token."""
    return urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def forgeries(claims: dict[str, Any]) -> list[str]:
    """Return the same claims, signed by everybody but us."""
    kid, public = SigningKey.objects.values_list("kid", "public_jwk").get()
    mine = JWK.generate(kty="RSA", size=2048)
    shared = JWK(kty="oct", k=urlsafe_b64encode(JWK(**public).export_to_pem()).rstrip(b"=").decode())
    by_secret = JWS(json.dumps(claims))
    by_secret.add_signature(shared, protected=json.dumps({"alg": "HS256", "kid": kid}))
    made = [f"{encoded({'alg': 'none', 'kid': kid})}.{encoded(claims)}.", by_secret.serialize(compact=True)]
    for header in ({"kid": kid}, {"jwk": mine.export_public(as_dict=True)}, {"kid": mine.thumbprint()}):
        token = JWT(header={"alg": "RS256", **header}, claims=claims)
        token.make_signed_token(mine)
        made.append(token.serialize())
    return made


def test_nobody_is_logged_out_by_what_was_not_signed_here_as_an_id_token(office: Office, browser: Browser) -> None:
    _client, tokens = office.come_in(browser, company=office.arches)
    _client, others = office.come_in(browser, company=office.bistro)
    office.suspend(office.bistro)
    work()
    (logout_token,) = office.hearing.heard
    leave = office.described["end_session_endpoint"]
    for forged in (*forgeries(office.read(tokens["id_token"])), logout_token, tokens["access_token"]):
        assert ASKED in browser.get(f"{leave}?{urlencode({'id_token_hint': forged})}").text, forged
    assert ASKED in browser.get(f"{leave}?{urlencode({'id_token_hint': others['id_token'], 'client_id': 'x'})}").text
    assert open_sign_ons() == 1


def test_a_logout_leads_to_the_address_of_the_client_that_asks_and_nowhere_else(
    office: Office, browser: Browser, other: Registered
) -> None:
    leave = office.described["end_session_endpoint"]
    _client, tokens = office.come_in(browser)
    for elsewhere in (
        "http://localhost:9/theirs", "http://localhost:9/bye/", "http://localhost:9/bye?x=1", "//localhost:9/bye",
        "http://localhost:9/BYE", "http://localhost:9@evil.example/bye", "javascript:alert(1)",
    ):  # fmt: skip
        for named in ({"client_id": office.registered.client_id}, {"id_token_hint": tokens["id_token"]}):
            away = Browser().get(f"{leave}?{urlencode({**named, 'post_logout_redirect_uri': elsewhere})}")
            assert away.headers["Location"] == "/login/", elsewhere
    theirs = {"client_id": other.client_id, "post_logout_redirect_uri": "http://localhost:9/theirs", "state": "s"}
    assert Browser().get(f"{leave}?{urlencode(theirs)}").headers["Location"] == "http://localhost:9/theirs?state=s"


def test_what_was_signed_before_a_new_key_signs_is_believed_until_it_ends(office: Office, browser: Browser) -> None:
    now = wall_now()
    client, tokens = office.come_in(browser)
    rotate(now=now - timedelta(hours=1))
    fresh = office.refresh(client, tokens["refresh_token"]).json()
    kids = [json.loads(JWS.from_jose_token(each["id_token"]).objects["protected"])["kid"] for each in (tokens, fresh)]
    assert kids[0] != kids[1]
    assert office.read(tokens["id_token"])["sid"] == office.read(fresh["id_token"])["sid"]
    leave = office.described["end_session_endpoint"]
    assert browser.get(f"{leave}?{urlencode({'id_token_hint': tokens['id_token']})}").headers["Location"] == "/login/"
    assert open_sign_ons() == 0


def test_nothing_that_opens_a_door_is_logged(
    office: Office, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    code = code_of(office, browser)
    tokens = tokens_for(office, office.registered, with_code(code))
    tokens_for(office, office.registered, with_code(code))
    bad = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert requests.get(office.described["userinfo_endpoint"], headers=bad, timeout=20).status_code == 401
    office.refresh(office.client(), tokens["refresh_token"])
    browser.get(f"{office.described['end_session_endpoint']}?{urlencode({'id_token_hint': tokens['id_token']})}")
    work()
    assert office.hearing.heard
    assert "/openid/" in caplog.text, "something was logged"
    for secret in (code, VERIFIER, office.registered.secret, *office.hearing.heard, *(
        tokens[name] for name in ("access_token", "refresh_token", "id_token"))):  # fmt: skip
        assert secret not in caplog.text
