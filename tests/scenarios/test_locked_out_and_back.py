"""A company that does not pay is locked out of its product, pays by card on the processor's page, and comes back."""

from datetime import timedelta

import requests
from authlib.integrations.requests_client import OAuth2Session
from pytest_django import Settings

from comptoir.access.clients import register_client
from comptoir.access.models import StandingChange
from comptoir.access.signing import rotate_if_old
from comptoir.catalog.models import Product
from comptoir.demo.browser import Page
from comptoir.demo.stage import expect
from comptoir.kit.clocks import wall_now
from comptoir.kit.models import Event
from comptoir.payments.models import WebhookEvent
from tests.factories import TESTS, issue_invoices
from tests.running import Site
from tests.scenarios.test_debit_that_comes_back import CARD, DUE, ISSUED, Owner, make_vendor_and_owner

THE_NIGHT_AFTER = DUE + timedelta(days=26)
VERIFIER = "v" * 64


def product_of(site: Site, anna: Owner, settings: Settings) -> OAuth2Session:
    """Register the product that Arches takes for the single sign-on, and return its client."""
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": site.url}
    settings.INTERNAL_PROGRAMS = ["127.0.0.1", "localhost"]
    rotate_if_old(now=wall_now())
    back = f"{site.url}/healthz"  # any page that answers
    made = register_client(
        vendor_id=anna.company.vendor_id,
        product_code=Product.objects.get(vendor=anna.company.vendor).code,
        redirect_uris=[back],
        actor=TESTS,
    )
    return OAuth2Session(
        client_id=made.client_id, client_secret=made.secret, redirect_uri=back, scope="openid",
        code_challenge_method="S256",
    )  # fmt: skip


def way_in(site: Site, anna: Owner, product: OAuth2Session) -> Page:
    """Go to the product by the single sign-on, and return the page at which that ends."""
    where, _state = product.create_authorization_url(f"{site.url}/openid/authorize", code_verifier=VERIFIER)
    return anna.browser.get(where)


def test_who_is_locked_out_pays_by_card_and_is_let_in_within_a_minute_of_the_webhook(
    site: Site, settings: Settings
) -> None:
    northwind, anna = make_vendor_and_owner(site)
    product = product_of(site, anna, settings)
    anna.log_in()
    issue_invoices(vendor=northwind, issue_date=ISSUED)
    site.live_until(DUE, vendor=northwind)
    assert way_in(site, anna, product).url.startswith(f"{site.url}/healthz?"), "let in as long as nothing is overdue"

    site.live_until(THE_NIGHT_AFTER, vendor=northwind)
    expect(way_in(site, anna, product), status=403, words="is not paid")

    before = wall_now()
    anna.pay(CARD, way="card")
    assert anna.last_payment() == "succeeded"
    told = WebhookEvent.objects.filter(received_at__gt=before, kind="payment_intent.succeeded").earliest("received_at")
    back = StandingChange.objects.get(company=anna.company, before="suspended", state="good")
    let_in = Event.objects.get(name="standing_changed", data__changes__contains=[back.id]).occurred_at
    assert timedelta(0) < let_in - told.received_at < timedelta(minutes=1)
    came = way_in(site, anna, product)
    tokens = product.fetch_token(f"{site.url}/openid/token", authorization_response=came.url, code_verifier=VERIFIER)
    who = requests.get(
        f"{site.url}/openid/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}, timeout=20
    )
    assert who.json()["standing"] == "good"
