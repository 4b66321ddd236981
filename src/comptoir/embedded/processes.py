"""A group of child processes: started together, ended together, not outliving the one that started them."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from comptoir.embedded.errors import EmbeddedError

POLL_SECONDS = 0.2
GRACE_SECONDS = 40
LOG_BYTES = 10_000_000
PR_SET_PDEATHSIG = 1


class ProcessEnded(EmbeddedError):
    """A process of the group ended, or never became ready; the message has the end of its log."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run, under which name, in which environment, and where its log goes."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    log: Path


class ProcessGroup:
    """Running programs. Leaving the `with` statement stops them, the last started first."""

    def __init__(self) -> None:
        self._running: list[tuple[Program, subprocess.Popen[bytes]]] = []

    def start(self, program: Program) -> None:
        """Start a program in a session of its own, so that Ctrl-C in a terminal reaches us and not it."""
        program.log.parent.mkdir(parents=True, exist_ok=True)
        if program.log.exists() and program.log.stat().st_size > LOG_BYTES:
            program.log.replace(program.log.with_suffix(".log.old"))
        with program.log.open("ab") as log:
            process = subprocess.Popen(
                program.argv,
                env=program.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_dies_with_its_parent(),
            )
        self._running.append((program, process))

    def wait_until_healthy(self, url: str, *, seconds: float) -> None:
        """Wait until `url` answers 200. Raises ProcessEnded when a program ends before, or time is up."""
        deadline = time.monotonic() + seconds
        while not _is_healthy(url):
            self.check()
            if time.monotonic() > deadline:
                logs = ", ".join(str(program.log) for program, _ in self._running)
                raise ProcessEnded(f"{url} does not answer after {seconds:.0f} s. The logs: {logs}")
            time.sleep(POLL_SECONDS)

    def wait(self, *, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Wait until a program ends, which raises ProcessEnded, or a signal's exception ends the waiting.

        Calls `meanwhile` again and again; what it raises ends the waiting, too.
        """
        while True:
            self.check()
            meanwhile()
            time.sleep(POLL_SECONDS)

    def check(self) -> None:
        """Raise ProcessEnded if a program has ended."""
        for program, process in self._running:
            if process.poll() is not None:
                raise ProcessEnded(
                    f"“{program.name}” ended unexpectedly ({_how(process.returncode)}). Start again; what was "
                    f"committed is kept. Its log, {program.log}, ends: {_last_line(program.log)}"
                )

    def stop(self) -> None:
        """Ask the programs to stop, the last started first, each when the one before has ended.

        One that takes longer than GRACE_SECONDS is killed, and all that are left when Ctrl-C interrupts.
        """
        try:
            while self._running:
                _, process = self._running[-1]
                process.terminate()
                try:
                    process.wait(GRACE_SECONDS)
                except subprocess.TimeoutExpired:
                    _kill(process)
                self._running.pop()
        finally:
            for _, process in self._running:
                _kill(process)
            self._running.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with the children that share its session."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()
    process.wait()


def _dies_with_its_parent() -> Callable[[], None] | None:
    """Give what the child calls before it becomes the program, so that it is asked to stop if we are killed.

    Linux alone knows of that. Elsewhere a group whose starter is killed has to be stopped by hand.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask_for_the_signal() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask_for_the_signal


def _is_healthy(url: str) -> bool:
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def _last_line(log: Path) -> str:
    """Give the last line that says something; of a traceback, that is the error."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 8000))
        lines = file.read().decode(errors="replace").splitlines()
    return next((line for line in reversed(lines) if line.strip() and not line[0].isspace()), "(nothing)")
