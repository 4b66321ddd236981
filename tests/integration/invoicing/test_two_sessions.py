"""The rules of issued invoices and credits, attacked by two sessions at once."""

import threading
from datetime import date

import pytest
from django.db import IntegrityError, connections, transaction

from comptoir.config.books import check_books
from comptoir.invoicing.bill_run_queries import bill_run_items
from comptoir.invoicing.bill_runs import issue_parts
from comptoir.invoicing.corrections import carry_out, request_credit
from comptoir.invoicing.models import Coverage, CreditNote, CreditReason, Invoice, InvoiceBatch, InvoiceNumber
from comptoir.kit.clocks import wall_now
from comptoir.kit.copying import copy_rows
from comptoir.ledger.models import JournalBatch, JournalEntry
from comptoir.subscriptions.models import Subscription
from tests.databases import Database

from .conftest import TEST, Books
from .copied import NOVEMBER, copied, of_the_first_company, of_the_second_company


def test_two_sessions_that_bill_the_same_days_at_once_bill_them_once(issued: Books, fresh_database: Database) -> None:
    taken, refused, together = of_the_first_company(), [], threading.Barrier(2, timeout=10)

    def bill() -> None:
        with fresh_database.as_owner():
            try:
                together.wait()
                copied(issued, (taken, *NOVEMBER, 4_900))
            except IntegrityError as error:
                refused.append(str(error))
        connections.close_all()

    sessions = [threading.Thread(target=bill) for _session in range(2)]
    for session in sessions:
        session.start()
    for session in sessions:
        session.join(20)

    assert len(refused) == 1
    assert "start at billed-through" in refused[0] or "service_day_billed_once" in refused[0]
    assert Coverage.objects.filter(subscription_id=taken, starts_on="2020-11-01").count() == 1


def test_two_sessions_that_take_the_same_number_at_once_do_not_both_get_it(
    issued: Books, fresh_database: Database
) -> None:
    second, refused = Invoice.objects.latest("id").company_id, []

    def number_another() -> None:
        with fresh_database.as_owner():
            try:
                copied(issued, (of_the_second_company(), *NOVEMBER, 4_900), company_id=second)
            except IntegrityError as error:
                refused.append(str(error))
        connections.close_all()

    session = threading.Thread(target=number_another)
    with transaction.atomic():
        copied(issued, (of_the_first_company(), *NOVEMBER, 4_900))
        session.start()
        fresh_database.wait_until_somebody_waits()
    session.join(20)

    assert len(refused) == 1
    assert "invoice_number_once" in refused[0] or "without a gap" in refused[0]
    assert sorted(InvoiceNumber.objects.values_list("number", flat=True)) == [1, 2, 3]


def test_a_credit_given_by_hand_while_the_run_credits_what_ended_is_waited_for_and_counts(
    books: Books, fresh_database: Database
) -> None:
    books.company("1001", units=1)
    books.bill()
    invoice = Invoice.objects.get()
    Subscription.objects.update(ends_on=date(2020, 10, 2))
    run_id = books.planned_run(through=date(2020, 11, 1))
    books.approve(run_id)

    def issue() -> None:
        with fresh_database.as_owner():
            issue_parts(run_id=run_id, now=wall_now())
        connections.close_all()

    session = threading.Thread(target=issue)
    with transaction.atomic():
        asked = request_credit(
            invoice_id=invoice.id,
            amounts={1: 4_000},
            reason=CreditReason.GOODWILL,
            explanation="the till was down",
            actor=TEST,
            role="admin",
        )
        carry_out(correction_id=asked.id, now=wall_now())
        session.start()
        fresh_database.wait_until_somebody_waits()
    session.join(20)

    assert [(item.status, item.reason) for item in bill_run_items(run_id=run_id)] == [("invoiced", "")]
    assert list(CreditNote.objects.order_by("id").values_list("net_minor", flat=True)) == [4_000, 900]
    assert check_books() == []


def test_nothing_goes_into_a_batch_that_another_session_is_about_to_commit(
    issued: Books, fresh_database: Database
) -> None:
    with transaction.atomic():
        copied(issued, (of_the_first_company(), *NOVEMBER, 4_900))
        invoices, entries = InvoiceBatch.objects.latest("id").id, JournalBatch.objects.latest("id").id
        entry_id = JournalEntry.objects.latest("id").id
        with fresh_database.as_owner():
            with pytest.raises(IntegrityError, match="the invoice batch is closed, or there is none"):
                copied(issued, (of_the_second_company(), *NOVEMBER, 4_900), batch_id=invoices)
            for table, columns, row in (
                ("ledger_journalentry", ["batch_id", "description"], (entries, "late")),
                ("ledger_posting", ["entry_id", "position", "account_id", "amount_minor"], (entry_id, 9, 1, 5)),
            ):
                with pytest.raises(IntegrityError, match="the journal batch is closed"), transaction.atomic():
                    copy_rows(table=table, columns=columns, rows=[row])
    assert Invoice.objects.count() == 3
