"""An old system's customers, from the export's bytes to typed records and findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from comptoir.cutover.legacy import fields
from comptoir.cutover.legacy.addresses import read_address
from comptoir.cutover.legacy.profile import Profile
from comptoir.cutover.legacy.records import (
    Export,
    Finding,
    LastInvoice,
    LegacyCompany,
    LegacyStore,
    LegacySubscription,
    PaymentKind,
    PaysByBefore,
)
from comptoir.cutover.legacy.row import CellsOf, Layout, Row, tidy
from comptoir.cutover.legacy.shelf import Shelf
from comptoir.cutover.legacy.subscription_terms import read_subscription
from comptoir.cutover.legacy.table import open_table
from comptoir.cutover.legacy.values import two_places

MOST_TERMS = 10_000
PAYMENT_KINDS: dict[str, PaymentKind] = {"ach": "ach", "card": "card", "check": "check", "other": "other"}
# Which field of the file a record's attribute comes from, where a later row may say otherwise than the first.
COMPANY_ATTRIBUTES = {
    "name": "company_name",
    "language": "language",
    "owner_email": "owner_email",
    "billing_email": "billing_email",
    "phone": "phone",
    "address": "address",
    "pays_by_before": "payment_method",
    "balance_minor": "balance",
    "charged_to_date_minor": "charged_to_date",
    "last_invoice": "last_invoice_number",
}
STORE_ATTRIBUTES = {
    "name": "store_name",
    "brand": "store_brand",
    "address": "store_address",
    "opened_on": "store_opened_on",
}


@dataclass(frozen=True, slots=True)
class _Said:
    """What takes from a row the cells that speak of the company, of the store, and of what is taken; and terms read.

    Many customers take the same on the same terms: what such cells say is read once.
    """

    company: CellsOf
    store: CellsOf
    taken: CellsOf
    terms: dict[tuple[str, ...], LegacySubscription] = field(default_factory=dict)


@dataclass(slots=True)
class _Draft:
    """A company while its rows come in, from wherever in the file they stand."""

    company: LegacyCompany | None = None
    company_cells: tuple[str, ...] | None = None
    refused: bool = False
    lines: list[int] = field(default_factory=list)
    stores: dict[str, LegacyStore] = field(default_factory=dict)
    store_cells: tuple[str, ...] | None = None
    subscriptions: dict[tuple[str, str], tuple[LegacySubscription, int]] = field(default_factory=dict)

    def __reduce__(self) -> tuple[type[_Draft], tuple[Any, ...]]:
        """Put aside without the cells remembered: a later row is read again."""
        return _Draft, (self.company, None, self.refused, self.lines, self.stores, None, self.subscriptions)

    def finish(self) -> LegacyCompany:
        """Return the company, of which nothing was refused."""
        if self.refused or self.company is None:
            raise ValueError(f"a customer of lines {self.lines} that was refused is asked for")
        return self.company._replace(
            stores=tuple(self.stores[number] for number in sorted(self.stores)),
            subscriptions=tuple(self.subscriptions[key][0] for key in sorted(self.subscriptions)),
            lines=tuple(self.lines),
        )


class _Companies:
    """The customers of a file that were not refused, on a shelf."""

    def __init__(self, *, drafts: Shelf[_Draft], refused: set[str]) -> None:
        self._drafts = drafts
        self._refused = refused

    def __len__(self) -> int:
        return len(self._drafts) - len(self._refused)

    def __iter__(self) -> Iterator[LegacyCompany]:
        return (self[number] for number in self._drafts if number not in self._refused)

    def __getitem__(self, number: str) -> LegacyCompany:
        return self._drafts[number].finish()


def read_export(*, profile: Profile, content: bytes, tell: Callable[[int], None] = lambda _line: None) -> Export:
    """Read a customers' file through its profile.

    A customer with anything wrong in any row is refused whole, and the others go on; every refusal and
    warning is among the findings, in the order of lines. The control total is over all rows, refused ones
    included. ``tell`` is told the line from time to time. Raises ExportUnreadable if the file as a whole cannot be
    trusted.
    """
    table = open_table(mapping=profile.customers, content=content, tell=tell)
    layout = Layout.of(profile=profile, mapping=profile.customers, header=table.header)
    said = _Said(
        company=layout.cells_of(fields.COMPANY_FIELDS),
        store=layout.cells_of(fields.STORE_FIELDS),
        taken=layout.cells_of(fields.TAKEN_FIELDS),
    )
    drafts = Shelf[_Draft]()
    refused: set[str] = set()
    findings: list[Finding] = []
    rows = nameless = 0
    total = Decimal(0)
    for line, cells in table.rows:
        row = Row(layout=layout, line=line, cells=cells)
        rows += 1
        total += row.control()
        if row.number:
            draft = drafts.at_hand(row.number)
            if draft is None:
                draft = _Draft()
                drafts.put(row.number, draft)
            _take(profile=profile, row=row, draft=draft, said=said)
            if draft.refused:
                refused.add(row.number)
        else:
            nameless += 1
        findings += row.findings
    return Export(
        companies=_Companies(drafts=drafts, refused=refused),
        findings=tuple(findings),
        rows=rows,
        read=len(drafts) + nameless,
        refused=len(refused) + nameless,
        control_total=two_places(total),
    )


def _take(*, profile: Profile, row: Row, draft: _Draft, said: _Said) -> None:
    first_line = draft.lines[0] if draft.lines else None
    draft.lines.append(row.line)
    if first_line is not None and profile.customers.one_row_per_company:
        reason = _("This customer number stands in line %(line)d already.")
        row.refuse("customer_number", reason=reason % {"line": first_line})
    if not row.refused:
        row.check_blanks()
        row.check_currency()
        _take_company(profile=profile, row=row, draft=draft, cells=said.company(row.cells))
        _take_store(profile=profile, row=row, draft=draft, cells=said.store(row.cells))
        _take_subscription(profile=profile, row=row, draft=draft, said=said)
    draft.refused = draft.refused or row.refused


def _take_company(*, profile: Profile, row: Row, draft: _Draft, cells: tuple[str, ...]) -> None:
    """Read what the row says of the company, unless an earlier one says it in the same cells, and nothing was odd."""
    if cells == draft.company_cells:
        return
    company = _read_company(profile=profile, row=row)
    if draft.company is None:
        draft.company = company
        draft.company_cells = None if row.findings else cells
        if not company.owner_email and not company.billing_email:
            row.warn(
                "owner_email",
                reason=_("There is no e-mail address for this customer."),
                done=_("It is taken without one: letters go by post."),
            )
        return
    _warn_of_differences(row=row, first=draft.company, later=company, attributes=COMPANY_ATTRIBUTES)


def _take_store(*, profile: Profile, row: Row, draft: _Draft, cells: tuple[str, ...]) -> None:
    number = row.text("store_number")
    if not number or cells == draft.store_cells:
        return
    found = len(row.findings)
    store = LegacyStore(
        number=number,
        name=row.text("store_name") or number,
        brand=row.text("store_brand"),
        address=read_address(profile=profile, row=row, prefix="store_"),
        opened_on=row.date("store_opened_on"),
    )
    first = draft.stores.setdefault(number, store)
    _warn_of_differences(row=row, first=first, later=store, attributes=STORE_ATTRIBUTES)
    if len(row.findings) == found:
        draft.store_cells = cells


def _take_subscription(*, profile: Profile, row: Row, draft: _Draft, said: _Said) -> None:
    cells = said.taken(row.cells)
    known = said.terms.get(cells)
    if known is None:
        cells = tuple(map(tidy, cells))
        known = said.terms.get(cells)
    if known is None:
        subscription = read_subscription(profile=profile, row=row)
    else:
        subscription = known._replace(store_number=row.text("store_number") or None)
    if subscription is None:
        return
    if known is None and not row.findings and len(said.terms) < MOST_TERMS:
        said.terms[cells] = subscription
    key = (subscription.store_number or "", subscription.plan_code)
    _first, line = draft.subscriptions.setdefault(key, (subscription, row.line))
    if line != row.line:
        reason = _("Line %(line)d has the same plan for the same store already.")
        row.refuse("plan" if row["plan"] else "product", reason=reason % {"line": line})


def _read_company(*, profile: Profile, row: Row) -> LegacyCompany:
    kind = row.word("payment_method") if row.required("payment_method") else ""
    return LegacyCompany(
        number=row.number,
        name=row.required("company_name"),
        language=row.word("language") or profile.vendor.language,
        currency=profile.vendor.currency,
        owner_email=row.email("owner_email"),
        billing_email=row.email("billing_email"),
        phone=row.text("phone"),
        address=read_address(profile=profile, row=row),
        pays_by_before=PaysByBefore(kind=PAYMENT_KINDS.get(kind, "other"), label=row.text("payment_method")),
        balance_minor=row.amount("balance") or 0,
        charged_to_date_minor=row.amount("charged_to_date"),
        last_invoice=_read_last_invoice(row=row),
    )


def _read_last_invoice(*, row: Row) -> LastInvoice | None:
    number = row.text("last_invoice_number")
    issued_on: date | None = row.date("last_invoice_date")
    total_minor = row.amount("last_invoice_amount")
    if not number:
        return None
    return LastInvoice(number=number, issued_on=issued_on, total_minor=total_minor)


def _warn_of_differences(
    *,
    row: Row,
    first: LegacyCompany | LegacyStore,
    later: LegacyCompany | LegacyStore,
    attributes: dict[str, str],
) -> None:
    for attribute, name in attributes.items():
        if getattr(first, attribute) != getattr(later, attribute):
            row.warn(
                name,
                reason=_("This differs from an earlier row of the same customer."),
                done=_("The earlier row's is kept."),
            )
