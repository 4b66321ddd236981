"""Asks for pages over a number of connections at once, as fast as they are answered."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle


@dataclass(frozen=True, slots=True)
class Target:
    """A page, and the cookies of whoever asks for it."""

    path: str
    cookies: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """How long each answer took, in milliseconds, and how long all of it, in seconds."""

    milliseconds: list[float]
    seconds: float

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.milliseconds) / self.seconds

    @property
    def p99_ms(self) -> float:
        """What 99 of 100 answers did not take longer than."""
        return sorted(self.milliseconds)[int(len(self.milliseconds) * 0.99)]


def hammer(targets: Sequence[Target], *, port: int, connections: int, seconds: float) -> Answers:
    """Ask for the targets in turn. Raises RuntimeError for an answer that is not 200."""
    return asyncio.run(_hammer(cycle(targets), port=port, connections=connections, seconds=seconds))


def ask(target: Target, *, port: int, headers: str = "") -> tuple[int, dict[str, str], bytes]:
    """Ask for one page; return its status, headers (in lower case) and content."""
    return asyncio.run(_ask_once(target, port=port, headers=headers))


async def _hammer(targets: Iterator[Target], *, port: int, connections: int, seconds: float) -> Answers:
    taken: list[float] = []
    started = time.perf_counter()

    async def keep_asking() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (asked := time.perf_counter()) < started + seconds:
            status, head, _content = await _answer(reader, writer, next(targets))
            taken.append((time.perf_counter() - asked) * 1000)
            if status != 200:
                raise RuntimeError(f"a page answered {status}")
            if head.get("connection") == "close":
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()

    await asyncio.gather(*(keep_asking() for _connection in range(connections)))
    return Answers(milliseconds=taken, seconds=time.perf_counter() - started)


async def _ask_once(target: Target, *, port: int, headers: str) -> tuple[int, dict[str, str], bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = await _answer(reader, writer, target, headers=headers)
    writer.close()
    return answer


async def _answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: Target, *, headers: str = ""
) -> tuple[int, dict[str, str], bytes]:
    writer.write(
        f"GET {target.path} HTTP/1.1\r\nHost: localhost\r\nCookie: {target.cookies}\r\n"
        f"Accept-Language: en\r\n{headers}\r\n".encode()
    )
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    given = {name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines)}
    content = await reader.readexactly(int(given.get("content-length", "0")))
    return int(first.split()[1]), given, content
