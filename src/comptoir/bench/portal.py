"""The portal's pages beside a bare page of the same process, with many companies and invoices under them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

from comptoir.cli.web import THREADS, workers_of_this_machine

from .hammer import Answers, Target, ask, hammer
from .portal_world import MONTHS, load, log_in_some
from .scratch import scratch_database

CONNECTIONS = 16
LOGINS = 1_000
ROUNDS = 4
PORT = 8_765


def run(*, companies: int, seconds: float) -> dict[str, float | int]:
    """Measure home and the list of invoices, in turns with a bare page; return the figures."""
    with scratch_database() as url:
        started = time.perf_counter()
        load(companies=companies)
        loaded = time.perf_counter() - started
        people = log_in_some(count=min(LOGINS, companies))
        with _serving(url):
            figures = _measure(people, seconds=seconds)
    return {
        "companies": companies,
        "invoices": companies * MONTHS,
        "connections": CONNECTIONS,
        "load_seconds": round(loaded),
        **figures,
    }


def _measure(people: list[tuple[str, str]], *, seconds: float) -> dict[str, float | int]:
    def of(path: str) -> list[Target]:
        return [
            Target(path.format(company), f"comptoir_session={session}; comptoir_vendor=bench; csrftoken={'c' * 32}")
            for company, session in people
        ]

    kinds = {"bare": of("/bare/"), "home": of("/c/{}/"), "list": of("/c/{}/invoices/")}
    queries = {kind: _most_queries(targets[:50]) for kind, targets in kinds.items()}
    for targets in kinds.values():
        hammer(targets, port=PORT, connections=CONNECTIONS, seconds=2)
    answers: dict[str, list[Answers]] = {kind: [] for kind in kinds}
    for _round in range(ROUNDS):
        for kind, targets in kinds.items():
            answers[kind].append(hammer(targets, port=PORT, connections=CONNECTIONS, seconds=seconds))
    together = {
        kind: Answers(
            milliseconds=[one for part in parts for one in part.milliseconds],
            seconds=sum(part.seconds for part in parts),
        )
        for kind, parts in answers.items()
    }
    bare, home, listed = together["bare"], together["home"], together["list"]
    # As many of the one as of the other: the mean of what each takes.
    pages_per_second = 2 / (1 / home.per_second + 1 / listed.per_second)
    p99_ms = max(home.p99_ms, listed.p99_ms)
    return {
        "bare_per_second": round(bare.per_second, 1),
        "home_per_second": round(home.per_second, 1),
        "list_per_second": round(listed.per_second, 1),
        "bare_p99_ms": round(bare.p99_ms, 1),
        "p99_ms": round(p99_ms, 1),
        "home_queries": queries["home"],
        "list_queries": queries["list"],
        "requests_per_second": round(pages_per_second, 1),
        "ratio_to_bare_page": round(pages_per_second / bare.per_second, 3),
        "p99_ratio": round(p99_ms / bare.p99_ms, 2),
        "max_queries": max(queries.values()),
    }


def _most_queries(targets: list[Target]) -> int:
    most = 0
    for target in targets:
        status, head, _content = ask(target, port=PORT, headers="X-Count-Queries: 1\r\n")
        if status != 200:
            raise RuntimeError(f"{target.path} answered {status}")
        most = max(most, int(head["x-queries"]))
    return most


@contextmanager
def _serving(url: str) -> Iterator[None]:
    """Serve the scratch database's pages from processes of their own, as many as are shipped."""
    web_url = urlunsplit(urlsplit(os.environ["DATABASE_WEB_URL"])._replace(path=urlsplit(url).path))
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"DATABASE_WEB_URL": web_url, "COMPTOIR_BASE_URL": f"http://localhost:{PORT}"}
    server = subprocess.Popen(
        [sys.executable, "-m", "comptoir.bench.portal_server", str(PORT), str(workers_of_this_machine()), str(THREADS)],
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(server)
        yield
    finally:
        server.terminate()
        server.wait(timeout=60)


def _wait(server: subprocess.Popen[bytes]) -> None:
    for _try in range(300):
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        try:
            ask(Target("/healthz"), port=PORT)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not answer within half a minute")
