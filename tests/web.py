"""A browser for tests."""

import threading
import time
from typing import Any
from uuid import uuid4

from django.db import connection
from django.http import HttpResponse
from django.test import Client

from tests.databases import Database


class WebClient(Client):
    """A browser whose requests are served the way the web processes serve them: logged in as ``comptoir_web``."""

    def __init__(self, database: Database, **defaults: Any) -> None:
        super().__init__(**defaults)
        self._database = database
        self.queries: list[str] = []

    def force_login(self, user: Any, backend: str | None = None) -> None:
        """Log somebody in, by both steps for whoever has a second one."""
        super().force_login(user, backend)
        session = self.session
        session["account_authentication_methods"] = [{"method": "mfa", "at": time.time()}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()

    def post(self, path: str, data: Any = None, *args: Any, **extra: Any) -> Any:  # type: ignore[override]
        """Send a form with a reference of its own, as if its page had just been opened."""
        if path.startswith(("/console/", "/c/")) and (data is None or isinstance(data, dict)):
            data = {"reference": str(uuid4()), **(data or {})}
        return super().post(path, data, *args, **extra)

    def request(self, **request: Any) -> Any:
        """Serve a request on a connection of its own, to the end of what it sends, and keep its queries."""
        said: list[str] = []

        def note(execute: Any, sql: str, *rest: Any) -> Any:
            said.append(sql)
            return execute(sql, *rest)

        with self._database.as_web(), connection.execute_wrapper(note):
            answer = super().request(**request)
            answer = _whole(answer) if answer.streaming else answer
        self.queries = said
        return answer


def double_click(tabs: list[WebClient], path: str, typed: dict[str, object]) -> list[int]:
    """Send the same form from every tab at the same moment; return the answers' statuses."""
    together, answers = threading.Barrier(len(tabs), timeout=10), []

    def send(tab: WebClient) -> None:
        together.wait()
        answers.append(tab.post(path, typed).status_code)

    sessions = [threading.Thread(target=send, args=[tab]) for tab in tabs]
    for session in sessions:
        session.start()
    for session in sessions:
        session.join()
    return answers


def _whole(answer: Any) -> HttpResponse:
    """An answer that was sent in parts, as what arrived."""
    whole = HttpResponse(b"".join(answer), status=answer.status_code, headers=dict(answer.headers))
    answer.close()
    return whole
