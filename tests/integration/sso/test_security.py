"""The security page: where a login is open and what happened at it, and ending that."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, transaction

from comptoir.identity.activity import forget_what_is_old
from comptoir.identity.models import LoginEvent, User
from comptoir.kit.clocks import wall_now
from tests.databases import Database
from tests.factories import make_member, make_user
from tests.web import WebClient
from tests.worlds import World

from .test_login import PASSWORD, log_in

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


@pytest.fixture
def owner(world: World) -> User:
    return make_member(company=world.arches, user=make_user(email="otto@arches.example", password=PASSWORD))


def kinds(person: User) -> list[str]:
    return list(LoginEvent.objects.filter(user=person).order_by("id").values_list("kind", flat=True))


def test_a_person_sees_every_open_login_and_ends_one_or_all_others(
    web: WebClient, owner: User, fresh_database: Database
) -> None:
    phone = WebClient(fresh_database, headers={"User-Agent": PHONE})
    library = WebClient(fresh_database)
    desk = WebClient(fresh_database, headers={"User-Agent": FIREFOX})
    for each in (phone, library, desk):
        log_in(each, owner)
    shown = desk.get("/security/").content.decode()
    assert shown.index("Firefox, Windows") < shown.index("this browser") < shown.index("Safari, iPhone")
    assert len(desk.queries) <= 8

    of_phone = UserSession.objects.get(user_agent=PHONE)
    desk.post(f"/security/sessions/{of_phone.pk}/end/")
    assert phone.get("/security/")["Location"].startswith("/login/")
    assert library.get("/security/").status_code == 200
    desk.post("/security/sessions/end/")
    assert library.get("/security/")["Location"].startswith("/login/")
    assert "Log out everywhere else" not in desk.get("/security/").content.decode()
    assert kinds(owner) == ["logged_in"] * 3 + ["sessions_ended"] * 2

    stranger = make_user(password=PASSWORD)
    log_in(web, stranger)
    of_desk = UserSession.objects.get(user=owner)
    assert web.post(f"/security/sessions/{of_desk.pk}/end/").status_code == 404
    web.post("/security/sessions/end/")
    assert desk.get("/security/").status_code == 200


def test_failures_and_changes_are_shown_and_a_new_password_ends_the_rest(
    web: WebClient, owner: User, fresh_database: Database
) -> None:
    thief = WebClient(fresh_database)
    log_in(thief, owner)
    web.post("/login/", {"login": "Otto@Arches.example", "password": "a guess"})
    web.post("/login/", {"login": "nobody@arches.example", "password": "a guess"})
    log_in(web, owner)
    assert "A wrong password was typed" in web.get("/security/").content.decode()
    new = PASSWORD[::-1]
    web.post("/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert kinds(owner) == ["logged_in", "login_failed", "logged_in", "password_changed"]
    assert thief.get("/security/")["Location"].startswith("/login/")
    assert UserSession.objects.get(user=owner).session_key == web.session.session_key


def test_what_happened_is_never_changed_and_forgotten_after_half_a_year(owner: User, fresh_database: Database) -> None:
    LoginEvent.objects.create(user=owner, kind="logged_in", ip="192.0.2.1", at=wall_now() - timedelta(days=181))
    LoginEvent.objects.create(user=owner, kind="logged_in", ip="192.0.2.1", at=wall_now() - timedelta(days=179))
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        LoginEvent.objects.update(kind="login_failed")
    for statement in ("DELETE FROM identity_loginevent", "UPDATE identity_loginevent SET kind = 'logged_in'"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            fresh_database.as_web(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    Session.objects.create(session_key="old", session_data="", expire_date=wall_now() - timedelta(days=1))
    UserSession.objects.create(user=owner, session_key="old", ip="192.0.2.1", user_agent="")
    forget_what_is_old(now=wall_now())
    assert LoginEvent.objects.count() == 1
    assert not UserSession.objects.exists()
    assert not Session.objects.exists()
