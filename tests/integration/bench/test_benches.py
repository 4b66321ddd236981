"""The benches of money run, on few payments and little news, and find nothing lost; how fast it was is not asserted."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

LONGEST_SECONDS = 600
Bench = Callable[..., dict[str, float | int]]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Runs a bench as a person does, on a database of its own that keeps what it commits; returns its last line."""
    home: Path = tmp_path_factory.mktemp("home")
    ours = ("COMPTOIR", "DATABASE", "STRIPE", "DJANGO")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}

    def run(*words: str) -> dict[str, float | int]:
        answer = subprocess.run(
            [sys.executable, "-m", "comptoir.cli", "bench", *words],
            env=clean | {"COMPTOIR_HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST_SECONDS,
        )
        assert answer.returncode == 0, answer.stderr[-3_000:]
        figures: dict[str, float | int] = json.loads(answer.stdout.splitlines()[-1])
        return figures

    return run


def test_news_is_all_kept_beside_an_empty_view(bench: Bench) -> None:
    found = bench("webhooks", "--events", "80")
    assert (found["events"], found["connections"]) == (80, 16)
    assert found["per_second"] > 0
    assert found["ratio_to_empty_view"] > 0


def test_debits_under_faults_are_made_once_and_every_cent_is_explained(bench: Bench) -> None:
    found = bench("autopay", "--payments", "6")
    assert (found["payments"], found["fault_share"]) == (6, 0.05)
    assert (found["doubled"], found["forgotten"], found["unexplained_minor"]) == (0, 0, 0)
    assert found["attempts"] >= 6
    assert found["per_second"] > 0
