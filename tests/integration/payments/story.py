"""A company, the worker, and the processor, lived with step by step; and the same told in ``plain_books`` beside it.

What is asked for goes through the product's own operations; what happens at the processor, through the stand-in. After
each step both tellings must agree to the cent.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Sum
from hypothesis.stateful import RuleBasedStateMachine, invariant

from comptoir.config.books import check_books
from comptoir.identity.models import User
from comptoir.invoicing.models import CompanyCredit, Invoice, InvoiceBalance, WriteOff
from comptoir.ledger.models import Posting
from comptoir.payments.gateways import GatewayUnclear
from comptoir.payments.models import GatewayCustomer, Payment, ReceivedCheck, Refund
from tests.running import wait_for_news, work

from .conftest import Shop
from .plain_books import ARRIVED, UNDER_WAY, Back, Bill, Paid, Plain

T = TypeVar("T")


@dataclass
class Truth:
    """What the processor says now, by our references, and what of its money is ours: fees but for disputes apart."""

    pages: dict[str, Any] = field(default_factory=dict)
    intents: dict[str, Any] = field(default_factory=dict)
    disputes: dict[str, Any] = field(default_factory=dict)
    refunds: dict[str, Any] = field(default_factory=dict)
    money_minor: int = 0


def read_truth(shop: Shop) -> Truth:
    """Ask the processor's books."""
    customer = GatewayCustomer.objects.filter(company=shop.company).first()
    if customer is None:
        return Truth()
    client, found = shop.sandbox.client.v1, Truth()
    mine: Any = {"customer": customer.customer_id, "limit": 100}
    for page in client.checkout.sessions.list(mine, shop.options).data:
        found.pages[page.client_reference_id or ""] = page
    for intent in client.payment_intents.list(mine, shop.options).data:
        assert intent.metadata["payment"] not in found.intents, "one payment is asked for once"
        found.intents[intent.metadata["payment"]] = intent
        found.money_minor += intent.amount if intent.status == "succeeded" else 0
    references = {intent.id: reference for reference, intent in found.intents.items()}
    for dispute in client.disputes.list({"limit": 100}, shop.options).data:
        found.disputes[references[str(dispute.payment_intent)]] = dispute
        # A bank's fee for what comes back is a fee of the processor's like any other; of a card's dispute it is not.
        fee = dispute.balance_transactions[0].fee
        found.money_minor -= fee + (0 if dispute.status == "won" else dispute.amount)
    for refund in client.refunds.list({"limit": 100}, shop.options).data:
        assert refund.metadata is not None
        assert refund.metadata["refund"] not in found.refunds, "one refund is asked for once"
        found.refunds[refund.metadata["refund"]] = refund
        found.money_minor -= refund.amount if refund.status != "failed" else 0
    return found


class Story(RuleBasedStateMachine):
    """A company that pays, and what everybody else does about it."""

    def __init__(self, open_shop: Callable[[], Shop], staff: Callable[[Shop], tuple[User, User]]) -> None:
        super().__init__()
        self.shop = open_shop()
        self.clerk, self.manager = staff(self.shop)
        self.plain, self.truth = Plain(), Truth()
        self.kept: list[tuple[bytes, str]] = []
        self.fault = ""
        self.shop.mailbox.letters.clear()
        self.shop.mailbox.held_back = False
        self.adopt_bills()

    def settle(self, *asked: str) -> None:
        """Do all that the worker does; then tell the plain books what was looked at, in that order."""
        looks, letters = list(asked), self._collect()
        while True:
            if not self.shop.mailbox.held_back:
                looks += about(letters)
            self._work()
            letters = self._collect()
            if not letters:
                break
        self.follow(looks)

    def _collect(self) -> list[tuple[bytes, str]]:
        """Wait for all that the processor has to tell; what is held back is kept."""
        wait_for_news(self.shop.sandbox, self.shop.account)
        letters = list(self.shop.mailbox.letters)
        self.shop.mailbox.letters.clear()
        if self.shop.mailbox.held_back:
            self.kept += letters
        return letters

    def _work(self) -> None:
        """Let the worker work; where the processor stumbles, it is asked again."""
        if self.fault:
            self.control("faults", {"seed": len(self.plain.payments), self.fault: 1, "times": 1})
        while True:
            try:
                work()
            except GatewayUnclear:
                assert self.fault, "nothing was switched on"
            else:
                break
        if self.fault:
            self.control("faults", {})
            self.fault = ""

    def control(self, path: str, told: dict[str, Any]) -> None:
        """Have the stand-in do what no processor can be asked for."""
        answer = self.shop.sandbox.ask("POST", f"/sandbox/accounts/{self.shop.account}/{path}", json.dumps(told))
        assert answer.status == 200, answer.text

    def follow(self, looks: Iterable[str]) -> None:
        """Tell the plain books of each payment and refund that the worker looked at, as the processor has them."""
        self.truth = read_truth(self.shop)
        by_intent = {intent.id: reference for reference, intent in self.truth.intents.items()}
        for look in looks:
            reference = by_intent.get(look, look)
            if reference in self.plain.payments:
                self._look_at_payment(reference, self.plain.payments[reference])
            elif reference in self.plain.refunds:
                self._look_at_refund(reference, self.plain.refunds[reference])

    def _look_at_payment(self, reference: str, payment: Paid) -> None:
        page, intent = self.truth.pages.get(reference), self.truth.intents.get(reference)
        if page is None and intent is None:
            # Nobody was asked: that may only be because it was called off just before.
            status = Payment.objects.values_list("status", flat=True).get(public_id=reference)
            if payment.status == "created" and status == "canceled":
                self.plain.end(payment, "canceled")
        if payment.status in UNDER_WAY and page is not None:
            if page.status == "expired":
                self.plain.end(payment, "canceled")
            elif payment.status == "created":
                payment.status = "action_required"
        if payment.status in UNDER_WAY and intent is not None:
            self._follow_intent(payment, intent, is_over=page is None or page.status != "open")
        dispute = self.truth.disputes.get(reference)
        if payment.status in ARRIVED and dispute is not None and payment.dispute != dispute.status:
            self._follow_dispute(reference, payment, dispute)

    def _follow_intent(self, payment: Paid, intent: Any, *, is_over: bool) -> None:
        if intent.status == "succeeded":
            self.plain.arrive(payment)
        elif intent.status == "processing":
            payment.status = "processing"
        elif intent.status == "requires_payment_method" and intent.last_payment_error and is_over:
            self.plain.end(payment, "failed")

    def _follow_dispute(self, reference: str, payment: Paid, dispute: Any) -> None:
        payment.dispute = dispute.status
        if dispute.status == "lost":
            self.plain.come_back(payment, dispute.amount)
        elif dispute.status == "won":
            self.plain.settle(reference)
        else:
            payment.status = "disputed"

    def _look_at_refund(self, reference: str, back: Back) -> None:
        told = self.truth.refunds.get(reference)
        if told is None or back.status not in ("processing", "succeeded"):
            return
        if told.status == "failed":
            self.plain.fail_back(back)
        elif told.status == "succeeded" and back.status == "processing":
            self.plain.arrive_back(back)

    def adopt_bills(self) -> bool:
        """Take over what was billed; return whether there was something new."""
        rows = Invoice.objects.filter(company=self.shop.company).exclude(id__in=self.plain.bills).order_by("id")
        new = {row.id: Bill(due=row.due_date, open=row.total_minor) for row in rows}
        self.plain.bills |= new
        return bool(new)

    @property
    def today(self) -> Any:
        """The vendor's business date."""
        return self.shop.payer.today

    @invariant()
    def books_hold(self) -> None:
        """Each rule of the books holds over the whole database."""
        assert check_books() == []

    @invariant()
    def every_cent_is_where_it_should_be(self) -> None:
        """What is open, on its way, paid, credit and lost is what the plain books say."""
        rows = InvoiceBalance.objects.filter(invoice__company=self.shop.company)
        told = {row.invoice_id: (row.open_minor, row.in_flight_minor, row.settled_at is not None) for row in rows}
        assert told == {
            number: (bill.open, bill.in_flight, bill.open == 0) for number, bill in self.plain.bills.items()
        }
        credit = CompanyCredit.objects.filter(company=self.shop.company).aggregate(sum=Sum("balance_minor"))["sum"] or 0
        assert (credit, credit >= 0) == (self.plain.credit, True)
        given_up = WriteOff.objects.filter(invoice__company=self.shop.company)
        written_off = given_up.aggregate(sum=Sum("amount_minor"))["sum"] or 0
        lost = sum(payment.lost for payment in self.plain.payments.values())
        assert self._posted("bad_debt") == lost + written_off
        waiting = ReceivedCheck.objects.filter(vendor=self.shop.vendor, status="waiting")
        in_suspense = waiting.aggregate(sum=Sum("amount_minor"))["sum"] or 0
        assert (in_suspense, -self._posted("suspense")) == (self.plain.suspense, self.plain.suspense)

    @invariant()
    def every_state_is_what_the_processor_has_told(self) -> None:
        """Nothing is paid until the money is here, and nothing stays so when it is gone."""
        payments = Payment.objects.filter(company=self.shop.company).values_list("public_id", "status")
        assert {str(reference): status for reference, status in payments} == {
            reference: payment.status for reference, payment in self.plain.payments.items()
        }
        refunds = Refund.objects.filter(company=self.shop.company).values_list("public_id", "status")
        assert {str(reference): status for reference, status in refunds} == {
            reference: back.status for reference, back in self.plain.refunds.items()
        }

    @invariant()
    def the_processor_has_our_money(self) -> None:
        """What is with the processor by our books is what it has of ours, once its news is heard."""
        if not self.kept:
            moved = ("payment:", "refund:", "dispute:")
            assert sum(self._posted("processor_clearing", reason=reason) for reason in moved) == self.truth.money_minor

    def _posted(self, code: str, *, reason: str = "") -> int:
        rows = Posting.objects.filter(account__vendor=self.shop.vendor, account__code=code)
        return rows.filter(entry__batch__reason__startswith=reason).aggregate(sum=Sum("amount_minor"))["sum"] or 0


def about(letters: Iterable[tuple[bytes, str]]) -> list[str]:
    """Return what each letter is about: the reference of a payment or refund, or the processor's name of a payment."""
    found = [json.loads(body) for body, _signature in letters]
    return [_reference(letter["type"], letter["data"]["object"]) for letter in found]


def _reference(kind: str, told: dict[str, Any]) -> str:
    metadata = told.get("metadata") or {}
    match kind.split(".")[:2]:
        case ["charge", "dispute"]:
            return str(told["payment_intent"])
        case ["checkout", "session"]:
            return str(told["client_reference_id"])
        case ["refund", _]:
            return str(metadata["refund"])
        case ["payment_intent", _]:
            return str(metadata.get("payment", ""))
    return ""


def pick(among: Sequence[T], which: int) -> T:
    """Return one of some, whatever the number."""
    return among[which % len(among)]
