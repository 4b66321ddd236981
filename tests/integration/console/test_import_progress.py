"""An import's page says how far it has come, while its transaction shows nothing yet."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from comptoir.cutover import importing, taking_over
from comptoir.identity.models import User
from comptoir.tenancy.models import Company, Vendor
from tests.integration.console.test_sign_off import hand_over, text
from tests.web import WebClient


def test_the_page_follows_the_lines_read_and_the_customers_written(
    web: WebClient,
    vendor: Vendor,
    staff: Callable[[str], User],
    work: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    web.force_login(staff("clerk"))
    report = hand_over(web)
    seen = {}

    def looked_at_first(step: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def look_and_do(*args: Any, **kwargs: Any) -> Any:
            seen[step] = text(web, report)
            return real(*args, **kwargs)

        return look_and_do

    for module, step in ((importing, "stage"), (taking_over, "put_stores")):
        monkeypatch.setattr(module, step, looked_at_first(step, getattr(module, step)))
    assert "<progress aria-label" in text(web, report), "nobody has begun, so nobody knows how much it is"
    work()

    assert "Lines read" in seen["stage"]
    assert "Customers written" not in seen["stage"]
    assert re.search(r'value="0" max="[1-9]\d*" aria-label="Customers written"', seen["put_stores"])
    assert "<progress" not in text(web, report)
    assert Company.objects.exists()
