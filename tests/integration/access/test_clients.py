"""Products as clients of the single sign-on: an admin registers, changes and disables them, and it holds at once."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from django.db import DatabaseError, connection, transaction

from comptoir.access.clients import Registered, clients_of, disable_client, enable_client, renew_secret
from comptoir.access.errors import ClientNotFound
from comptoir.access.models import Application, SigningKey
from comptoir.kit.clocks import wall_now
from comptoir.tenancy import doors
from tests.databases import Database
from tests.factories import TESTS, make_plan, make_vendor
from tests.running import work
from tests.web import WebClient
from tests.worlds import World

from .conftest import Browser, Office, open_sign_ons

PAGE = "/console/northwind/programs/"


def refreshed(office: Office, client: Registered, token: str) -> str:
    """Ask for fresh tokens, and return the error."""
    answer = requests.post(
        office.described["token_endpoint"],
        {"grant_type": "refresh_token", "refresh_token": token},
        auth=(client.client_id, client.secret),
        timeout=20,
    )
    return str(answer.json().get("error", ""))


def test_another_secret_holds_at_once_and_a_disabled_client_lets_nobody_in(office: Office, browser: Browser) -> None:
    _client, tokens = office.come_in(browser)
    named = {"vendor_id": office.vendor.id, "client_id": office.registered.client_id, "actor": TESTS}
    before, office.registered = office.registered, renew_secret(**named)
    assert refreshed(office, before, tokens["refresh_token"]) == "invalid_client"
    assert refreshed(office, office.registered, tokens["refresh_token"]) == ""

    client, tokens = office.come_in(browser)
    disable_client(**named, now=wall_now())
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert requests.get(office.described["userinfo_endpoint"], headers=bearer, timeout=20).status_code == 401
    assert refreshed(office, office.registered, tokens["refresh_token"]) == "invalid_client"
    assert "not known here" in office.ask(browser, client).text
    bye = {"client_id": client.client_id, "post_logout_redirect_uri": "http://localhost:9/bye"}
    away = Browser().get(f"{office.described['end_session_endpoint']}?{urlencode(bye)}")
    assert away.headers["Location"] == "/login/"
    work()
    assert len(office.hearing.heard) == 2, "whoever is in is told to be logged out"
    assert open_sign_ons() == 0
    enable_client(**named)
    office.come_in(browser)
    disable_client(**named, now=wall_now())
    columns = "user_id, application_id, company_id, browser, started_at, authenticated_at, ended_why"
    with pytest.raises(DatabaseError, match="disabled"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO access_signon (public_id, code_hash, {columns})"
            f" SELECT gen_random_uuid(), 'x', {columns} FROM access_signon WHERE ended_at IS NULL"
        )
    for act in (renew_secret, enable_client):
        with pytest.raises(ClientNotFound):
            act(**{**named, "vendor_id": make_vendor().id})


def test_an_admin_registers_changes_and_disables_a_product_on_the_console(
    web: WebClient, world: World, fresh_database: Database
) -> None:
    code = make_plan(vendor=world.northwind).product.code
    world.nora.staff_of.update(role="manager")
    web.force_login(world.nora)
    assert web.get(f"{PAGE}clients/new/").status_code == 403
    world.nora.staff_of.update(role="admin")

    def send(path: str, **typed: str) -> Any:
        page = web.get(path).content.decode()
        found = re.search(r'name="reference" value="([^"]+)"', page)
        assert found, path
        return web.post(path, {"reference": found[1], **typed})

    wanted = {"product": code, "redirect_uris": "https://office.example/back\r\nhttps://office.example/second"}
    for wrong, said in (
        ({"redirect_uris": "https://office.example/back#here"}, "must be a whole https address"),
        ({"redirect_uris": "javascript:alert(1)"}, "must be a whole https address"),
        ({"post_logout_uris": "http://office.example/"}, "must be a whole https address"),
        ({"backchannel_logout_uri": "https://169.254.169.254/latest"}, "into the network that Comptoir runs in"),
    ):
        refused = send(f"{PAGE}clients/new/", **{**wanted, **wrong}).content.decode()
        assert said in refused, wrong
        assert next(iter(wrong.values())) in refused, "nothing typed is lost"
    assert not clients_of(world.northwind.id)

    shown = send(f"{PAGE}clients/new/", **wanted).content.decode()
    client = Application.objects.get()
    secret = shown.split("shown this once</p><p><code>")[1].split("</code>")[0]
    of_client = f"{PAGE}clients/{client.client_id}/"
    assert client.client_id in shown
    assert secret not in web.get(of_client).content.decode()
    assert of_client in web.get(PAGE).content.decode()
    work()
    assert SigningKey.objects.count() == 1, "there is a key to sign with once the worker knows of it"

    other = send(f"{of_client}secret/").content.decode()
    assert secret not in other
    assert Application.objects.get().client_secret != client.client_secret
    send(f"{of_client}addresses/", redirect_uris="https://office.example/third")
    (row,) = clients_of(world.northwind.id)
    assert row.redirect_uris == ("https://office.example/third",)
    send(f"{of_client}disable/")
    assert "Disabled" in web.get(of_client).content.decode()
    send(f"{of_client}enable/")
    trail = web.get(of_client).content.decode().split("Who changed what")[1]
    for what in ("registered", "another secret", "Addresses", "disabled", "enabled again"):
        assert what in trail
    assert trail.count(world.nora.name or world.nora.email) == 5
    assert web.get(f"{PAGE}clients/unknown/").status_code == 404
    assert web.get(f"{of_client}unknown/").status_code == 404


def test_the_database_holds_what_a_team_may_do_with_clients(
    web: WebClient, world: World, fresh_database: Database
) -> None:
    theirs = make_plan(vendor=world.harbor).product
    own = make_plan(vendor=world.northwind).product
    made = Application.objects.create(
        vendor=world.northwind, product=own, client_id="own", client_secret="0" * 64, hash_client_secret=False,
        client_type="confidential", authorization_grant_type="authorization-code", algorithm="RS256",
    )  # fmt: skip
    with fresh_database.as_web():
        for statement in (
            "SELECT client_secret FROM access_application",
            "DELETE FROM access_application",
            f"UPDATE access_application SET vendor_id = {world.harbor.id}",
            f"UPDATE access_application SET product_id = {theirs.id}",
            "UPDATE access_application SET client_id = 'mine'",
            "UPDATE access_application SET client_type = 'public'",
            "UPDATE access_application SET client_secret = 'plain'",
        ):
            with (
                pytest.raises(DatabaseError),
                doors.staff(user_id=world.nora.id, vendor_id=world.northwind.id),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)
        with doors.staff(user_id=world.hugo.id, vendor_id=world.harbor.id), connection.cursor() as cursor:
            cursor.execute("UPDATE access_application SET redirect_uris = 'https://evil.example/'")
            assert cursor.rowcount == 0
    for change in ("client_type = 'public'", "client_secret = 'plain'", "algorithm = 'HS256'", "client_id = 'mine'"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE access_application SET {change} WHERE id = {made.pk}")
