"""How gunicorn serves the stand-in: one process, so that the store has one writer and events one courier."""

import os
from collections.abc import Callable
from typing import Any

from django.core.wsgi import get_wsgi_application

from . import faults
from .settings import DATA
from .store import open_store
from .webhooks import Courier

workers = 1
worker_class = "gthread"
threads = 8
# No connection is kept: stopping waits for nobody, and nobody sends into a connection that is just closing.
keepalive = 0
graceful_timeout = 5
proc_name = "stripe-sandbox"
control_socket_disable = True

_couriers: list[Courier] = []


def make_application() -> Callable[..., Any]:
    """Give the WSGI application, its store open."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "stripe_sandbox.settings"
    open_store(DATA)
    faults.read_environment()
    return get_wsgi_application()


def post_worker_init(_worker: object) -> None:
    """Begin to deliver webhooks, those of an earlier run first."""
    courier = Courier()
    _couriers.append(courier)
    courier.start()


def worker_exit(_arbiter: object, _worker: object) -> None:
    """Let the delivery under way end."""
    for courier in _couriers:
        courier.stop()
