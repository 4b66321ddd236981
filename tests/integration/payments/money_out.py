"""What takes money back: banks, card holders, refunds, credit notes; and news that comes late, twice, in any order."""

from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from comptoir.invoicing.corrections import carry_out, request_credit, request_void, request_write_off
from comptoir.invoicing.errors import CreditRefused
from comptoir.invoicing.models import Correction, CreditNote, CreditReason, Invoice, InvoiceLine
from comptoir.kit.clocks import wall_now
from comptoir.payments.autopay import submit
from comptoir.payments.disputes.answering import submit_answer
from comptoir.payments.disputes.giving_in import give_in
from comptoir.payments.errors import RefundRefused
from comptoir.payments.models import Dispute, Payment, Refund, RefundRequest
from comptoir.payments.refunds.requesting import (
    Asker,
    approve_refund,
    refuse_refund,
    request_credit_refund,
    request_payment_refund,
)
from comptoir.payments.refunds.sending import look_at_refund, send
from comptoir.payments.refunds.writing import check_was_not_written, check_was_written
from comptoir.payments.truth import look_at_payment
from tests.factories import TESTS

from .money_in import SAVED, SHARES, WHICH, MoneyIn
from .plain_books import Back
from .story import about, pick
from .test_refunds import WHY, asker

RETURN_CODES = ["R01", "R09", "R02", "R08", "R10", "R16"]
OBJECTIONS = ["fraudulent", "duplicate", "subscription_canceled", "general"]
TIMES = st.lists(st.integers(0, 1_000), min_size=1, max_size=8)
ALLOWED: dict[str, Any] = {"explanation": "it was wrong", "actor": TESTS, "role": "admin"}


class MoneyOut(MoneyIn):
    """What banks, card holders, the team and the network between us and the processor do."""

    def _took(self, kind: str) -> list[str]:
        """What the processor took by cards, or from bank accounts, and nobody objected to yet."""
        charged = (each for each in self.truth.intents.items() if each[1].status == "succeeded")
        return [
            reference
            for reference, intent in charged
            if reference not in self.truth.disputes
            and intent.latest_charge.startswith("ch_" if kind == "card" else "py_")
        ]

    @initialize(numbers=st.lists(st.sampled_from(SAVED), min_size=2, max_size=2), share=SHARES)
    def some_money_came(self, numbers: list[str], share: str) -> None:
        """A story begins with payments that were made a week ago."""
        for place, number in enumerate(numbers):
            self.pays_with_saved_method(number=number, chosen={place}, share=share, twice=False)
        self.days_go_by(days=8)

    @precondition(lambda self: self._took("us_bank_account"))
    @rule(which=WHICH, code=st.sampled_from(RETURN_CODES))
    def a_bank_takes_a_debit_back(self, which: int, code: str) -> None:
        """On any later day, also after sixty."""
        intent = self.truth.intents[pick(self._took("us_bank_account"), which)]
        self.control("returns", {"charge": intent.latest_charge, "code": code})
        self.settle()

    @precondition(lambda self: self._took("card"))
    @rule(which=WHICH, reason=st.sampled_from(OBJECTIONS))
    def a_card_holder_objects(self, which: int, reason: str) -> None:
        """To what was not refunded of a payment."""
        intent = self.truth.intents[pick(self._took("card"), which)]
        self.control("complaints", {"charge": intent.latest_charge, "reason": reason})
        self.settle()

    def _open_disputes(self) -> list[Dispute]:
        rows = Dispute.objects.filter(payment__company=self.shop.company, decided_on=None).select_related("payment")
        told = self.truth.disputes
        return [row for row in rows.order_by("id") if told[str(row.payment.public_id)].status not in ("won", "lost")]

    @precondition(lambda self: self._open_disputes())
    @rule(which=WHICH, says=st.sampled_from(["winning_evidence", "losing_evidence", "gives in", "won", "lost"]))
    def a_dispute_goes_on(self, which: int, says: str) -> None:
        """The team answers or gives in, or the card holder's bank decides by itself."""
        dispute = pick(self._open_disputes(), which)
        if says in ("won", "lost"):
            self.control(f"disputes/{dispute.gateway_id}", {"won": says == "won"})
            self.settle()
            return
        by = asker(self.shop, self.manager, role="manager")
        with transaction.atomic():
            (give_in if says == "gives in" else submit_answer)(dispute.public_id, text=says, asker=by)
        self.settle(str(dispute.payment.public_id))

    @precondition(lambda self: self.plain.payments)
    @rule(which=WHICH, share=st.sampled_from([1, 3]), by_manager=st.booleans())
    def gives_a_payment_back(self, which: int, share: int, by_manager: bool) -> None:
        """All or a third of what is left; above the clerk's limit, it waits for the manager."""
        reference = pick(list(self.plain.payments), which)
        payment, left = self.plain.payments[reference], self.plain.left_of(reference)
        amount = left // share
        from_credit = min(amount, self.plain.spare_credit)
        items, wanted = {}, amount - from_credit
        for number, pays in reversed(payment.pays.items()):
            if part := min(wanted, pays):
                items[number] = part
                wanted -= part
        row = Payment.objects.get(public_id=reference)
        may = payment.status in ("succeeded", "refunded") and amount > 0 and not wanted and row.origin != "check"
        is_late = row.kind == "us_bank_account" and (self.today - (row.succeeded_on or self.today)).days > 180
        try:
            with transaction.atomic():
                asked = request_payment_refund(
                    row.public_id,
                    amount_minor=amount,
                    invoices=[invoice.public_id for invoice in map(self._invoice, payment.pays)],
                    why=WHY,
                    asker=self._asker(by_manager=by_manager),
                )
        except RefundRefused:
            assert not may or is_late
            return
        assert may
        (part,) = asked.parts.all()
        self.plain.refunds[str(part.public_id)] = Back(payment=reference, items=items, from_credit=from_credit)
        self._send(asked)

    @precondition(lambda self: self.plain.spare_credit)
    @rule(share=st.sampled_from([1, 2]))
    def gives_credit_back(self, share: int) -> None:
        """By the payments that brought money, else by a check."""
        amount = -(-self.plain.spare_credit // share)
        with transaction.atomic():
            asked = request_credit_refund(
                self.shop.company.id, currency="USD", amount_minor=amount, why=WHY, asker=self._asker(by_manager=True)
            )
        for part in asked.parts.select_related("payment"):
            paid = str(part.payment.public_id) if part.payment else None
            assert paid is None or part.amount_minor <= self.plain.left_of(paid)
            back = Back(payment=paid, items={}, from_credit=part.amount_minor)
            self.plain.refunds[str(part.public_id)] = back
        assert sum(part.amount_minor for part in asked.parts.all()) == amount
        self._send(asked)

    @precondition(lambda self: self._waiting())
    @rule(which=WHICH, allowed=st.booleans())
    def the_manager_decides(self, which: int, allowed: bool) -> None:
        """What waits is allowed or turned down; meanwhile its money may be gone."""
        asked, manager = pick(self._waiting(), which), self._asker(by_manager=True)
        with transaction.atomic():
            if allowed:
                approve_refund(asked.public_id, asker=manager)
            else:
                refuse_refund(asked.public_id, why="no", asker=manager)
        asked.refresh_from_db()
        self._send(asked)

    def _waiting(self) -> list[RefundRequest]:
        rows = RefundRequest.objects.filter(company=self.shop.company, status="requested")
        return list(rows.order_by("id"))

    def _send(self, asked: RefundRequest) -> None:
        """Have the worker send what was allowed; what the processor refuses is credit again."""
        parts = [str(part.public_id) for part in asked.parts.order_by("id")]
        for reference in parts:
            if asked.status == "refused":
                self.plain.refunds[reference].status = "canceled"
        self.settle()
        for reference in parts if asked.status == "approved" else []:
            back = self.plain.refunds[reference]
            self.plain.leave(back)
            if back.status == "processing" and back.payment and reference not in self.truth.refunds:
                self.plain.fail_back(back)
            self.follow([reference])

    @precondition(lambda self: self._unwritten())
    @rule(which=WHICH, written=st.booleans())
    def a_refunds_check_is_written_or_not(self, which: int, written: bool) -> None:
        """A person writes it outside, or does not."""
        refund, by = pick(self._unwritten(), which), self._asker(by_manager=False)
        back = self.plain.refunds[str(refund.public_id)]
        with transaction.atomic():
            if written:
                check_was_written(refund.public_id, number="1042", today=self.today, actor=by.actor, now=by.now)
                self.plain.arrive_back(back)
            else:
                check_was_not_written(refund.public_id, actor=by.actor, now=by.now)
                self.plain.fail_back(back)
        self.settle()

    def _unwritten(self) -> list[Refund]:
        rows = Refund.objects.filter(company=self.shop.company, payment=None, status="processing")
        return list(rows.order_by("id"))

    @rule(which=WHICH, kind=st.sampled_from(["credit", "credit", "void", "write off"]), share=st.sampled_from([1, 4]))
    def an_invoice_is_corrected(self, which: int, kind: str, share: int) -> None:
        """Part of an invoice is given back, or all of it, or given up; what cannot be is refused with a word."""
        number = pick(list(self.plain.bills), which)
        try:
            with transaction.atomic():
                asked = self._ask_to_correct(number, kind=kind, share=share)
        except CreditRefused:
            return
        carry_out(correction_id=asked.id, now=wall_now())
        asked.refresh_from_db()
        if asked.status != "done":
            return
        if kind == "write off":
            self.plain.bills[number].open -= asked.amount_minor
        else:
            self.plain.take_off(number, CreditNote.objects.latest("id").total_minor)

    def _ask_to_correct(self, number: int, *, kind: str, share: int) -> Correction:
        if kind == "void":
            return request_void(invoice_id=number, **ALLOWED)
        if kind == "write off":
            return request_write_off(invoice_id=number, **ALLOWED)
        amounts = {1: InvoiceLine.objects.get(invoice_id=number, position=1).amount_minor // share}
        return request_credit(invoice_id=number, amounts=amounts, reason=CreditReason.GOODWILL, **ALLOWED)

    @precondition(lambda self: not self.shop.mailbox.held_back)
    @rule()
    def news_is_held_back(self) -> None:
        """The network between the processor and us is down."""
        self.shop.mailbox.held_back = True

    @precondition(lambda self: self.shop.mailbox.held_back)
    @rule(times=TIMES)
    def news_comes_after_all(self, times: list[int]) -> None:
        """In any order, and some of it twice."""
        self.settle()
        self.shop.mailbox.held_back = False
        turn = [times[place % len(times)] * (place + 7) % 101 for place in range(len(self.kept))]
        shuffled = [letter for _place, letter in sorted(zip(turn, self.kept, strict=True), key=lambda each: each[0])]
        self.kept = []
        for letter in [*shuffled, *shuffled[: times[0] % 4]]:
            assert self.shop.mailbox.hand_over(letter) == 200
        self.settle(*about(shuffled))

    @precondition(lambda self: not self.fault)
    @rule(fault=st.sampled_from(["time_out", "error", "rate_limit"]))
    def the_processor_will_stumble(self, fault: str) -> None:
        """Its next answer to the worker is lost, or says that something broke, whether it had done it or not."""
        self.fault = fault

    @precondition(lambda self: self.plain.payments)
    @rule(which=WHICH)
    def two_workers_do_the_same(self, which: int) -> None:
        """What was done is done once more, by whoever did not know: nothing is done twice."""
        for row in Payment.objects.filter(company=self.shop.company).exclude(origin="check").order_by("id")[which:][:1]:
            submit(payment_public_id=row.public_id, now=wall_now())
            look_at_payment(payment_id=row.id, now=wall_now())
            self.settle(str(row.public_id))
        for back in Refund.objects.filter(company=self.shop.company).order_by("id")[which:][:1]:
            if back.status == "created":
                continue
            send(refund_id=back.id, now=wall_now())
            look_at_refund(refund_id=back.id, now=wall_now())
            self.settle(str(back.public_id))

    def _invoice(self, number: int) -> Invoice:
        return Invoice.objects.get(id=number)

    def _asker(self, *, by_manager: bool) -> Asker:
        person = self.manager if by_manager else self.clerk
        return asker(self.shop, person, role="manager" if by_manager else "clerk")
