"""What follows from a bank's return code: the rules of the field, code by code."""

import pytest

from comptoir.payments.return_codes import Rule, reason_in_words, rule_for

TABLE = {
    Rule.MAY_BE_TRIED_AGAIN: "R01 R09",
    Rule.STOP: "R02 R03 R04 R20 account_closed no_account invalid_account_number incorrect_account_details",
    Rule.VOID: "R05 R07 R10 R11 R29 debit_not_authorized",
    Rule.REVIEW: "R08 R16 bank_account_frozen recipient_deceased",
    Rule.ASK: "could_not_process bank_cannot_process",
}


@pytest.mark.parametrize(("rule", "codes"), TABLE.items())
def test_each_code_has_its_rule(rule: Rule, codes: str) -> None:
    for code in codes.split():
        assert rule_for(code) is rule


def test_a_code_that_is_not_known_ends_nothing_and_gives_no_hope() -> None:
    assert rule_for("R99") is Rule.ASK
    assert rule_for("") is Rule.ASK


def test_every_code_is_told_in_words_without_itself() -> None:
    for code in [*" ".join(TABLE.values()).split(), "expired_card", "stolen_card", "card_declined"]:
        assert code not in reason_in_words(code)
        assert reason_in_words(code).endswith(".")
    assert reason_in_words("R01") != reason_in_words("R29")
