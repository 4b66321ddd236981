"""A product that logs people in by the single sign-on, over real HTTP, with a client library that we did not write."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from django.test import Client
from joserfc import jwt
from joserfc.jwk import KeySet
from pytest_django import Settings

from comptoir.access.clients import Registered, register_client
from comptoir.access.models import SignOn
from comptoir.access.operations import set_standing
from comptoir.access.reasons import Reason
from comptoir.access.signing import rotate_if_old
from comptoir.catalog.models import Product
from comptoir.identity.models import User
from comptoir.kit.clocks import wall_now
from comptoir.tenancy.models import Company, Vendor
from tests.databases import Database
from tests.factories import TESTS, make_company, make_location, make_member, make_plan, make_user, make_vendor
from tests.running import served

CALLBACK = "http://localhost:9/callback"
OVERDUE = {"amount_minor": 12_345, "currency": "USD", "due_on": "2020-09-01", "invoices": 1}


class Browser(requests.Session):
    """A browser; it stops at every redirect."""

    def __init__(self) -> None:
        super().__init__()
        self.headers["Accept"] = "text/html"
        self.session_key = ""

    def log_in(self, user: User) -> "Browser":
        """Log in without the form, just now."""
        django = Client()
        django.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        session = django.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
        self.session_key = django.cookies["comptoir_session"].value
        self.cookies.set("comptoir_session", self.session_key)
        return self

    def request(self, *args: Any, **options: Any) -> requests.Response:  # type: ignore[override]
        """Ask for a page."""
        return super().request(*args, **{"timeout": 20, **options, "allow_redirects": False})

    def send_form(self, page: requests.Response, *, to: str = "", **fields: str) -> requests.Response:
        """Send the form of a page, to the page itself or where the form leads."""
        token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        return self.post(to or page.url, {"csrfmiddlewaretoken": token, **fields})


@dataclass
class Hearing:
    """Where a product hears that logins have ended. It answers with each of ``answers``, and then with 200."""

    url: str
    heard: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@dataclass
class Office:
    """Enterprise Office: a product of a vendor; Anna owns two of its customers, Arches with two stores."""

    url: str
    vendor: Vendor
    product: Product
    arches: Company
    bistro: Company
    anna: User
    registered: Registered
    hearing: Hearing

    @property
    def described(self) -> dict[str, Any]:
        """What discovery says."""
        found: dict[str, Any] = requests.get(f"{self.url}/.well-known/openid-configuration", timeout=20).json()
        return found

    def client(self, **options: Any) -> OAuth2Session:
        """The library's client."""
        wanted = {
            "client_id": self.registered.client_id,
            "client_secret": self.registered.secret,
            "redirect_uri": CALLBACK,
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            **options,
        }
        return OAuth2Session(**wanted)

    def ask(self, browser: Browser, client: OAuth2Session, **options: Any) -> requests.Response:
        """Send a browser to the authorisation page, and return what it gets."""
        options = {"code_verifier": "v" * 64, "nonce": "n-1", **options}
        where, _state = client.create_authorization_url(self.described["authorization_endpoint"], **options)
        return browser.get(where)

    def exchange(self, client: OAuth2Session, back: requests.Response) -> Any:
        """Exchange the code that a browser brought back."""
        return client.fetch_token(
            self.described["token_endpoint"],
            authorization_response=back.headers["Location"],
            code_verifier="v" * 64,
        )

    def come_in(self, browser: Browser, *, company: Company | None = None) -> tuple[OAuth2Session, Any]:
        """Come in for a company, and return the client and its tokens."""
        client = self.client()
        page = self.ask(browser, client)
        if page.status_code == 200:
            page = browser.send_form(page, company=str((company or self.arches).public_id))
        return client, self.exchange(client, page)

    def refresh(self, client: OAuth2Session, token: str, **options: Any) -> requests.Response:
        """Ask for fresh tokens, as the library would, and return the raw answer."""
        form = {"grant_type": "refresh_token", "refresh_token": token, **options}
        return requests.post(
            self.described["token_endpoint"], form, auth=(client.client_id, client.client_secret), timeout=20
        )

    def read(self, token: str) -> dict[str, Any]:
        """Verify a signed token with the published keys, and return its claims."""
        keys = KeySet.import_key_set(requests.get(self.described["jwks_uri"], timeout=20).json())
        return dict(jwt.decode(token, keys, algorithms=["RS256"]).claims)

    def suspend(self, company: Company, state: str = "suspended") -> None:
        """Set a company's standing."""
        set_standing(
            company_id=company.id, product_id=self.product.id, state=state, at=wall_now(), until=None, by=TESTS,
            reason=Reason.PAID if state == "good" else Reason.OVERDUE, facts={} if state == "good" else OVERDUE,
        )  # fmt: skip


def error_of(back: requests.Response) -> str:
    """Return the error with which a browser was sent back."""
    return parse_qs(urlsplit(back.headers["Location"]).query)["error"][0]


@pytest.fixture
def hearing() -> Iterator[Hearing]:
    """An address of the product, where logout tokens arrive."""

    class Hear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            heard.heard.append(parse_qs(body)["logout_token"][0])
            self.send_response(heard.answers.pop(0) if heard.answers else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hear)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    heard = Hearing(url=f"http://127.0.0.1:{server.server_port}/logout")
    yield heard
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def office(fresh_database: Database, settings: Settings, hearing: Hearing) -> Iterator[Office]:
    """The product, registered, and everybody there is."""
    vendor = make_vendor(slug="northwind", name="Northwind")
    arches, bistro = (make_company(vendor=vendor, name=name) for name in ("Arches Burgers LLC", "Bistro Verte Inc"))
    for _store in range(2):
        make_location(company=arches)
    anna = make_user(email="anna@arches.example", name="Anna")
    for company in (arches, bistro):
        make_member(company=company, user=anna)
    product = make_plan(vendor=vendor, name="Enterprise Office").product
    settings.INTERNAL_PROGRAMS = ["127.0.0.1", "localhost"]
    rotate_if_old(now=wall_now())
    registered = register_client(
        vendor_id=vendor.id,
        product_code=product.code,
        redirect_uris=[CALLBACK],
        post_logout_uris=["http://localhost:9/bye"],
        backchannel_logout_uri=hearing.url,
        actor=TESTS,
    )
    with served(fresh_database) as url:
        settings.BASE_URL = url
        settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": url}
        yield Office(url, vendor, product, arches, bistro, anna, registered, hearing)


@pytest.fixture
def browser(office: Office) -> Browser:
    """Anna's browser, logged in."""
    return Browser().log_in(office.anna)


def open_sign_ons() -> int:
    """Return how many are open."""
    with suppress(SignOn.DoesNotExist):
        return SignOn.objects.filter(ended_at=None).count()
    return 0
