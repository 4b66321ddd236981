"""Whether a company may use a product: one function of facts on record, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from .steps import StepKind

State = Literal["good", "warned", "limited", "suspended"]
Effect = Literal["suspend", "limit", "never"]
PauseKind = Literal["hold", "promise", "dispute", "message", "attempt"]
Why = Literal["nothing_due", "covered", "little", "overdue", "payment_coming", "promised", "held"]
# From mild to hard.
CLOSED: tuple[State, ...] = ("limited", "suspended")
# What a person decided lets a company in again; what it can bring about itself only keeps things from getting worse.
BY_A_PERSON: tuple[PauseKind, ...] = ("promise", "hold")


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """What is open on an invoice, in minor units, and how much of it a bank or processor is moving right now.

    ``told`` says which steps were written about it, and when; ``proven_on`` is the day from which a final notice
    counts as received: None while it was not sent, or came back. ``closes_from`` is the day before which nothing is
    closed by it, as it was written: None where it speaks of no closing. Of what is coming, ``card_minor`` is paid by
    card. ``asked_minor`` is about to be handed to the processor, who has said nothing of it yet. ``debit_on`` is the
    day on which automatic payment takes what it has not taken yet, by no fault of the company's.
    """

    id: int
    due_on: date
    open_minor: int
    coming_minor: int
    told: Mapping[StepKind, date]
    proven_on: date | None
    closes_from: date | None
    card_minor: int = 0
    asked_minor: int = 0
    debit_on: date | None = None

    @property
    def is_being_paid(self) -> bool:
        """Whether a payment of it is under way or planned, so that nothing gets worse; planned, nothing gets better."""
        return self.is_under_way or self.debit_on is not None

    @property
    def is_under_way(self) -> bool:
        """Whether a payment of it was begun."""
        return bool(self.coming_minor or self.asked_minor)


@dataclass(frozen=True, slots=True)
class Pause:
    """Why nothing gets worse for now; ``until`` is the last day, None where it has no end of its own."""

    kind: PauseKind
    until: date | None = None


@dataclass(frozen=True, slots=True)
class ProductRule:
    """What is done with a product, and how many days later than with the first."""

    effect: Effect = "suspend"
    extra_days: int = 0
    night_only: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """A policy, as far as standings go. Days are calendar days, the amount is in minor units.

    ``suspension_days`` is None where nothing is ever suspended.
    """

    suspension_days: int | None
    notice_days: int
    least_overdue_minor: int = 0
    debit_restores: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """What is on record of a company on a day. ``credit_minor`` is what it is owed and has not used.

    ``least_payable_minor`` is the least that anybody can pay at once.
    """

    invoices: Sequence[OpenInvoice]
    pauses: Sequence[Pause] = ()
    credit_minor: int = 0
    least_payable_minor: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the standing is, and why.

    A warning holds until the day on which it becomes more, None where that day has come but something holds it up.
    """

    state: State
    why: Why
    amount_minor: int = 0
    invoices: int = 0
    due_on: date | None = None
    until: date | None = None


def overdue(facts: Facts, *, terms: Terms, today: date) -> list[OpenInvoice]:
    """Return the invoices that are past due and not taken care of, the oldest first."""
    past = [row for row in facts.invoices if row.due_on < today and _unpaid(row, terms)]
    return sorted(past, key=lambda row: (row.due_on, row.id))


def owed_minor(late: Sequence[OpenInvoice], *, facts: Facts, terms: Terms) -> int:
    """Return how much of what is overdue a company owes, in minor units: none while it is below the policy's least.

    Nor is it owed while it is less than anybody can pay at once; what is taken care of, and what its credit covers, it
    does not owe.
    """
    left_minor = _left(late, facts=facts, terms=terms)
    return left_minor if left_minor >= max(terms.least_overdue_minor, facts.least_payable_minor, 1) else 0


def decide(facts: Facts, *, terms: Terms, rule: ProductRule, present: State, today: date) -> Verdict:
    """Return what a company's standing with a product is on ``today``.

    Closed only where a final notice counts as received ``notice_days`` ago, about an invoice that is still open, and
    both the day that it named and the policy's have come. A person's hold or promise lets the company in; a dispute, an
    urgent message or a payment under way keeps things as they are (``present``), since the company can bring these
    about itself; but a policy that became milder counts all the same.
    """
    late = overdue(facts, terms=terms, today=today)
    unpaid_minor = owed_minor(late, facts=facts, terms=terms)
    if not unpaid_minor:
        return _owes_nothing(late, facts=facts, terms=terms, today=today)
    for kind in BY_A_PERSON:
        until = max((pause.until for pause in facts.pauses if pause.kind == kind and pause.until), default=None)
        if until is not None:
            return Verdict("good", "promised" if kind == "promise" else "held", unpaid_minor, until=until)
    closes_on = _closes_on(late, terms=terms, rule=rule)
    if closes_on is None:
        return Verdict("good", "overdue", unpaid_minor, len(late), late[0].due_on)
    waits = any(pause.kind not in BY_A_PERSON for pause in facts.pauses) or any(row.is_being_paid for row in late)
    closed: State = "limited" if rule.effect == "limit" else "suspended"
    if today >= closes_on and (not waits or present in CLOSED):
        state = min(present, closed, key=CLOSED.index) if waits else closed
        return Verdict(state, "overdue", unpaid_minor, len(late), late[0].due_on)
    until = closes_on if closes_on > today else None
    return Verdict("warned", "overdue", unpaid_minor, len(late), late[0].due_on, until)


def _owes_nothing(late: Sequence[OpenInvoice], *, facts: Facts, terms: Terms, today: date) -> Verdict:
    if coming_minor := sum(row.coming_minor for row in facts.invoices if row.due_on < today):
        return Verdict("good", "payment_coming", coming_minor)
    if not late:
        return Verdict("good", "nothing_due")
    left_minor = _left(late, facts=facts, terms=terms)
    return Verdict("good", "little", left_minor) if left_minor > 0 else Verdict("good", "covered")


def first_proven(late: Sequence[OpenInvoice], *, terms: Terms) -> OpenInvoice | None:
    """Return the overdue invoice by which a product is closed first: None without proof of any final notice."""
    days = [(day, row.id, row) for row in late if (day := closing_day(row, terms=terms))]
    return min(days, key=lambda each: each[:2])[2] if days else None


def closing_day(row: OpenInvoice, *, terms: Terms) -> date | None:
    """Return the first day on which a product may be closed by an invoice: None without proof, or by the policy.

    Never before the day that its final notice named, whatever the policy says since.
    """
    if row.proven_on is None or row.closes_from is None or terms.suspension_days is None:
        return None
    noticed = row.proven_on + timedelta(days=terms.notice_days)
    return max(row.due_on + timedelta(days=terms.suspension_days), noticed, row.closes_from)


def _closes_on(late: Sequence[OpenInvoice], *, terms: Terms, rule: ProductRule) -> date | None:
    """Return the first day on which the product may be closed: None without proof of a notice, or by the policy."""
    days = [day for row in late if (day := closing_day(row, terms=terms))]
    if not days or rule.effect == "never":
        return None
    return min(days) + timedelta(days=rule.extra_days)


def _left(late: Sequence[OpenInvoice], *, facts: Facts, terms: Terms) -> int:
    return sum(_unpaid(row, terms) for row in late) - facts.credit_minor


def _unpaid(row: OpenInvoice, terms: Terms) -> int:
    """What is open and not taken care of: a card's bank has said yes already, a debit's can still say no."""
    return row.open_minor - (row.coming_minor if terms.debit_restores else row.card_minor)
