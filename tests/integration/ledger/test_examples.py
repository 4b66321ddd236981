"""The tables of docs/ledger.md are what is posted."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pytest
from django.db import transaction

from comptoir.config.books import check_books
from comptoir.identity.models import User
from comptoir.invoicing.corrections import carry_out, request_credit, request_write_off
from comptoir.invoicing.models import Correction, CreditReason, Invoice
from comptoir.invoicing.opening import OpeningBalance, bring_forward
from comptoir.invoicing.operations import apply_payment, reserve, take_back
from comptoir.invoicing.recognition import recognise
from comptoir.ledger.models import JournalEntry, Posting
from comptoir.payments.beginning import begin
from comptoir.payments.checks.deciding import apply_check, return_check
from comptoir.payments.checks.deposits import TypedCheck, add_check, close_deposit, open_deposit
from comptoir.payments.checks.posting import carry_out_decision, post_deposit
from comptoir.payments.gateways import Dispute as ToldDispute
from comptoir.payments.gateways import Intent
from comptoir.payments.gateways import Refund as ToldRefund
from comptoir.payments.gateways.books import Movement, MovementKind, Payout
from comptoir.payments.models import CheckDecision, Payment, ReceivedCheck, Refund
from comptoir.payments.postings import post_arrival
from comptoir.payments.reconciling.fetching import Fetched, keep
from comptoir.payments.refunds.requesting import Why, request_credit_refund, request_payment_refund
from comptoir.payments.refunds.sending import apply as apply_told
from comptoir.payments.refunds.sending import fail, take_from_books
from comptoir.payments.scan_line import ScanLine, write_scan_line
from comptoir.payments.second_word import Asker
from comptoir.payments.truth import Truth
from comptoir.payments.truth import apply as follow
from comptoir.taxes.models import Jurisdiction, Registration, TaxRate
from comptoir.tenancy.models import Company, Vendor
from comptoir.tenancy.queries import vendor as vendor_row
from tests.databases import Database
from tests.factories import (
    NOW,
    TESTS,
    TODAY,
    issue_invoices,
    make_company,
    make_location,
    make_plan,
    make_staff,
    make_subscription,
    make_user,
    make_vendor,
)

DOC = Path(__file__).parents[3] / "docs/ledger.md"
NOVEMBER = date(2020, 11, 1)
Lines = list[tuple[str, int]]


def written() -> dict[str, Lines]:
    """Return the tables of the page, by heading: account and minor units, debits above zero."""
    found = {}
    for section in DOC.read_text().split("\n## ")[1:]:
        rows = re.findall(r"^\| (\w[\w -]*?) \| ([\d.]*) ?\| ([\d.]*) ?\|$", section, re.MULTILINE)
        found[section.partition("\n")[0]] = sorted(
            (account, int(Decimal(debit or 0) * 100) - int(Decimal(credit or 0) * 100))
            for account, debit, credit in rows
            if account != "account"
        )
    return found


@dataclass
class Story:
    """A company that lives through the page, step by step."""

    vendor: Vendor
    company: Company
    payment_id = uuid4()

    def bring_the_old_balance(self) -> None:
        balance = OpeningBalance(company_id=self.company.id, legacy_number="L-1", open_minor=5_000)
        with transaction.atomic():
            bring_forward(vendor=vendor_row(self.vendor.id), balances=[balance], on=TODAY, actor=TESTS)

    def invoice(self) -> None:
        issue_invoices(vendor=self.vendor)

    def pay(self) -> None:
        with transaction.atomic():
            reserve({self._service().id: 10_519})
            apply_payment(**self._payment)

    def return_it(self) -> None:
        with transaction.atomic():
            take_back(**self._payment)

    @transaction.atomic
    def credit(self, minor: int = 4_000, kind: str = "service") -> None:
        self._do(
            request_credit(
                invoice_id=Invoice.objects.filter(kind=kind).earliest("id").id,
                amounts={1: minor},
                reason=CreditReason.GOODWILL,
                explanation="the till was down",
                actor=TESTS,
                role="admin",
            )
        )

    def end_the_month(self) -> None:
        recognise(vendor_id=self.vendor.id, until=NOVEMBER)

    @transaction.atomic
    def give_up(self) -> None:
        self._do(request_write_off(invoice_id=self._service().id, explanation="gone", actor=TESTS, role="admin"))

    def give_back_what_was_paid(self) -> None:
        self.credit(5_900)

    def bill_again(self) -> None:
        issue_invoices(vendor=self.vendor, through=NOVEMBER, issue_date=date(2020, 10, 16))

    def give_back_of_the_old_balance(self) -> None:
        self.credit(1_000, kind="opening")

    def receive_a_strangers_check(self) -> None:
        self._receive(TypedCheck(amount_minor=3_000, payer="J. Doe"))

    @transaction.atomic
    def say_whose_it_is(self) -> None:
        apply_check(
            vendor_id=self.vendor.id,
            public_id=ReceivedCheck.objects.get().public_id,
            company=self.company.public_id,
            amounts={Invoice.objects.latest("id").public_id: 3_000},
            actor=TESTS,
            today=TODAY,
        )
        carry_out_decision(decision_id=CheckDecision.objects.latest("id").id, now=NOW)

    def receive_a_check_with_its_slip(self) -> None:
        invoice = Invoice.objects.latest("id")
        line = ScanLine(
            vendor_number=self.vendor.id, company_number=self.company.id, invoice_number=invoice.id, amount_minor=0
        )
        self._receive(TypedCheck(amount_minor=7_000, number="7", remittance=write_scan_line(line)))

    @transaction.atomic
    def bounce(self) -> None:
        check = ReceivedCheck.objects.get(number="7")
        return_check(
            vendor_id=self.vendor.id, public_id=check.public_id, actor=TESTS, today=TODAY, note="refer to drawer"
        )
        carry_out_decision(decision_id=CheckDecision.objects.latest("id").id, now=NOW)

    @transaction.atomic
    def give_credit_back(self) -> None:
        why = Why(reason="asked", explanation="they asked")
        request_credit_refund(self.company.id, currency="USD", amount_minor=1_000, why=why, asker=self._asker)
        take_from_books(Refund.objects.select_for_update().get(), now=NOW)

    @transaction.atomic
    def pay_too_much_by_card(self) -> None:
        payment = begin(
            company_id=self.company.id,
            origin="one_time",
            kind="card",
            method=None,
            currency="USD",
            amounts={Invoice.objects.latest("id").id: 6_250},
            on_account_minor=2_000,
            today=TODAY,
            now=NOW,
        )
        payment.status, payment.succeeded_at, payment.succeeded_on = "succeeded", NOW, TODAY
        payment.save()
        post_arrival(payment, posted_on=TODAY, now=NOW)

    @transaction.atomic
    def refund(self, minor: int = 2_000) -> None:
        request_payment_refund(
            self._card.public_id,
            amount_minor=minor,
            invoices=[Invoice.objects.latest("id").public_id],
            why=Why(reason="overpaid", explanation="they paid too much"),
            asker=self._asker,
        )
        refund = Refund.objects.latest("id")
        take_from_books(Refund.objects.select_for_update().get(id=refund.id), now=NOW)
        told = ToldRefund(id=f"re_{minor}", reference=str(refund.public_id), status="succeeded", failure_code="")
        apply_told(refund_id=refund.id, told=told, now=NOW)

    def refund_what_was_paid(self) -> None:
        self.refund(3_000)

    @transaction.atomic
    def refund_fails(self) -> None:
        fail(Refund.objects.select_for_update().latest("id"), code="expired_or_canceled_card", now=NOW)

    def dispute(self) -> None:
        self._hear("dp_1", "needs_response")

    def win(self) -> None:
        self._hear("dp_1", "won")

    def lose_another(self) -> None:
        self._hear("dp_2", "needs_response")
        self._hear("dp_2", "lost")

    @transaction.atomic
    def _hear(self, dispute: str, status: Literal["needs_response", "won", "lost"]) -> None:
        told = ToldDispute(
            id=dispute,
            status=status,
            code="",
            reason="fraudulent",
            amount_minor=6_250,
            fee_minor=1_500,
            respond_by=NOW,
            is_of_card=True,
        )
        intent = Intent(id="pi_1", status="succeeded", reference="", failure_code="", method=None, dispute=told)
        follow(payment_id=self._card.id, truth=Truth(page=None, intent=intent), now=NOW)

    @property
    def _card(self) -> Payment:
        return Payment.objects.get(kind="card")

    @property
    def _asker(self) -> Asker:
        person = User.objects.filter(name="Max").first() or make_staff(
            vendor=self.vendor, user=make_user(name="Max"), role="manager"
        )
        return Asker(
            user_id=person.id,
            actor=TESTS,
            role="manager",
            vendor_id=self.vendor.id,
            today=TODAY,
            now=NOW,
        )

    @transaction.atomic
    def keep_fees(self) -> None:
        self._read(movements=[("txn_1", "payment", 14_233, 114), ("txn_2", "fee", 0, 400)])

    @transaction.atomic
    def pay_out(self) -> None:
        payout = Payout(
            id="po_1",
            amount_minor=13_705,
            currency="USD",
            status="paid",
            sent_at=NOW,
            arrives_on=TODAY,
            is_itemised=True,
        )
        self._read(movements=[("txn_3", "back", -14, 0)], payouts=[payout])

    def _read(self, *, movements: list[tuple[str, MovementKind, int, int]], payouts: Sequence[Payout] = ()) -> None:
        """Read the processor's books."""
        told = [
            Movement(
                id=identifier,
                kind=kind,
                amount_minor=amount,
                fee_minor=fee,
                currency="USD",
                moved_at=NOW,
                intent_id="",
                source_id="",
            )
            for identifier, kind, amount, fee in movements
        ]
        paid_out = {payout.id: ("txn_1", "txn_2", "txn_3") for payout in payouts}
        fetched = Fetched(movements=tuple(told), payouts=tuple(payouts), paid_out=paid_out)
        keep(fetched, vendor=vendor_row(self.vendor.id))

    @transaction.atomic
    def _receive(self, check: TypedCheck) -> None:
        deposit_id = open_deposit(
            vendor_id=self.vendor.id,
            currency="USD",
            deposited_on=TODAY,
            control_minor=check.amount_minor,
            control_count=1,
            actor=TESTS,
            today=TODAY,
            now=NOW,
        )
        add_check(vendor_id=self.vendor.id, deposit_id=deposit_id, check=check)
        close_deposit(vendor_id=self.vendor.id, deposit_id=deposit_id, actor=TESTS)
        post_deposit(deposit_id=deposit_id, now=NOW)

    @property
    def _payment(self) -> dict[str, object]:
        return {
            "payment_public_id": self.payment_id,
            "company_id": self.company.id,
            "amounts": {self._service().id: 10_519},
            "posted_on": TODAY,
            "now": NOW,
        }

    def _service(self) -> Invoice:
        return Invoice.objects.filter(kind="service").earliest("id")

    def _do(self, asked: Correction) -> None:
        carry_out(correction_id=asked.id, now=NOW)


@pytest.fixture
def story(fresh_database: Database) -> Iterator[Story]:
    vendor = make_vendor(slug="northwind")
    illinois, _made = Jurisdiction.objects.get_or_create(
        code="US-IL", defaults={"name": "Illinois", "level": "state", "country": "US", "state": "IL"}
    )
    TaxRate.objects.filter(jurisdiction=illinois).exists() or TaxRate.objects.create(
        jurisdiction=illinois, category="software", rate="0.0625", valid_from=date(2020, 1, 1)
    )
    Registration.objects.create(vendor=vendor, jurisdiction=illinois, since=date(2020, 1, 1))
    company = make_company(vendor=vendor)
    make_subscription(
        company=company, plan=make_plan(vendor=vendor, scope="location"), location=make_location(company=company)
    )
    yield Story(vendor=vendor, company=company)
    assert check_books() == []


def test_each_step_posts_what_the_page_says(story: Story) -> None:
    page = written()
    steps: dict[str, Callable[[], None]] = {
        "The old system's balance is brought along": story.bring_the_old_balance,
        "An invoice is issued": story.invoice,
        "A payment succeeds": story.pay,
        "The bank takes the payment back": story.return_it,
        "Part of the invoice is given back": story.credit,
        "The month is over": story.end_the_month,
        "The rest is given up": story.give_up,
        "What was paid is given back": story.give_back_what_was_paid,
        "The next invoice uses the credit": story.bill_again,
        "Part of the old balance was wrong": story.give_back_of_the_old_balance,
        "A check comes from nobody we know": story.receive_a_strangers_check,
        "Someone says whose it is": story.say_whose_it_is,
        "A check names its invoice": story.receive_a_check_with_its_slip,
        "What the check is too much is credit": nothing_more,
        "The check bounces": story.bounce,
        "The bounced check's credit goes": nothing_more,
        "Credit goes back by a check": story.give_credit_back,
        "A card pays the invoice, and more": story.pay_too_much_by_card,
        "What was too much goes back": story.refund,
        "Part of the payment itself goes back": story.refund_what_was_paid,
        "The refund fails": story.refund_fails,
        "Its credit pays what it had opened": nothing_more,
        "The card's holder disputes the payment": story.dispute,
        "What the dispute costs": nothing_more,
        "The bank decides for the vendor": story.win,
        "Another time it decides for the card's holder": story.lose_another,
        "The rest had become credit": nothing_more,
        "The processor keeps its fee": story.keep_fees,
        "The processor pays out": story.pay_out,
    }
    assert list(page) == list(steps)
    before = 0
    for heading, step in steps.items():
        before = JournalEntry.objects.count() if step is not nothing_more else before
        step()
        entries = JournalEntry.objects.order_by("id")[before:]
        assert page[heading] in [posted(entry) for entry in entries], (heading, [posted(entry) for entry in entries])


def nothing_more() -> None:
    """Look once more at what the step before posted: it posted more than one entry."""


def posted(entry: JournalEntry) -> Lines:
    rows = Posting.objects.filter(entry=entry).select_related("account")
    return sorted((f"{row.account.code} {row.account.part}".strip(), row.amount_minor) for row in rows)
