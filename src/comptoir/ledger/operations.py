"""Posting. A batch is written and closed in one transaction; the database checks it when that commits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from comptoir.kit.copying import copy_rows, take_ids

from .models import AccountCode, JournalBatch, LedgerAccount


@dataclass(frozen=True, slots=True)
class PostingLine:
    """One side of an entry: a debit above zero, a credit below, in minor units."""

    account_id: int
    amount_minor: int
    document_id: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened to one company, as postings that add up to zero."""

    company_id: int
    description: str
    postings: Sequence[PostingLine]


def accounts(*, vendor_id: int, currency: str) -> Mapping[str, int]:
    """Return the ids of a vendor's accounts in one currency, by code; those it lacks are opened."""
    LedgerAccount.objects.bulk_create(
        [LedgerAccount(vendor_id=vendor_id, code=code, currency=currency) for code in AccountCode.values],
        ignore_conflicts=True,
    )
    found = LedgerAccount.objects.filter(vendor_id=vendor_id, currency=currency)
    return dict(found.values_list("code", "id"))


def post(*, vendor_id: int, posted_on: date, reason: str, entries: Iterable[Entry]) -> list[int]:
    """Post ``entries`` as one batch and return the entries' ids, in order.

    Must run in the transaction of what the entries record. At its commit PostgreSQL refuses the whole transaction if
    an entry has fewer than two postings, does not add up to zero, or mixes currencies or vendors.
    """
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
        columns=["entry_id", "account_id", "company_id", "document_id", "amount_minor"],
        rows=(
            (entry_id, posting.account_id, entry.company_id, posting.document_id, posting.amount_minor)
            for entry_id, entry in zip(entry_ids, written, strict=True)
            for posting in entry.postings
        ),
    )
    return entry_ids
