"""The shells that every page stands in."""

import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.urls import include, path
from django.utils.translation import override

import comptoir.look
import comptoir.sso
from comptoir.kit.request_id import request_id_of


def page(request: HttpRequest, **_: str) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("p/<company>/", include(([path("", page, name="home"), path("invoices/", page, name="invoices")], "portal"))),
    path(
        "c/<vendor>/", include(([path("", page, name="home"), path("companies/", page, name="companies")], "console"))
    ),
    path("brand/<vendor>.css", page, name="brand_css"),
    path("language/", page, name="set_language"),
    path("logout/", page, name="account_logout"),
]
pytestmark = pytest.mark.urls(__name__)

FOLDERS = [Path(str(module.__file__)).parent / "templates" for module in (comptoir.look, comptoir.sso)]
TEMPLATES = sorted(str(file.relative_to(folder)) for folder in FOLDERS for file in folder.rglob("*") if file.is_file())
PAGES = [name for name in TEMPLATES if name.endswith(".html") and "/email/" not in name]

HARBORVIEW = SimpleNamespace(public_id="hv", name="Harborview LLC")
CANARDS = SimpleNamespace(public_id="tc", name="Trois Canards")
VENDOR = SimpleNamespace(slug="eresto", name="eRestaurant", has_logo=False, is_sandbox=True)


def shown(template: str, address: str, **context: Any) -> str:
    return render_to_string(template, {"vendor": VENDOR, **context}, RequestFactory().get(address))


def portal(address: str, **context: Any) -> str:
    return shown("look/portal.html", address, **{"company": HARBORVIEW, "companies": [HARBORVIEW], **context})


def current_links(html: str) -> list[str]:
    return re.findall(r'<a href="([^"]+)" aria-current="page">', html)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_can_be_read(name: str) -> None:
    get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_needs_more_than_the_strictest_content_policy(name: str) -> None:
    source = next((folder / name).read_text() for folder in FOLDERS if (folder / name).exists())

    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|https?://", source)
    for script in re.findall(r"<script[^>]*>", source):
        assert " src=" in script or 'type="application/json"' in script


@pytest.mark.parametrize(
    ("address", "section"),
    [("/p/hv/", "/p/hv/"), ("/p/hv/invoices/", "/p/hv/invoices/"), ("/p/hv/invoices/7/", "/p/hv/invoices/")],
)
def test_the_owner_sees_in_which_section_a_page_is(address: str, section: str) -> None:
    assert current_links(portal(address)) == [section]


def test_an_owner_of_several_companies_can_switch() -> None:
    assert "Trois Canards" not in portal("/p/hv/")

    both = portal("/p/hv/", companies=[HARBORVIEW, CANARDS])

    assert '<a href="/p/hv/" aria-current="true">Harborview LLC</a>' in both
    assert '<a href="/p/tc/">Trois Canards</a>' in both


def test_a_page_has_the_vendors_colour_and_name() -> None:
    html = portal("/p/hv/")

    assert '<link rel="stylesheet" href="/brand/eresto.css">' in html
    assert "<span>eRestaurant</span>" in html


def test_the_page_says_which_language_it_is_in_and_offers_the_others() -> None:
    with override("fr"):
        html = portal("/p/hv/invoices/?page=2")

    assert '<html lang="fr">' in html
    assert '<input type="hidden" name="next" value="/p/hv/invoices/?page=2">' in html
    assert re.findall(r'name="language" value="(\w+)"', html) == ["en", "fr", "es"]
    assert '<button name="language" value="fr" lang="fr" aria-current="true">' in html


def test_messages_are_announced() -> None:
    html = portal("/p/hv/", messages=[Message(constants.ERROR, "The bank said no.")])

    live = html[html.index('id="messages" aria-live="polite"') :]
    assert "alert--danger" in live
    assert "The bank said no." in live


def test_the_billing_team_can_search_from_every_page_and_sees_its_business_date() -> None:
    html = shown("look/console.html", "/c/eresto/?q=canard", today=date(2020, 9, 16), staff_role="Clerk")

    assert 'role="search" action="/c/eresto/companies/"' in html
    assert 'name="q" value="canard"' in html
    assert '<time datetime="2020-09-16">' in html
    assert "Sandbox" in html


def test_a_vendor_on_the_real_date_has_no_sandbox_badge() -> None:
    real = SimpleNamespace(slug="eresto", name="eRestaurant", has_logo=False, is_sandbox=False)

    assert "Sandbox" not in shown("look/console.html", "/c/eresto/", vendor=real, today=date(2020, 9, 16))


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_an_error_page_needs_no_context_and_gives_the_reference_in_the_log(name: str) -> None:
    with request_id_of("b0a7-1234"):
        html = render_to_string(name)

    assert "mention this reference: b0a7-1234" in html
    assert html.count("<h1>") == 1


def test_a_refusal_says_what_is_wrong_in_its_own_words() -> None:
    html = shown("look/refused.html", "/p/hv/", message="This invoice is being paid already.")

    assert "This invoice is being paid already." in html


def test_the_password_mail_carries_the_link_unescaped_in_text_and_clickable_in_html() -> None:
    link = "http://localhost/key/1-abc/?a=1&b=2"
    text = render_to_string("account/email/password_reset_key_message.txt", {"password_reset_url": link})
    html = render_to_string("account/email/password_reset_key_message.html", {"password_reset_url": link})

    assert f"\n{link}\n" in text
    assert 'href="http://localhost/key/1-abc/?a=1&amp;b=2"' in html
