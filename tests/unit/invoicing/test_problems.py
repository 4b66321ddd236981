"""What is kept of why a company cannot be billed."""

import pytest
from django.db import DatabaseError, IntegrityError

from comptoir.invoicing.errors import CannotBill
from comptoir.invoicing.problems import problem_of


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (CannotBill("There is no price."), "There is no price."),
        (IntegrityError("violates a rule\nDETAIL: of this row"), "violates a rule"),
        (DatabaseError("\nafter an empty line"), "after an empty line"),
        (DatabaseError(), "DatabaseError"),
        (CannotBill("  "), "CannotBill"),
    ],
)
def test_a_refusal_is_kept_by_its_first_line_and_one_without_words_by_its_name(error: Exception, what: str) -> None:
    assert problem_of(error) == {"code": "refused", "what": what}
