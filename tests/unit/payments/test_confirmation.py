"""A confirmation number can be read out, and is never the same twice."""

import re

from comptoir.payments.confirmation import new_confirmation


def test_it_has_two_groups_of_letters_that_cannot_be_mistaken() -> None:
    made = {new_confirmation() for _time in range(200)}
    assert len(made) == 200
    for number in made:
        assert re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{5}-[2-9A-HJKMNP-TV-Z]{5}", number)
