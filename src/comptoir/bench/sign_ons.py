"""People who are logged in and come in to a product, all in the same moment: none may be lost."""

import base64
import hashlib
import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from threading import Barrier
from urllib.parse import parse_qs, urlencode, urlsplit

from comptoir.access.clients import Registered, register_client
from comptoir.access.signing import rotate_if_old
from comptoir.kit.clocks import wall_now
from comptoir.tenancy.audit import system

log = logging.getLogger(__name__)

# The last of a thousand waits for all the others.
LONGEST_SECONDS = 600
BACK = "http://localhost/back"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the bench's, as the single sign-on knows it."""

    registered: Registered
    port: int

    def come_in(self, session: str) -> str:
        """Come in with a session, and return whose tokens came. Raises RuntimeError where it is lost."""
        asked = {
            "client_id": self.registered.client_id,
            "redirect_uri": BACK,
            "response_type": "code",
            "scope": "openid",
            "state": session,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        cookie = {"Cookie": f"comptoir_session={session}"}
        server = HTTPConnection("127.0.0.1", self.port, timeout=LONGEST_SECONDS)
        server.request("GET", f"/openid/authorize?{urlencode(asked)}", headers=cookie)
        led = server.getresponse()
        led.read()
        given = parse_qs(urlsplit(led.headers.get("Location", "")).query)
        if "code" not in given or given["state"] != [session]:
            raise RuntimeError(f"the way in answered {led.status}: {led.headers.get('Location')}")
        form = {"grant_type": "authorization_code", "code": given["code"][0], "redirect_uri": BACK}
        secret = {"client_id": self.registered.client_id, "client_secret": self.registered.secret}
        server.request(
            "POST",
            "/openid/token",
            urlencode({**form, **secret, "code_verifier": VERIFIER}),
            {"Content-Type": "application/x-www-form-urlencoded"},
        )
        answer = server.getresponse()
        tokens = json.loads(answer.read())
        server.close()
        if answer.status != 200:
            raise RuntimeError(f"the code was answered {answer.status}: {tokens}")
        body = tokens["id_token"].split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(body + "=="))["sub"])


def register(*, vendor_id: int) -> Registered:
    """Register the bench's product."""
    rotate_if_old(now=wall_now())
    return register_client(vendor_id=vendor_id, product_code="erestaurant", redirect_uris=[BACK], actor=system("bench"))


def all_at_once(product: Product, sessions: list[str]) -> dict[str, float | int]:
    """Let everybody come in, nobody after anybody else, and return how many were lost.

    Each session is another person's. Why each that is lost was lost is logged.
    """
    start = Barrier(len(sessions))

    def come_in(session: str) -> str:
        start.wait(LONGEST_SECONDS)
        try:
            return product.come_in(session)
        except Exception:  # whatever it was lost by, it is counted
            log.exception("a sign-on was lost")
            return ""

    started = time.perf_counter()
    with ThreadPoolExecutor(max_workers=len(sessions)) as pool:
        people = set(pool.map(come_in, sessions)) - {""}
    seconds = time.perf_counter() - started
    return {
        "sign_ons": len(sessions),
        "sign_ons_lost": len(sessions) - len(people),
        "sign_ons_per_second": round(len(people) / seconds, 1),
    }
