"""Serve the pages. Stopped with Ctrl-C or SIGTERM, it finishes the requests in hand."""

import argparse
import os
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from comptoir.cli.errors import CannotRun
from comptoir.cli.ports import port_from_environment, port_number, take_port
from comptoir.cli.preparation import comptoir_ready

GRACE_SECONDS = 30
THREADS = 8


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parser.add_argument("--port", type=port_number, help="the port to listen on (COMPTOIR_PORT, else 8000)")
    parser.add_argument("--workers", type=int, default=workers_of_this_machine(), help="processes (%(default)s)")
    parser.add_argument("--threads", type=int, default=THREADS, help="threads of each process (%(default)s)")


def run(args: argparse.Namespace) -> int:
    """Serve until asked to stop. Raises CannotRun when the port is taken, before anything is started."""
    port = port_from_environment("COMPTOIR_PORT", default=8000) if args.port is None else args.port
    with (
        take_port(host=args.host, port=port, variable="COMPTOIR_PORT") as listener,
        comptoir_ready(role="web", tells=True, signs=True),
    ):
        if not os.environ.get("COMPTOIR_MESSAGE_KEYS"):
            raise CannotRun(
                "Set COMPTOIR_MESSAGE_KEYS to what “comptoir message-keys new” prints: without a key no secure message "
                "can be written or read. See docs/operations.md."
            )
        WebServer(listener=listener.detach(), workers=args.workers, threads=args.threads).run()
    return 0


def workers_of_this_machine() -> int:
    """Return how many processes serve, unless told otherwise."""
    return min(os.cpu_count() or 2, 4)


class WebServer(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn as it is shipped. The ``listener``, a socket's descriptor, is gunicorn's to close from here."""

    def __init__(self, *, listener: int, workers: int, threads: int) -> None:
        self._settings = {
            "bind": f"fd://{listener}",
            "worker_class": "gthread",
            "workers": workers,
            "threads": threads,
            "graceful_timeout": GRACE_SECONDS,
            "preload_app": True,
            "control_socket_disable": True,
            "proc_name": "comptoir web",
        }
        super().__init__()

    def load_config(self) -> None:
        """Take the settings."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Give the application."""
        from django.conf import settings

        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # nobody need have collected any
        from comptoir.config.wsgi import application

        return application
