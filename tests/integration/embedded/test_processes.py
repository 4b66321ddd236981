"""Groups of processes: they end together, whichever way the end comes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from comptoir.embedded import ProcessEnded, ProcessGroup, Program


def program(name: str, directory: Path, code: str) -> Program:
    return Program(name=name, argv=[sys.executable, "-c", code], environment=os.environ, log=directory / f"{name}.log")


@contextmanager
def starter(directory: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has started a group of two, “first” and “second”."""
    argv = [sys.executable, str(Path(__file__).with_name("starter.py")), str(directory)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "started\n"
            eventually(lambda: len(said(directory)) == 2)
            yield process
        finally:
            process.kill()


def said(directory: Path) -> list[str]:
    log = directory / "both.log"
    return log.read_text().splitlines() if log.exists() else []


def number_of(name: str, directory: Path) -> int:
    return next(int(line.split()[1]) for line in said(directory) if line.startswith(name))


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_ctrl_c_stops_them_in_order_the_last_started_first(tmp_path: Path) -> None:
    with starter(tmp_path) as process:
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=10)
    assert output == "interrupted\n"
    assert said(tmp_path)[2:] == ["second stopped", "first stopped"]


def test_one_that_dies_ends_all_and_shows_its_last_words(tmp_path: Path) -> None:
    with starter(tmp_path) as process:
        os.kill(number_of("first", tmp_path), signal.SIGKILL)
        output, _ = process.communicate(timeout=10)
    assert output.startswith("“first” ended unexpectedly (signal SIGKILL).")
    assert "both.log" in output
    assert said(tmp_path)[2:] == ["second stopped"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
def test_they_do_not_outlive_a_starter_that_is_killed(tmp_path: Path) -> None:
    with starter(tmp_path) as process:
        process.kill()
        eventually(lambda: len(said(tmp_path)) == 4)
    assert sorted(said(tmp_path)[2:]) == ["first stopped", "second stopped"]


def test_the_terminals_ctrl_c_reaches_them_through_us_alone(tmp_path: Path) -> None:
    with starter(tmp_path) as process:
        for name in ("first", "second"):
            assert os.getsid(number_of(name, tmp_path)) != os.getsid(process.pid)


def test_one_that_does_not_stop_is_killed_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comptoir.embedded.processes.GRACE_SECONDS", 0.2)
    stubborn = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
print(os.getpid(), flush=True)
signal.pause()
"""
    with ProcessGroup() as group:
        group.start(program("stubborn", tmp_path, stubborn))
        log = tmp_path / "stubborn.log"
        eventually(lambda: len(log.read_text().splitlines()) == 2)
    numbers = [int(line) for line in log.read_text().splitlines()]
    eventually(lambda: not any(map(is_alive, numbers)))


def is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{number}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def test_waiting_for_health_ends_when_it_answers_or_dies_or_takes_too_long(tmp_path: Path) -> None:
    port_file = tmp_path / "port"
    serve = f"""
import http.server, pathlib
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
pathlib.Path({str(port_file)!r}).write_text(str(server.server_port))
server.serve_forever()
"""
    with ProcessGroup() as group:
        group.start(program("server", tmp_path, serve))
        eventually(lambda: port_file.exists() and bool(port_file.read_text()))
        address = f"http://127.0.0.1:{port_file.read_text()}"
        group.wait_until_healthy(f"{address}/", seconds=10)
        with pytest.raises(ProcessEnded, match="does not answer"):
            group.wait_until_healthy(f"{address}/nothing", seconds=0.3)
        group.start(program("broken", tmp_path, "raise SystemExit('out of order')"))
        with pytest.raises(ProcessEnded, match=r"“broken” ended.*exit code 1(.|\n)*out of order"):
            group.wait_until_healthy(f"{address}/nothing", seconds=10)
