"""From “I have no password” to the own company's page."""

import re

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.core.cache import cache
from django.test import override_settings
from django.utils import translation

from comptoir.identity.models import User
from comptoir.tenancy.models import Company
from tests.databases import Database
from tests.factories import make_company, make_member, make_staff, make_user, make_vendor
from tests.web import WebClient

PASSWORD = "a long enough sentence"


@pytest.fixture
def company(fresh_database: Database) -> Company:
    return make_company(vendor=make_vendor(name="Northwind"), name="Arches Burgers LLC")


@pytest.fixture
def owner(company: Company) -> User:
    """An owner who was moved and never logged in."""
    person = make_user(email="anna@arches.example", language="fr", also=["books@arches.example"])
    return make_member(company=company, user=person)


def ask_for_the_link(web: WebClient, address: str, *, headers: dict[str, str] | None = None) -> str:
    """Post the address, and return what the page after it says, without what differs from request to request."""
    response = web.post("/password/reset/", {"email": address}, follow=True, headers=headers)
    assert response.status_code == 200
    return re.sub(r'csrf\w*"[^>]*>|\{"x-csrftoken": "\w+"\}', "", response.content.decode())


def link_in(message: mail.EmailMessage) -> str:
    found = re.search(r"http://localhost:8000(/password/reset/\S+)", str(message.body))
    assert found, message.body
    return found.group(1)


def log_in(web: WebClient, user: User) -> str:
    """Log in by the form, and return where that leads."""
    return str(web.post("/login/", {"login": user.email, "password": PASSWORD}, follow=True).request["PATH_INFO"])


def test_the_owner_sets_the_first_password_and_is_at_home(web: WebClient, owner: User, company: Company) -> None:
    ask_for_the_link(web, " Anna@Arches.example ")
    (message,) = mail.outbox
    assert message.to == ["anna@arches.example"]
    form = web.get(link_in(message), follow=True)
    done = web.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD}, follow=True)
    assert done.request["PATH_INFO"] == f"/c/{company.public_id}/"
    web.post("/logout/")
    assert web.get(f"/c/{company.public_id}/").status_code == 302
    assert log_in(web, owner) == f"/c/{company.public_id}/"


def test_the_link_works_once(web: WebClient, owner: User) -> None:
    ask_for_the_link(web, owner.email)
    link = link_in(mail.outbox[0])
    form = web.get(link, follow=True)
    web.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    web.logout()
    again = web.get(link, follow=True)
    assert "<input" not in again.content.decode().partition("<main")[2].partition("</main")[0]


def test_the_billing_address_opens_the_door_but_gets_no_link_itself(web: WebClient, owner: User) -> None:
    ask_for_the_link(web, "Books@arches.example")
    assert [message.to for message in mail.outbox] == [[owner.email]]


def test_the_link_is_in_the_persons_language_and_leads_here_whatever_the_request_claims(
    web: WebClient, owner: User
) -> None:
    ask_for_the_link(web, owner.email, headers={"Host": "127.0.0.1:99", "Accept-Language": "es"})
    body = str(mail.outbox[0].body)
    with translation.override("fr"):
        assert translation.gettext("Choose your password here:") in body
    assert "Choose your password here:" not in body
    assert "127.0.0.1" not in body
    assert link_in(mail.outbox[0])


def test_a_request_for_another_host_is_not_answered(web: WebClient, owner: User) -> None:
    asked = web.post("/password/reset/", {"email": owner.email}, headers={"Host": "evil.example"})
    assert asked.status_code == 400
    assert mail.outbox == []


@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
def test_behind_a_proxy_attempts_are_counted_by_client(web: WebClient) -> None:
    """Many people log in at once on the day of the letters; one who guesses is stopped, whatever they send along."""

    def attempts(client: str, count: int) -> list[int]:
        return [
            web.post(
                "/login/",
                {"login": f"{number}@{client}.example", "password": "x"},
                headers={"X-Forwarded-For": f"192.0.2.{number}, {client}"},
            ).status_code
            for number in range(count)
        ]

    assert set(attempts("198.51.100.1", 8) + attempts("198.51.100.2", 8)) == {200}
    assert attempts("198.51.100.1", 30)[-1] == 429


def test_a_stranger_is_answered_the_same(web: WebClient, owner: User, fresh_database: Database) -> None:
    known = ask_for_the_link(web, owner.email)
    unknown = ask_for_the_link(WebClient(fresh_database), "stranger@example.com")
    assert known == unknown
    assert mail.outbox[1].to == ["stranger@example.com"]
    assert "/password/reset/" not in str(mail.outbox[1].body)


def test_a_login_that_was_closed_gets_no_link(web: WebClient, owner: User) -> None:
    User.objects.filter(id=owner.id).update(is_active=False)
    ask_for_the_link(web, owner.email)
    assert not re.search(r"/password/reset/\w+-", str(mail.outbox[0].body))


def test_asking_again_and_again_is_slowed_down(web: WebClient, owner: User) -> None:
    statuses = [web.post("/password/reset/", {"email": owner.email}).status_code for _ in range(7)]
    assert statuses[:5] == [302] * 5
    assert statuses[-1] == 429
    assert len(mail.outbox) == 5


def test_guessing_a_password_is_stopped(web: WebClient, owner: User) -> None:
    owner.set_password(PASSWORD)
    owner.save()
    for _ in range(6):
        web.post("/login/", {"login": owner.email, "password": "wrong"})
    assert log_in(web, owner) == "/login/"


def test_trying_many_addresses_does_not_make_it_forget_one(web: WebClient, owner: User) -> None:
    owner.set_password(PASSWORD)
    owner.save()
    for _ in range(5):
        web.post("/login/", {"login": owner.email, "password": "wrong"})
    for number in range(400):
        cache.set(f"allauth:rl:login_failed:somebody-{number}", "x")
    assert log_in(web, owner) == "/login/"


class TestStart:
    def test_several_companies_are_a_choice(self, web: WebClient, owner: User, company: Company) -> None:
        second = make_company(vendor=company.vendor, name="Bistro Verte Inc")
        make_member(company=second, user=owner)
        web.force_login(owner)
        shown = web.get("/").content.decode()
        assert "Arches Burgers LLC" in shown
        assert f"/c/{second.public_id}/" in shown

    def test_nobody_at_home_is_told_whom_to_ask(self, web: WebClient) -> None:
        web.force_login(make_user(email="lost@example.com"))
        shown = web.get("/").content.decode()
        assert "lost@example.com" in shown
        assert "write to the billing team" in shown

    def test_the_billing_team_goes_to_its_vendors_console(self, web: WebClient, company: Company) -> None:
        web.force_login(make_staff(vendor=company.vendor))
        response = web.get("/")
        assert response["Location"] == f"/console/{company.vendor.slug}/"

    def test_a_role_that_ended_leads_nowhere(self, web: WebClient, owner: User, company: Company) -> None:
        owner.memberships.update(ended_at="2020-09-16T00:00:00Z")
        web.force_login(owner)
        assert "Arches" not in web.get("/").content.decode()
        assert web.get(f"/c/{company.public_id}/").status_code == 404


class TestLanguage:
    def test_after_login_pages_are_in_the_persons_language(self, web: WebClient, owner: User) -> None:
        owner.set_password(PASSWORD)
        owner.save()
        log_in(web, owner)
        assert '<html lang="fr">' in web.get("/help-that-is-not-there/").content.decode()

    def test_a_choice_is_kept_for_the_person(self, web: WebClient, owner: User) -> None:
        web.force_login(owner)
        response = web.post("/language/", {"language": "es", "next": "/login/"})
        assert response["Location"] == "/login/"
        owner.refresh_from_db()
        assert owner.language == "es"

    @pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example/", ""])
    def test_it_leads_to_no_other_site(self, web: WebClient, where: str) -> None:
        assert web.post("/language/", {"language": "fr", "next": where})["Location"] == "/"

    def test_a_language_that_is_not_there_changes_nothing(self, web: WebClient, owner: User) -> None:
        web.force_login(owner)
        web.post("/language/", {"language": "xx"})
        owner.refresh_from_db()
        assert owner.language == "fr"


def test_whoever_set_up_a_second_step_is_asked_for_it(web: WebClient, company: Company) -> None:
    person = make_staff(vendor=company.vendor, user=make_user(email="nora@northwind.example", password=PASSWORD))
    with override_settings(SECRET_KEY="one for this test"):
        secret = "JBSWY3DPEHPK3PXP"
        TOTP.activate(person, secret)
        assert log_in(web, person) == "/two-step/authenticate/"
        assert web.get("/").status_code == 302, "not logged in yet"


@pytest.mark.parametrize("path", ["/signup/", "/email/", "/confirm-email/", "/accounts/signup/"])
def test_nobody_signs_up_or_changes_addresses_by_themselves(web: WebClient, path: str) -> None:
    assert web.get(path).status_code == 404


def test_nonsense_in_the_address_of_the_login_page_leads_nowhere(web: WebClient, owner: User) -> None:
    owner.set_password(PASSWORD)
    owner.save()
    for onward in ("http://[", "//evil.example/", "https://evil.example/start", "javascript:alert(1)", "\0"):
        assert web.get("/login/", {"next": onward}).status_code == 200, onward
        answer = web.post("/login/", {"login": owner.email, "password": PASSWORD, "next": onward})
        assert answer["Location"] == "/", onward
        web.logout()
    assert web.get("/login/", headers={"Cookie": 'comptoir_vendor="\\000"'}).status_code == 200
