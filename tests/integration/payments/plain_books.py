"""What money does, told once more in plain Python: what is open, on its way, paid, credit, lost.

It knows nothing of the database. Whoever plays a story tells it what was asked for and what the processor did; it says
where every cent has to be then.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

UNDER_WAY = ("created", "action_required", "processing")
ARRIVED = ("succeeded", "disputed", "refunded")


@dataclass
class Bill:
    """An invoice: when it is due, what is open of it, and what of that is on its way."""

    due: date
    open: int
    in_flight: int = 0

    @property
    def payable(self) -> int:
        return self.open - self.in_flight


@dataclass
class Paid:
    """A payment: what it is meant for, what it pays now, and what became of it."""

    items: dict[int, int]
    on_account: int
    status: str = "created"
    pays: dict[int, int] = field(default_factory=dict)
    dispute: str = ""
    lost: int = 0

    @property
    def amount(self) -> int:
        return sum(self.items.values()) + self.on_account


@dataclass
class Back:
    """A refund: of which payment, off which invoices, the rest out of credit."""

    payment: str | None
    items: dict[int, int]
    from_credit: int
    status: str = "created"

    @property
    def amount(self) -> int:
        return sum(self.items.values()) + self.from_credit


@dataclass
class Plain:
    """The books of one company; minor units, payments and refunds by their references."""

    bills: dict[int, Bill] = field(default_factory=dict)
    payments: dict[str, Paid] = field(default_factory=dict)
    refunds: dict[str, Back] = field(default_factory=dict)
    credit: int = 0
    suspense: int = 0
    uses: dict[int, int] = field(default_factory=dict)

    def oldest_first(self, among: Iterable[int] | None = None) -> list[tuple[int, Bill]]:
        chosen = self.bills if among is None else {number: self.bills[number] for number in among}
        return sorted(chosen.items(), key=lambda each: (each[1].due, each[0]))

    def share(self, amount: int, chosen: Iterable[int]) -> tuple[dict[int, int], int]:
        """Share an amount out over invoices, the oldest first."""
        shares = {}
        for number, bill in self.oldest_first(chosen):
            if part := min(amount, bill.payable):
                shares[number] = part
                amount -= part
        return shares, amount

    def begin(self, reference: str, payment: Paid) -> None:
        for number, minor in payment.items.items():
            assert 0 < minor <= self.bills[number].payable, "no more is on its way than is open"
            self.bills[number].in_flight += minor
        self.payments[reference] = payment

    def end(self, payment: Paid, status: str) -> None:
        """Nothing was taken."""
        for number, minor in payment.items.items():
            self.bills[number].in_flight -= minor
        payment.status = status

    def arrive(self, payment: Paid) -> None:
        self.end(payment, "succeeded")
        for number, minor in payment.items.items():
            self.bills[number].open -= minor
        payment.pays = dict(sorted(payment.items.items()))
        self.credit += payment.on_account

    def come_back(self, payment: Paid, minor: int) -> None:
        """Off what the payment pays; else out of credit, and off what that pays, the latest use first; else lost."""
        payment.status, left = "returned", minor
        for number, pays in payment.pays.items():
            part = min(left, pays)
            payment.pays[number] -= part
            self.bills[number].open += part
            left -= part
        missing = left - self.credit
        for number, used in list(reversed(self.uses.items())):
            if missing > 0:
                part = min(missing, used)
                self._use(number, -part)
                missing -= part
        if missing > 0:
            payment.lost += missing
            self.credit += missing
        self.credit -= left

    def use_credit(self) -> None:
        """Pay what is open and not on its way, the earliest due first."""
        for number, bill in self.oldest_first():
            if part := min(self.credit, bill.payable):
                self._use(number, part)

    def _use(self, number: int, minor: int) -> None:
        used = self.uses.pop(number, 0) + minor
        if used:
            self.uses[number] = used
        self.bills[number].open -= minor
        self.credit -= minor

    def take_off(self, number: int, minor: int) -> None:
        """A credit note: off what is payable, the rest is credit."""
        part = min(minor, self.bills[number].payable)
        self.bills[number].open -= part
        self.credit += minor - part

    def left_of(self, reference: str) -> int:
        alive = ("created", "processing", "succeeded")
        gone = sum(back.amount for back in self.refunds.values() if back.payment == reference and back.status in alive)
        return self.payments[reference].amount - gone

    @property
    def spare_credit(self) -> int:
        waits = sum(back.from_credit for back in self.refunds.values() if back.status == "created")
        return max(self.credit - waits, 0)

    def leave(self, back: Back) -> None:
        """A refund that was allowed leaves the books, or is canceled where its money is not there any more."""
        payment = self.payments[back.payment] if back.payment else None
        pays = payment.pays if payment else {}
        covered = all(minor <= pays.get(number, 0) for number, minor in back.items.items())
        if (payment and payment.status != "succeeded") or not covered or back.from_credit > self.credit:
            back.status = "canceled"
            return
        for number, minor in back.items.items():
            pays[number] -= minor
            self.bills[number].open += minor
        self.credit -= back.from_credit
        back.status = "processing"

    def arrive_back(self, back: Back) -> None:
        back.status = "succeeded"
        self._settle(back)

    def fail_back(self, back: Back) -> None:
        """What could not be sent is credit again, and pays first what was lost, then what had been opened for it."""
        back.status = "failed"
        payment = self.payments[back.payment] if back.payment else None
        recovered = min(payment.lost, back.amount) if payment else 0
        if payment:
            payment.lost -= recovered
        self.credit += back.amount - recovered
        if back.items:
            self.use_credit()
        self._settle(back)

    def _settle(self, back: Back) -> None:
        if back.payment and self.payments[back.payment].status in ("succeeded", "refunded"):
            self.settle(back.payment)

    def settle(self, reference: str) -> None:
        """A payment that arrived is refunded once all of it has gone back."""
        of = [back for back in self.refunds.values() if back.payment == reference and back.status == "succeeded"]
        payment = self.payments[reference]
        payment.status = "refunded" if sum(back.amount for back in of) == payment.amount else "succeeded"
