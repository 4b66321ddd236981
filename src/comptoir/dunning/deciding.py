"""From facts to standings: what gets better is so at once, what gets worse is planned for when stores are closed."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from comptoir.access.operations import NewStanding, set_standings
from comptoir.access.queries import StandingRow
from comptoir.access.reasons import Reason
from comptoir.tenancy.models import Company
from comptoir.tenancy.queries import VendorRow
from comptoir.work.operations import open_work

from .brakes import brake_if_too_many
from .calculation.hours import hour_to_close
from .calculation.standing import CLOSED, Verdict, decide, first_proven, overdue
from .facts import COMPANIES_AT_ONCE, CompanyFacts, companies_to_decide, facts_of, lock, slices, who_paid_last
from .handing_over import follow_hand_over
from .hours import business_instant, hours_of
from .models import Closing, Policy
from .sending import RULE

log = logging.getLogger(__name__)

# How long a warning holds whose day has come and which something holds up: a second person, a dispute, an hour.
HELD_UP_FOR = timedelta(days=7)
REASONS = {
    "nothing_due": Reason.NOTHING_DUE,
    "covered": Reason.COVERED,
    "little": Reason.LITTLE,
    "overdue": Reason.OVERDUE,
    "payment_coming": Reason.PAYMENT_COMING,
    "promised": Reason.PROMISED,
    "held": Reason.HELD,
}


@dataclass(frozen=True, slots=True)
class ToClose:
    """A product that is to be closed to a company, and on what proof."""

    facts: CompanyFacts
    product_id: int
    verdict: Verdict
    proof_id: int
    proven_on: date

    @property
    def effect(self) -> str:
        """What is done with the product."""
        return "limit" if self.verdict.state == "limited" else "suspend"


def decide_day(*, seller: VendorRow, on: date, now: datetime) -> int:
    """Decide the standings of all of a vendor's companies that a business date may bring something to.

    Return of how many nothing could be decided; they hold up no other, and are tried again with the next run.
    """
    return decide_each(companies_to_decide(vendor_id=seller.id, on=on), seller=seller, on=on, now=now)


def decide_each(company_ids: Sequence[int], *, seller: VendorRow, on: date, now: datetime) -> int:
    """Decide the standings of a vendor's companies, those that go wrong one by one; return how many still do."""
    failed = 0
    for some in slices(company_ids, of=COMPANIES_AT_ONCE):
        try:
            decide_standings(some, seller=seller, on=on, now=now)
        except Exception:  # whatever is wrong with one company must not keep the others as they stand
            if len(some) > 1:
                failed += sum(decide_each([each], seller=seller, on=on, now=now) for each in some)
            else:
                log.exception("nothing could be decided of company %s", some[0])
                failed += 1
    return failed


def decide_standings(company_ids: Sequence[int], *, seller: VendorRow, on: date, now: datetime) -> None:
    """Decide the standings of a vendor's companies, as things stand now. Again, it does nothing new.

    Whoever is in good standing, or warned, is so at once. Whoever is to lose a product loses it when the stores are
    closed (``closings.close_due``), and where they are too many in a day, only once a second person has said so.
    """
    for some in slices(company_ids, of=COMPANIES_AT_ONCE):
        with transaction.atomic():
            if to_close := _decide_some(some, seller=seller, on=on, now=now):
                _plan(to_close, seller=seller, on=on, now=now)


def _decide_some(company_ids: Sequence[int], *, seller: VendorRow, on: date, now: datetime) -> list[ToClose]:
    lock(company_ids)
    planned_of: dict[int, set[int]] = defaultdict(set)
    waiting = Closing.objects.filter(company_id__in=company_ids, done_at=None, dropped_at=None)
    for company_id, product_id in waiting.values_list("company_id", "product_id"):
        planned_of[company_id].add(product_id)
    wanted: list[NewStanding] = []
    to_close: list[ToClose] = []
    known = facts_of(company_ids, vendor=seller, on=on)
    follow_hand_over(known, vendor_id=seller.id, on=on, now=now)
    for facts in known:
        settled = []
        for product_id, verdict in verdicts(facts, on=on).items():
            row = facts.standings.get(product_id)
            if _gets_worse(verdict, row):
                to_close.append(ToClose(facts, product_id, verdict, *proof_of(facts, on=on)))
                continue
            settled.append(product_id)
            if verdict.state != "good" or (row is not None and row.state != "good"):
                wanted.append(_standing(facts, product_id, verdict, row=row, seller=seller, on=on))
        if (planned := planned_of.get(facts.company_id)) and (over := planned & set(settled)):
            Closing.objects.filter(
                company_id=facts.company_id, product_id__in=over, done_at=None, dropped_at=None
            ).update(dropped_at=now)
    if wanted:
        set_standings(_as_paid(wanted), at=business_instant(seller, on=on, now=now), by=RULE)
    return to_close


def _gets_worse(verdict: Verdict, row: StandingRow | None) -> bool:
    """Whether less is open to the company than was: from suspended to limited, more is, and at once."""
    present = row.state if row else "good"
    return verdict.state in CLOSED and present not in (verdict.state, "suspended")


def _as_paid(wanted: Sequence[NewStanding]) -> list[NewStanding]:
    """Say of those who owe nothing any more that they paid, where they did: it can be credited or written off, too."""
    paid = who_paid_last({each.company_id for each in wanted if each.reason == Reason.NOTHING_DUE})
    return [
        replace(each, reason=Reason.PAID) if each.reason == Reason.NOTHING_DUE and each.company_id in paid else each
        for each in wanted
    ]


def verdicts(facts: CompanyFacts, *, on: date) -> dict[int, Verdict]:
    """Return what a company's standing with each product is, by product's id."""
    return {
        product_id: decide(
            facts.facts,
            terms=facts.policy.terms,
            rule=facts.policy.rule_for(product_id, code=code),
            present=facts.present(product_id),
            today=on,
        )
        for product_id, code in facts.products.items()
    }


def reason_facts(verdict: Verdict, *, currency: str, debit_restores: bool) -> dict[str, Any]:
    """Return the facts that go with a verdict's reason, as JSON."""
    if verdict.why == "overdue":
        assert verdict.due_on is not None  # noqa: S101  what is overdue was due
        return {
            "amount_minor": verdict.amount_minor,
            "currency": currency,
            "due_on": verdict.due_on.isoformat(),
            "invoices": verdict.invoices,
            **({} if debit_restores else {"debit_waits": True}),
        }
    if verdict.why in ("payment_coming", "little"):
        return {"amount_minor": verdict.amount_minor, "currency": currency}
    if verdict.why in ("promised", "held"):
        assert verdict.until is not None  # noqa: S101  each pause by a person has its end
        return {"until": verdict.until.isoformat()}
    return {}


def standing_of(
    facts: CompanyFacts, product_id: int, verdict: Verdict, *, currency: str, until: date | None
) -> NewStanding:
    """Return what is to be stored of a verdict; ``until`` is the day that a warning names."""
    return NewStanding(
        company_id=facts.company_id,
        product_id=product_id,
        state=verdict.state,
        reason=REASONS[verdict.why],
        facts=reason_facts(verdict, currency=currency, debit_restores=facts.policy.debit_restores),
        until=until if verdict.state == "warned" else None,
    )


def _standing(
    facts: CompanyFacts, product_id: int, verdict: Verdict, *, row: StandingRow | None, seller: VendorRow, on: date
) -> NewStanding:
    return standing_of(
        facts, product_id, verdict, currency=seller.currency, until=verdict.until or _held_up_until(row, on=on)
    )


def _held_up_until(row: StandingRow | None, *, on: date) -> date:
    """The day that a warning goes on naming while something holds it up, so that it does not change every day."""
    known = row.warned_until if row else None
    return known if known and known > on else on + HELD_UP_FOR


def proof_of(facts: CompanyFacts, *, on: date) -> tuple[int, date]:
    """Return by which notice a product is closed to a company, whose verdict says so, and when it was received."""
    late = overdue(facts.facts, terms=facts.policy.terms, today=on)
    proof = first_proven(late, terms=facts.policy.terms)
    assert proof is not None  # noqa: S101  without it the verdict is another
    assert proof.proven_on is not None  # noqa: S101  likewise
    proof_id = next(row.proof_id for row in facts.invoices if row.facts.id == proof.id)
    assert proof_id is not None  # noqa: S101  a day of receipt is of a notice
    return proof_id, proof.proven_on


def _plan(to_close: Sequence[ToClose], *, seller: VendorRow, on: date, now: datetime) -> None:
    """Plan what is not planned yet, under the vendor's lock, so that two who plan count each other's.

    Must run in the transaction that decided it, under the companies' locks: whoever takes both takes theirs first.
    """
    Policy.objects.select_for_update().get(vendor_id=seller.id, is_usual=True)
    known = set(
        Closing.objects.filter(vendor_id=seller.id, done_at=None, dropped_at=None).values_list(
            "company_id", "product_id"
        )
    )
    new = [each for each in to_close if (each.facts.company_id, each.product_id) not in known]
    if not new:
        return
    instant = business_instant(seller, on=on, now=now)
    hours = hours_of({each.facts.company_id for each in new}, vendor=seller, on=on)
    at_night = {each.facts.company_id for each in new if is_at_night(each.facts, each.product_id)}
    made = [
        Closing(
            vendor_id=seller.id,
            company_id=each.facts.company_id,
            product_id=each.product_id,
            effect=each.effect,
            proof_id=each.proof_id,
            proven_on=each.proven_on,
            notice_days=each.facts.policy.notice_days,
            decided_on=on,
            decided_at=now,
            at=hour_to_close(
                hours[each.facts.company_id],
                after=instant,
                night_only=is_at_night(each.facts, each.product_id),
                beside_one_at_night=each.facts.company_id in at_night,
            ),
        )
        for each in new
    ]
    Closing.objects.bulk_create(made)
    brake_if_too_many(seller=seller, on=on, now=now)
    _warn(new, made, seller=seller, on=on, instant=instant)
    _ask_for_hours(made, seller=seller, now=now)


def is_at_night(facts: CompanyFacts, product_id: int) -> bool:
    """Return whether a product is closed to a company at night alone."""
    return facts.policy.rule_for(product_id, code=facts.products[product_id]).night_only


def _warn(new: Sequence[ToClose], made: Sequence[Closing], *, seller: VendorRow, on: date, instant: datetime) -> None:
    """Until its hour comes, the standing is a warning that names the day."""
    wanted = []
    for each, closing in zip(new, made, strict=True):
        row = each.facts.standings.get(each.product_id)
        if row is not None and row.state in CLOSED:
            continue  # from limited to suspended, or back, at its hour
        day = closing.at.astimezone(ZoneInfo(seller.time_zone)).date() if closing.at else None
        warning = Verdict("warned", "overdue", each.verdict.amount_minor, each.verdict.invoices, each.verdict.due_on)
        until = max(day, on) if day else _held_up_until(row, on=on)
        wanted.append(standing_of(each.facts, each.product_id, warning, currency=seller.currency, until=until))
    if wanted:
        set_standings(wanted, at=instant, by=RULE)


def _ask_for_hours(made: Sequence[Closing], *, seller: VendorRow, now: datetime) -> None:
    """Where there is no hour at which all stores are closed, a person has to look."""
    without = {closing.company_id for closing in made if closing.at is None}
    for company in Company.objects.filter(id__in=without):
        open_work(
            vendor_id=seller.id,
            company_id=company.id,
            kind="never_closed",
            subject=f"company:{company.public_id}",
            now=now,
        )
