"""A form of the portal that is sent twice at the same moment asks once, and fails nobody."""

import pytest
from django.db.models import Model

from comptoir.customers.models import EmailChange, ExtraRecipient, MemberInvitation
from tests.databases import Database
from tests.web import WebClient, double_click
from tests.worlds import World


@pytest.mark.parametrize(
    ("page", "typed", "asked"),
    [
        ("people/", {"email": "ines@accountants.example", "role": "viewer"}, MemberInvitation),
        ("contacts/further/", {"further-email": "tax@accountants.example"}, ExtraRecipient),
        ("contacts/", {"email": "new@arches.example"}, EmailChange),
    ],
)
def test_a_double_click_on_what_sends_a_link_fails_nobody(
    world: World, fresh_database: Database, page: str, typed: dict[str, object], asked: type[Model]
) -> None:
    tabs = [WebClient(fresh_database) for _ in range(4)]
    for tab in tabs:
        tab.force_login(world.anna)
    assert double_click(tabs, f"/c/{world.arches.public_id}/{page}", typed) == [302] * 4
    assert sum(map(_is_open, asked._default_manager.all())) == 1


def _is_open(row: object) -> bool:
    ends = ("accepted_at", "withdrawn_at", "ended_at", "confirmed_at", "stopped_at")
    return all(getattr(row, end, None) is None for end in ends)
