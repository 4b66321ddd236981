"""What is on record of companies, in bulk, as the pure decision wants it."""

import json
import logging
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast
from uuid import UUID

from django.db import connection, transaction

from comptoir.access.queries import StandingRow, standings_of_companies
from comptoir.payments.gateways.least import least_minor
from comptoir.payments.planning import not_begun
from comptoir.tenancy.models import Company
from comptoir.tenancy.queries import VendorRow

from .calculation.standing import (
    CLOSED,
    Effect,
    Facts,
    OpenInvoice,
    Pause,
    PauseKind,
    State,
    closing_day,
    overdue,
    owed_minor,
)
from .calculation.steps import StepKind, planned_days
from .policies import PolicyRow, policies_of

log = logging.getLogger(__name__)

FURTHEST_AHEAD = timedelta(days=30)
COMPANIES_AT_ONCE = 500
OWING = """
SELECT DISTINCT i.company_id FROM invoicing_invoicebalance b JOIN invoicing_invoice i ON i.id = b.invoice_id
WHERE i.vendor_id = %(vendor)s AND b.open_minor > 0 AND i.due_date <= %(due_by)s
"""


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """An open invoice as the decision sees it, with what pages and messages call it, and what proves its notice."""

    facts: OpenInvoice
    public_id: UUID
    proof_id: int | None


@dataclass(frozen=True, slots=True)
class CompanyFacts:
    """All that is decided by. ``products`` are those that it takes, or has a standing with: code by id.

    ``standings`` are those on record, by product; one that is not there is good.

    ``is_told_anyway``: no news is needed before the due date, since autopay tells it, or no e-mail reaches the company.
    """

    company_id: int
    policy: PolicyRow
    invoices: Sequence[InvoiceFacts]
    pauses: Sequence[Pause]
    credit_minor: int
    products: Mapping[int, str]
    standings: Mapping[int, StandingRow]
    is_told_anyway: bool = False
    least_payable_minor: int = 1

    @property
    def is_too_little(self) -> bool:
        """Whether all that it owes is less than can be paid at once: nobody is dunned for that."""
        return sum(row.facts.open_minor for row in self.invoices) - self.credit_minor < self.least_payable_minor

    def to_remind_of(self, on: date) -> set[int]:
        """Return the overdue invoices, by id, that it may be reminded of on a day, whatever the step.

        None where it owes less than the policy's least, or than can be paid at once, or its credit covers it; nor those
        that a payment is under way for.
        """
        late = overdue(self.facts, terms=self.policy.terms, today=on)
        if self.is_too_little or not owed_minor(late, facts=self.facts, terms=self.policy.terms):
            return set()
        return {row.id for row in late if not row.is_being_paid}

    @property
    def facts(self) -> Facts:
        """What the pure decision takes."""
        invoices = tuple(row.facts for row in self.invoices)
        return Facts(invoices, self.pauses, self.credit_minor, self.least_payable_minor)

    @property
    def may_lose(self) -> dict[int, Effect]:
        """What the policy does with which of its products, by id, once the day of suspension has come."""
        if self.policy.terms.suspension_days is None:
            return {}
        effects = {each: self.policy.rule_for(each, code=code).effect for each, code in self.products.items()}
        return {each: effect for each, effect in effects.items() if effect != "never"}

    def present(self, product_id: int) -> State:
        """Return how the company stands with a product now."""
        row = self.standings.get(product_id)
        return cast("State", row.state) if row else "good"

    def ahead(self, row: OpenInvoice, *, handed_over: Container[int]) -> dict[StepKind, date]:
        """Return on which day each step comes that is still ahead for an invoice, if nothing is paid.

        Who is closed out, or among those ``handed_over``, comes to that no second time; and to neither whose final
        notice was written and nothing proves that it was received, until something does. Nobody is suspended who has
        nothing to lose.
        """
        days = planned_days(due_on=row.due_on, told=row.told, steps=self.policy.ladder)
        unproven = "final_notice" in row.told and row.proven_on is None
        if "final_notice" in row.told:
            days.pop("suspension", None)
            if (day := closing_day(row, terms=self.policy.terms)) is not None:
                days["suspension"] = day
        if not self.may_lose or any(standing.state in CLOSED for standing in self.standings.values()):
            days.pop("suspension", None)
        if unproven or self.company_id in handed_over:
            days.pop("hand_over", None)
        return days


IN_QUESTION = """
SELECT company_id FROM access_standing WHERE vendor_id = %(vendor)s AND state <> 'good'
UNION SELECT company_id FROM dunning_closing
      WHERE vendor_id = %(vendor)s AND done_at IS NULL AND dropped_at IS NULL
"""


def companies_that_owe(*, vendor_id: int, due_by: date) -> list[int]:
    """Return the companies with something open that is due by a day, by id."""
    with connection.cursor() as cursor:
        cursor.execute(f"{OWING} ORDER BY 1", {"vendor": vendor_id, "due_by": due_by})
        return [row[0] for row in cursor.fetchall()]


def companies_to_decide(*, vendor_id: int, on: date) -> list[int]:
    """Return the companies whose standings a day may change, by id: all others are in good standing and owe nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            {OWING}
            UNION {IN_QUESTION}
            UNION SELECT company_id FROM dunning_handover WHERE vendor_id = %(vendor)s AND ended_on IS NULL
            ORDER BY 1
            """,
            {"vendor": vendor_id, "due_by": on - timedelta(days=1)},
        )
        return [row[0] for row in cursor.fetchall()]


def companies_in_question(vendor_id: int) -> list[int]:
    """Return the companies that are not in good standing with every product, or soon are not to be, by id."""
    with connection.cursor() as cursor:
        cursor.execute(f"{IN_QUESTION} ORDER BY 1", {"vendor": vendor_id})
        return [row[0] for row in cursor.fetchall()]


def lock(company_ids: Iterable[int]) -> None:
    """Have whoever else decides of these companies wait until the transaction ends.

    What is read afterwards is so until then; news that comes meanwhile decides again.
    """
    wanted = Company.objects.filter(id__in=list(company_ids)).order_by("id")
    list(wanted.select_for_update(no_key=True).values_list("id"))


def in_slices(company_ids: Sequence[int], *, vendor: VendorRow, on: date) -> Iterator[CompanyFacts]:
    """Yield the facts of companies, read for some hundred at once."""
    for some in slices(company_ids, of=COMPANIES_AT_ONCE):
        yield from facts_of(some, vendor=vendor, on=on)


def slices(company_ids: Sequence[int], *, of: int) -> Iterator[Sequence[int]]:
    """Yield the ids, so many at once."""
    for first in range(0, len(company_ids), of):
        yield company_ids[first : first + of]


def facts_of(company_ids: Iterable[int], *, vendor: VendorRow, on: date) -> list[CompanyFacts]:
    """Return what is on record of a vendor's companies on a business date, in their order."""
    ids = list(company_ids)
    debits, unknown = _debits(ids, vendor=vendor, on=on)
    invoices, pauses = _invoices(ids, vendor=vendor, on=on, debits=debits), _pauses(ids, on=on, unknown=unknown)
    credit = _credits(ids, vendor=vendor)
    policies, standings = policies_of(ids, vendor_id=vendor.id), standings_of_companies(ids)
    taken, mailed = _products(ids, on=on), _told_by_mail_alone(ids)
    return [
        CompanyFacts(
            company_id=company_id,
            policy=policies[company_id],
            invoices=invoices.get(company_id, ()),
            pauses=pauses.get(company_id, ()),
            credit_minor=credit.get(company_id, 0),
            products={row.product_id: row.product_code for row in standings.get(company_id, ())}
            | taken.get(company_id, {}),
            standings={row.product_id: row for row in standings.get(company_id, ())},
            is_told_anyway=company_id not in mailed,
            least_payable_minor=least_minor(vendor.currency),
        )
        for company_id in ids
    ]


# What a processor or bank is moving at this moment, and what is about to be handed to one. A page that was opened to
# pay, and may have been left, is neither.
# What counts as received, and when, dunning_received_on says.
INVOICES = """
SELECT i.company_id, i.id, i.public_id, i.due_date, b.open_minor,
       least(b.open_minor, moving.minor)::bigint, least(b.open_minor, moving.card_minor)::bigint,
       moving.asked_minor::bigint, told.steps, final.notice_id, final.received_on, final.closes_from
FROM invoicing_invoicebalance b
JOIN invoicing_invoice i ON i.id = b.invoice_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(item.amount_minor) FILTER (WHERE p.status = 'processing'), 0) AS minor,
           coalesce(sum(item.amount_minor) FILTER (WHERE p.status = 'processing' AND p.kind = 'card'), 0) AS card_minor,
           coalesce(sum(item.amount_minor) FILTER (WHERE p.status = 'created'), 0) AS asked_minor
    FROM payments_paymentitem item JOIN payments_payment p ON p.id = item.payment_id
    WHERE item.invoice_id = i.id
      AND (p.status = 'processing' OR (p.status = 'created' AND p.method_id IS NOT NULL))) moving
LEFT JOIN LATERAL (
    SELECT jsonb_object_agg(t.kind, n.sent_on ORDER BY t.nth) AS steps FROM dunning_noticeitem t
    JOIN dunning_notice n ON n.id = t.notice_id WHERE t.invoice_id = i.id) told ON true
LEFT JOIN LATERAL (
    SELECT n.id AS notice_id, dunning_received_on(n.id) AS received_on, n.closes_from FROM dunning_noticeitem t
    JOIN dunning_notice n ON n.id = t.notice_id WHERE t.invoice_id = i.id AND t.kind = 'final_notice'
    ORDER BY t.nth DESC LIMIT 1) final ON true
WHERE i.company_id = ANY(%(ids)s) AND b.open_minor > 0 AND i.currency = %(currency)s AND i.due_date <= %(until)s
ORDER BY i.due_date, i.id
"""


def _invoices(
    ids: list[int], *, vendor: VendorRow, on: date, debits: Mapping[int, date]
) -> dict[int, list[InvoiceFacts]]:
    found: dict[int, list[InvoiceFacts]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(INVOICES, {"ids": ids, "currency": vendor.currency, "until": on + FURTHEST_AHEAD})
        for company_id, invoice_id, public_id, due_on, minor, coming, card, asked, steps, final, day, closes in cursor:
            written: dict[str, str] = json.loads(steps) if steps else {}
            told = {cast("StepKind", kind): date.fromisoformat(sent) for kind, sent in written.items()}
            debit_on = debits.get(invoice_id)
            known = OpenInvoice(invoice_id, due_on, minor, coming, told, day, closes, card, asked, debit_on)
            found[company_id].append(InvoiceFacts(known, public_id, final if day else None))
    return found


PAUSES = """
SELECT company_id, kind, until FROM dunning_pause
WHERE company_id = ANY(%(ids)s) AND released_at IS NULL AND until >= %(on)s
UNION ALL
SELECT p.company_id, 'dispute', NULL FROM payments_dispute d JOIN payments_payment p ON p.id = d.payment_id
WHERE p.company_id = ANY(%(ids)s) AND d.decided_on IS NULL
UNION ALL
SELECT p.company_id, 'attempt', r.planned_on FROM payments_plannedretry r JOIN payments_payment p ON p.id = r.after_id
WHERE p.company_id = ANY(%(ids)s) AND r.made_id IS NULL AND r.dropped_at IS NULL
UNION ALL
SELECT company_id, 'message', NULL FROM inbox_thread WHERE company_id = ANY(%(ids)s) AND urgent AND closed_at IS NULL
"""


def _pauses(ids: list[int], *, on: date, unknown: Iterable[int]) -> dict[int, list[Pause]]:
    found: dict[int, list[Pause]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(PAUSES, {"ids": ids, "on": on})
        for company_id, kind, until in cursor.fetchall():
            found[company_id].append(Pause(cast("PauseKind", kind), until))
    for company_id in unknown:
        found[company_id].append(Pause("attempt"))
    return found


def _debits(ids: list[int], *, vendor: VendorRow, on: date) -> tuple[dict[int, date], list[int]]:
    """Return when what should have been debited will be, by invoice, and of which companies nobody can tell.

    Nobody is reminded of what was to be debited: that it was not is no fault of theirs. What goes wrong for one company
    keeps no other as it stands.
    """
    try:
        with transaction.atomic():
            return not_begun(ids, vendor_id=vendor.id, on=on), []
    except Exception:
        if len(ids) == 1:
            log.exception("nobody can tell what automatic payment takes of company %s; it is left in peace", ids[0])
            return {}, ids
    debits: dict[int, date] = {}
    unknown: list[int] = []
    for company_id in ids:
        of_one, not_told = _debits([company_id], vendor=vendor, on=on)
        debits |= of_one
        unknown += not_told
    return debits, unknown


def who_paid_last(company_ids: Iterable[int]) -> set[int]:
    """Return for which companies what was last applied to an invoice was a payment, no credit and no write-off."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT ON (i.company_id) i.company_id, a.payment_public_id IS NOT NULL AND a.amount_minor > 0
            FROM invoicing_allocation a JOIN invoicing_invoice i ON i.id = a.invoice_id
            WHERE i.company_id = ANY(%s) ORDER BY i.company_id, a.id DESC
            """,
            [list(company_ids)],
        )
        return {company_id for company_id, paid in cursor.fetchall() if paid}


def _credits(ids: list[int], *, vendor: VendorRow) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT company_id, balance_minor FROM invoicing_companycredit
            WHERE company_id = ANY(%s) AND currency = %s AND balance_minor > 0
            """,
            [ids, vendor.currency],
        )
        return dict(cursor.fetchall())


def _products(ids: list[int], *, on: date) -> dict[int, dict[int, str]]:
    found: dict[int, dict[int, str]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT s.company_id, p.id, p.code FROM subscriptions_subscription s
            JOIN catalog_plan plan ON plan.id = s.plan_id JOIN catalog_product p ON p.id = plan.product_id
            WHERE s.company_id = ANY(%(ids)s) AND s.starts_on <= %(on)s AND (s.ends_on IS NULL OR s.ends_on > %(on)s)
            """,
            {"ids": ids, "on": on},
        )
        for company_id, product_id, code in cursor.fetchall():
            found[company_id][product_id] = code
    return found


def _told_by_mail_alone(ids: list[int]) -> set[int]:
    """Those whom e-mail reaches, and who do not pay automatically."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT c.company_id FROM customers_contact c
            WHERE c.company_id = ANY(%s) AND NOT EXISTS (
                SELECT 1 FROM payments_paymentmethod m JOIN payments_authorisation a ON a.method_id = m.id
                WHERE m.company_id = c.company_id AND m.removed_at IS NULL AND m.unusable_reason = ''
                  AND a.active_since IS NOT NULL AND a.ended_at IS NULL)
            """,
            [ids],
        )
        return {row[0] for row in cursor.fetchall()}
