"""Money whose owner nobody knows yet is in the books without a company; what a company owes or is owed never is."""

import pytest
from django.db import DatabaseError, transaction

from comptoir.config.books import check_books
from comptoir.ledger.operations import Entry, PostingLine, accounts, post
from comptoir.ledger.queries import journal
from tests.databases import Database
from tests.factories import TODAY, make_company, make_vendor


def test_an_unknown_payers_money_waits_in_suspense(fresh_database: Database) -> None:
    vendor = make_vendor()
    account = accounts(vendor_id=vendor.id, currency="USD")
    sides = [PostingLine(account["bank"], 100), PostingLine(account["suspense"], -100)]

    with transaction.atomic():
        post(vendor_id=vendor.id, posted_on=TODAY, reason="test", entries=[Entry(None, "check received", sides)])

    (row,), _total = journal(account_id=account["suspense"], until=TODAY, limit=10, offset=0)
    assert (row.company_id, row.credit_minor) == (None, 100)
    assert check_books() == []


@pytest.mark.parametrize("code", ["revenue", "deferred_revenue", "bad_debt"])
def test_nothing_that_is_a_companys_is_nobodys(fresh_database: Database, code: str) -> None:
    vendor = make_vendor()
    account = accounts(vendor_id=vendor.id, currency="USD")
    sides = [PostingLine(account["bank"], 100), PostingLine(account[code], -100)]

    with pytest.raises(DatabaseError, match="names no account, company"), transaction.atomic():
        post(vendor_id=vendor.id, posted_on=TODAY, reason="test", entries=[Entry(None, "test", sides)])


def test_another_vendors_company_is_not_nobody(fresh_database: Database) -> None:
    vendor, other = make_vendor(), make_company(vendor=make_vendor())
    account = accounts(vendor_id=vendor.id, currency="USD")
    sides = [PostingLine(account["bank"], 100), PostingLine(account["suspense"], -100)]

    with pytest.raises(DatabaseError, match="names no account, company"), transaction.atomic():
        post(vendor_id=vendor.id, posted_on=TODAY, reason="test", entries=[Entry(other.id, "test", sides)])
