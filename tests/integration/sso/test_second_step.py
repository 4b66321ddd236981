"""The second step cannot be gone around: not by an older login, a new password, or the password alone."""

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core import mail

from comptoir.identity.models import User
from comptoir.tenancy.models import Vendor
from tests.databases import Database
from tests.factories import make_staff, make_user, make_vendor
from tests.web import WebClient

from .test_login import PASSWORD, ask_for_the_link, link_in, log_in

SECRET = "JBSWY3DPEHPK3PXP"
CODE_LASTS_SECONDS = 30
HOME = "/console/northwind/"
GUARDED = ["/passkeys/add/", "/two-step/recovery-codes/", "/two-step/app/deactivate/", "/password/change/"]


@pytest.fixture
def vendor(fresh_database: Database) -> Vendor:
    return make_vendor(slug="northwind")


@pytest.fixture
def nora(vendor: Vendor) -> User:
    """On the billing team, without a second factor yet."""
    return make_staff(vendor=vendor, user=make_user(email="nora@northwind.example", password=PASSWORD))


def code(secret: str) -> str:
    """The code that is valid now, and a moment longer."""
    left = CODE_LASTS_SECONDS - time.time() % CODE_LASTS_SECONDS
    if left < 2:
        time.sleep(left)
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // CODE_LASTS_SECONDS)))


def set_up(web: WebClient) -> Any:
    """Set the second step up, as the page leads one to."""
    page = web.get("/two-step/app/activate/")
    assert page.status_code == 200, page["Location"]
    return web.post("/two-step/app/activate/", {"code": code(page.context["form"].secret)})


def test_it_is_set_up_right_after_the_first_login_without_typing_the_password_again(web: WebClient, nora: User) -> None:
    log_in(web, nora)
    assert web.get(HOME)["Location"] == "/two-step/app/activate/"
    assert set_up(web).status_code == 302
    assert web.get(HOME).status_code == 200, "the code was given just now"


def test_a_login_of_some_minutes_ago_is_asked_for_the_password_before_setting_it_up(web: WebClient, nora: User) -> None:
    log_in(web, nora)
    session = web.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 301
    session.save()
    assert web.get("/two-step/app/activate/")["Location"].startswith("/login/confirm/")


def test_a_login_from_before_there_was_a_second_step_is_asked_for_it(
    web: WebClient, nora: User, fresh_database: Database
) -> None:
    thief = WebClient(fresh_database)
    log_in(thief, nora)
    log_in(web, nora)
    set_up(web)
    assert thief.get(HOME)["Location"] == f"/two-step/reauthenticate/?next={HOME.replace('/', '%2F')}"
    thief.post("/login/confirm/", {"password": PASSWORD})
    for path in GUARDED:
        assert thief.get(path)["Location"].startswith("/two-step/reauthenticate/"), path
        assert thief.post(path, {})["Location"].startswith("/two-step/reauthenticate/"), path
    assert thief.get("/security/")["Location"].startswith("/two-step/reauthenticate/")
    assert thief.post("/security/sessions/end/")["Location"].startswith("/two-step/reauthenticate/")
    assert Authenticator.objects.filter(user=nora, type="totp").exists()


def test_whoever_gives_the_code_then_goes_on_where_they_wanted_to(
    web: WebClient, nora: User, fresh_database: Database
) -> None:
    log_in(web, nora)
    TOTP.activate(nora, SECRET)
    asked = web.get(HOME)["Location"]
    assert web.post(asked, {"code": code(SECRET)})["Location"] == HOME
    assert web.get(HOME).status_code == 200


def test_a_new_password_does_not_replace_it(web: WebClient, nora: User) -> None:
    TOTP.activate(nora, SECRET)
    ask_for_the_link(web, nora.email)
    form = web.get(link_in(mail.outbox[0]), follow=True)
    done = web.post(form.request["PATH_INFO"], {"password1": PASSWORD[::-1], "password2": PASSWORD[::-1]}, follow=True)
    assert done.request["PATH_INFO"] == "/two-step/authenticate/"
    assert web.get(HOME)["Location"].startswith("/login/")


def test_a_code_opens_once(web: WebClient, nora: User, fresh_database: Database) -> None:
    TOTP.activate(nora, SECRET)
    given = code(SECRET)
    log_in(web, nora)
    assert web.post("/two-step/authenticate/", {"code": given}).status_code == 302
    onlooker = WebClient(fresh_database)
    log_in(onlooker, nora)
    assert onlooker.post("/two-step/authenticate/", {"code": given}).status_code == 200
    assert onlooker.get(HOME).status_code == 302


def test_guessing_the_code_is_stopped(web: WebClient, nora: User) -> None:
    TOTP.activate(nora, SECRET)
    log_in(web, nora)
    for guess in range(6):
        web.post("/two-step/authenticate/", {"code": f"{guess:06}"})
    assert web.post("/two-step/authenticate/", {"code": code(SECRET)}).status_code == 200
    assert web.get(HOME).status_code == 302
