"""A confirmation number can be read out, and is never the same twice."""

import re

import pytest

from comptoir.payments.confirmation import GROUP, GROUPS, new_confirmation


def test_it_has_two_groups_of_letters_that_cannot_be_mistaken() -> None:
    made = {new_confirmation() for _time in range(200)}
    assert len(made) == 200
    for number in made:
        assert re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{5}-[2-9A-HJKMNP-TV-Z]{5}", number)


def test_it_is_drawn_again_where_it_would_be_digits_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter("2" * GROUP * GROUPS + "2" * GROUP * (GROUPS - 1) + "3333K")
    monkeypatch.setattr("secrets.choice", lambda _letters: next(drawn))
    assert new_confirmation() == "22222-3333K"
