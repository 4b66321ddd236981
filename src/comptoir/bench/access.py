"""What programs ask of access, over HTTP, beside a bare primary-key query through the same stack, in one web process.

Afterwards a thousand people come in to a product in the same moment, served as `comptoir web` serves by itself.

The bare query is an endpoint of the same API library, behind the same key and the same door, that reads one row.
"""

import json
import time
from collections.abc import Sequence
from http.client import HTTPConnection
from itertools import cycle, islice

from django.conf import settings
from django.db import connection, transaction

from comptoir.access.models import Standing
from comptoir.access.programs import make_key
from comptoir.cli.web import workers_of_this_machine
from comptoir.kit.clocks import wall_now
from comptoir.kit.copying import copy_rows, take_ids
from comptoir.tenancy.audit import system

from . import sign_ons
from .portal_world import load_owners_with_stores, log_in_some
from .processes import web
from .requests import send_all
from .scratch import scratch_database

CONNECTIONS = 16
AT_ONCE = 1_000
SIGN_ONS = 1_000
ROUNDS = 5
BENCH = system("bench")


def run(*, companies: int, requests: int) -> dict[str, float | int]:
    """Measure single questions, bulk ones of 1,000 stores, and bare queries, in turns; return the figures.

    One in twenty companies has a standing, half of those suspended. Raises RuntimeError when an answer is not 200.
    """
    a_round = max(requests // ROUNDS, CONNECTIONS)
    single = bulk = bare = 0.0
    with scratch_database() as url:
        with transaction.atomic():
            vendor_id, _companies, _owners, store_ids = load_owners_with_stores(companies=companies)
        stores = [str(store) for store in store_ids]
        _standings(vendor_id=vendor_id)
        registered = sign_ons.register(vendor_id=vendor_id)
        sessions = _sessions(companies=companies)
        key = make_key(vendor_id=vendor_id, name="bench", actor=BENCH, now=wall_now())
        numbers = list(islice(cycle(stores[:: max(len(stores) // 10_000, 1)]), a_round))
        singles = [_get(f"/v1/access?store={number}", key) for number in numbers]
        bares = [_get(f"/bench/row/{number}", key) for number in numbers]
        bulks = [json.dumps({"stores": stores[start : start + AT_ONCE]}) for start in _starts(len(stores))]
        with web(url, settings=_keys()) as port:
            _seconds(port, [*bares[:200], *singles[:200]])  # warms up
            for _turn in range(ROUNDS):
                bare += _seconds(port, bares)
                single += _seconds(port, singles)
                bulk += _bulk_seconds(port, bulks, key=key)
        with web(url, settings=_keys(), workers=workers_of_this_machine()) as port:
            came_in = sign_ons.all_at_once(sign_ons.Product(registered, port), sessions)
    return {
        "companies": companies,
        "connections": CONNECTIONS,
        "per_second": round(a_round * ROUNDS / single, 1),
        "key_query_per_second": round(a_round * ROUNDS / bare, 1),
        "ratio_to_key_query": round(single / bare, 2),
        "bulk_of": AT_ONCE,
        "bulk_per_second": round(AT_ONCE * len(bulks) * ROUNDS / bulk, 1),
        **came_in,
    }


def _keys() -> dict[str, str]:
    """Return what sessions were signed with here, and the product's keys sealed."""
    return {"COMPTOIR_SECRET_KEY": settings.SECRET_KEY, "COMPTOIR_MESSAGE_KEYS": settings.MESSAGE_KEYS}


def _sessions(*, companies: int) -> list[str]:
    """Return the sessions of a thousand who are logged in, of companies that nothing is held against."""
    held_against = Standing.objects.values_list("company__public_id", flat=True)
    refused = {str(public_id) for public_id in held_against}
    logged_in = log_in_some(count=min(companies, SIGN_ONS * 11 // 10))
    return [session for company, session in logged_in if company not in refused][:SIGN_ONS]


def _starts(count: int) -> range:
    """Return where a score of bulk questions begin, all over the table."""
    return range(0, count - AT_ONCE + 1, max((count - AT_ONCE) // CONNECTIONS, 1))


def _standings(*, vendor_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM tenancy_company WHERE vendor_id = %s AND id %% 20 = 7 ORDER BY id", [vendor_id])
        company_ids = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT id FROM catalog_product WHERE vendor_id = %s", [vendor_id])
        (product_id,) = cursor.fetchone()
    now, facts = wall_now(), "{}"
    with transaction.atomic():
        change_ids = take_ids(table="access_standingchange", count=len(company_ids))
        states = ["suspended" if company % 40 == 7 else "limited" for company in company_ids]
        what = list(zip(change_ids, company_ids, states, strict=True))
        copy_rows(
            table="access_standingchange",
            columns=["id", "vendor_id", "company_id", "product_id", "before", "state", "reason", "facts", "at",
                     "by_kind", "by"],
            rows=(
                (change, vendor_id, company, product_id, "good", state, "by_team", facts, now, "system", "bench")
                for change, company, state in what
            ),
        )  # fmt: skip
        copy_rows(
            table="access_standing",
            columns=["vendor_id", "company_id", "product_id", "state", "since", "reason", "facts", "change_id"],
            rows=(
                (vendor_id, company, product_id, state, now, "by_team", facts, change)
                for change, company, state in what
            ),
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _seconds(port: int, requests: Sequence[bytes]) -> float:
    started = time.perf_counter()
    send_all(port=port, requests=requests, connections=CONNECTIONS)
    return time.perf_counter() - started


def _get(path: str, key: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\r\n".encode()


def _bulk_seconds(port: int, bodies: Sequence[str], *, key: str) -> float:
    """Return the seconds that bulk questions took, one after the other over one connection."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    server = HTTPConnection("127.0.0.1", port, timeout=30)
    started = time.perf_counter()
    for body in bodies:
        server.request("POST", "/v1/access", body, headers)
        answer = server.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"the server answered {answer.status}: {content[:200]!r}")
    server.close()
    return time.perf_counter() - started
