"""A mail server of a few lines, which says about every recipient what the test wants it to say."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def nobody(_message: bytes) -> None:
    """Look at no message."""


@contextmanager
def mail_server(
    *, about_recipients: str, about_content: str | None = "250 taken", take: Callable[[bytes], None] = nobody
) -> Iterator[int]:
    """Serve on a port of this machine; answer RCPT with ``about_recipients``, e.g. "550 no such mailbox".

    The message itself is given to ``take``, and then answered with ``about_content``; with None the line is cut
    instead.
    """

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 here")
            while line := self.rfile.readline():
                match line[:4].upper():
                    case b"QUIT":
                        return self.say("221 bye")
                    case b"RCPT":
                        self.say(about_recipients)
                    case b"DATA":
                        self.say("354 go on")
                        take(b"".join(iter(self.rfile.readline, b".\r\n")))
                        if about_content is None:
                            return None
                        self.say(about_content)
                    case _:
                        self.say("250 fine")
            return None

        def say(self, reply: str) -> None:
            self.wfile.write(f"{reply}\r\n".encode())

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Conversation) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        serving.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            serving.join()
