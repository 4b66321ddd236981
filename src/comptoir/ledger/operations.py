"""Posting. A batch is written and closed in one transaction; the database checks it when that commits."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from comptoir.kit.copying import copy_rows, take_ids

from .closing import closed_through, first_open_day
from .errors import BooksClosed
from .models import AccountCode, JournalBatch, LedgerAccount


class PostingLine(NamedTuple):
    """One side of an entry: a debit above zero, a credit below, in minor units. A tuple: bill runs make millions."""

    account_id: int
    amount_minor: int
    document_id: int | None = None


class Entry(NamedTuple):
    """What happened to one company, as postings that add up to zero; to none, where only vendor's accounts move."""

    company_id: int | None
    description: str
    postings: Sequence[PostingLine]


def accounts(*, vendor_id: int, currency: str) -> Mapping[str, int]:
    """Return the ids of a vendor's accounts in one currency, by code; those it lacks are opened.

    Tax payable is not among them: see ``tax_accounts``.
    """
    return _opened(
        vendor_id=vendor_id,
        currency=currency,
        wanted=[(code, "") for code in AccountCode.values if code != AccountCode.TAX_PAYABLE],
        named=lambda code, _part: code,
    )


def tax_accounts(*, vendor_id: int, currency: str, jurisdiction_codes: Iterable[str]) -> Mapping[str, int]:
    """Return the ids of a vendor's accounts of tax payable, by jurisdiction; those it lacks are opened."""
    return _opened(
        vendor_id=vendor_id,
        currency=currency,
        wanted=[(AccountCode.TAX_PAYABLE.value, code) for code in sorted(set(jurisdiction_codes))],
        named=lambda _code, part: part,
    )


def _opened(
    *, vendor_id: int, currency: str, wanted: Sequence[tuple[str, str]], named: Callable[[str, str], str]
) -> Mapping[str, int]:
    mine = LedgerAccount.objects.filter(vendor_id=vendor_id, currency=currency)
    found = {(code, part): account_id for account_id, code, part in mine.values_list("id", "code", "part")}
    missing = [key for key in wanted if key not in found]
    if missing:
        LedgerAccount.objects.bulk_create(
            [LedgerAccount(vendor_id=vendor_id, code=code, part=part, currency=currency) for code, part in missing],
            ignore_conflicts=True,
        )
        found = {(code, part): account_id for account_id, code, part in mine.values_list("id", "code", "part")}
    return {named(*key): found[key] for key in wanted}


def post(*, vendor_id: int, posted_on: date, reason: str, entries: Iterable[Entry]) -> list[int]:
    """Post ``entries`` as one batch and return the entries' ids, in order.

    Must run in the transaction of what the entries record. At its commit PostgreSQL refuses the whole transaction if
    an entry has fewer than two postings, does not add up to zero, or mixes currencies or vendors; and where it names no
    company, if it moves more than bank, suspense, and what is with the processor or was its fee. Raises BooksClosed.
    """
    if first_open_day(vendor_id=vendor_id, day=posted_on) != posted_on:
        raise BooksClosed(
            _("The books are closed through %(day)s; date it later.") % {"day": closed_through(vendor_id)}
        )
    written = list(entries)
    batch = JournalBatch.objects.create(vendor_id=vendor_id, posted_on=posted_on, reason=reason)
    entry_ids = take_ids(table="ledger_journalentry", count=len(written))
    copy_rows(
        table="ledger_journalentry",
        columns=["id", "batch_id", "description"],
        rows=((entry_id, batch.id, entry.description) for entry_id, entry in zip(entry_ids, written, strict=True)),
    )
    copy_rows(
        table="ledger_posting",
        columns=["entry_id", "position", "account_id", "company_id", "document_id", "amount_minor"],
        rows=(
            (entry_id, position, posting.account_id, entry.company_id, posting.document_id, posting.amount_minor)
            for entry_id, entry in zip(entry_ids, written, strict=True)
            for position, posting in enumerate(entry.postings, 1)
        ),
    )
    return entry_ids
