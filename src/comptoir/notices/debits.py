"""News of debits before they are made: another amount than the last, and one that waits for an approval."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

from django.db import transaction

from comptoir.customers.queries import billing_email
from comptoir.kit.dates import format_date
from comptoir.kit.money import format_money
from comptoir.payments.announcing import note_told, to_announce
from comptoir.payments.upcoming import Upcoming, autopay_limit
from comptoir.tenancy.queries import CompanyRow, company
from comptoir.work.operations import open_work

from . import links
from .composing import write_to_company

log = logging.getLogger(__name__)

ASKED_ONCE_MORE = timedelta(days=3)


def announce_debits(*, vendor_id: int, on: date, now: datetime) -> None:
    """Tell a vendor's customers what is to be told of debits on a business date, each once.

    Who has no address is put on the team's list: a differing amount is not debited untold. What fails for one company
    keeps no other from being told; it is raised once all have been tried.
    """
    failed: list[Exception] = []
    for row in to_announce(vendor_id=vendor_id, on=on):
        try:
            with transaction.atomic():
                _announce(row, on=on, now=now)
        except Exception as error:  # whatever is wrong with one company, the others are told
            log.exception("company %s could not be told of its debit", row.invoice.company_id)
            failed.append(error)
    if failed:
        raise failed[0]


def _announce(row: Upcoming, *, on: date, now: datetime) -> None:
    buyer = company(row.invoice.company_id)
    to = billing_email(buyer.id)
    if not to:
        subject = f"company:{buyer.public_id}"
        open_work(vendor_id=buyer.vendor_id, company_id=buyer.id, kind="debit_untold", subject=subject, now=now)
    elif row.state == "needs_approval":
        _ask(row, buyer=buyer, on=on)
    else:
        _tell(row, buyer=buyer)
        note_told(row=row, kind="varying", sent_to=to, sent_on=on, sent_at=now)


def _tell(row: Upcoming, *, buyer: CompanyRow) -> None:
    assert row.on is not None  # noqa: S101  what differs is planned for a day
    day = format_date(day=row.on, language=buyer.language)
    write_to_company(
        name="debit_varies",
        key=f"debit-varies:{row.invoice.public_id}:{row.invoice.payable_minor}:{row.on}",
        buyer=buyer,
        facts=_facts(row, buyer=buyer)
        | {"collected_on": day, "last": _money(row, row.varies_from_minor or 0, buyer=buyer)},
        to_others=True,
    )


def _ask(row: Upcoming, *, buyer: CompanyRow, on: date) -> None:
    last_time = row.invoice.due_date - on <= ASKED_ONCE_MORE
    write_to_company(
        name="debit_question",
        key=f"debit-question:{row.invoice.public_id}:{row.invoice.payable_minor}:{'last' if last_time else 'first'}",
        buyer=buyer,
        facts=_facts(row, buyer=buyer) | {"limit": _money(row, autopay_limit(buyer.id) or 0, buyer=buyer)},
        to_others=True,
    )


def _facts(row: Upcoming, *, buyer: CompanyRow) -> dict[str, object]:
    return {
        "company": buyer.name,
        "number": row.invoice.number,
        "amount": _money(row, row.invoice.payable_minor, buyer=buyer),
        "due_on": format_date(day=row.invoice.due_date, language=buyer.language),
        "method": row.method_label,
        "autopay_url": links.autopay_url(company_public_id=buyer.public_id),
        "url": links.invoice_url(company_public_id=buyer.public_id, invoice_public_id=row.invoice.public_id),
    }


def _money(row: Upcoming, amount_minor: int, *, buyer: CompanyRow) -> str:
    return format_money(amount_minor=amount_minor, currency=row.invoice.currency, language=buyer.language)
