"""A sender of HTTP requests that costs little beside the server: one thread, requests written beforehand."""

import selectors
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence

SECONDS_TO_START = 60.0
SECONDS_TO_ANSWER = 30.0
LONGEST_ANSWER = 65_536


def send_all(*, port: int, requests: Sequence[bytes], connections: int) -> None:
    """Send every request over so many connections, each after the other's answer. Raises RuntimeError but for 200."""
    left = iter(requests)
    come: dict[socket.socket, bytes] = {}
    open_ones = [socket.create_connection(("127.0.0.1", port), SECONDS_TO_ANSWER) for _each in range(connections)]
    with selectors.DefaultSelector() as selector:
        for each in open_ones:
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(each, selectors.EVENT_READ)
            _send_next(each, left, selector)
        while selector.get_map():
            ready = selector.select(SECONDS_TO_ANSWER)
            if not ready:
                raise RuntimeError("the server answers no more")
            for key, _events in ready:
                one: socket.socket = key.fileobj  # type: ignore[assignment]
                answer = come.pop(one, b"") + one.recv(LONGEST_ANSWER)
                if not answer.startswith(b"HTTP/1.1 200 "):
                    raise RuntimeError(f"the server answered {answer[:200]!r}")
                if _is_whole(answer):
                    _send_next(one, left, selector)
                else:
                    come[one] = answer


def _is_whole(answer: bytes) -> bool:
    """Return whether all of an answer has come, a body as long as its head says."""
    head, end, body = answer.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return bool(end) and len(body) >= int(length or 0)


def _send_next(one: socket.socket, left: Iterator[bytes], selector: selectors.BaseSelector) -> None:
    request = next(left, None)
    if request is not None:
        one.sendall(request)
        return
    selector.unregister(one)
    one.close()


def wait_until_served(*, port: int, request: bytes, server: "subprocess.Popen[bytes]") -> None:
    """Wait until a server that was just started answers. Raises RuntimeError when it ends or never does."""
    deadline = time.monotonic() + SECONDS_TO_START
    while server.poll() is None and time.monotonic() < deadline:
        try:
            send_all(port=port, requests=[request], connections=1)
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the web server did not start")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
