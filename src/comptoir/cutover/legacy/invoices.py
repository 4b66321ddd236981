"""The invoices that an old system made, one row for each line, kept for comparison with Comptoir's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from comptoir.cutover.legacy.profile import Profile
from comptoir.cutover.legacy.records import Finding, InvoiceExport, LegacyInvoice, LegacyInvoiceLine
from comptoir.cutover.legacy.row import Layout, Row
from comptoir.cutover.legacy.subscription_terms import read_plan
from comptoir.cutover.legacy.table import open_table
from comptoir.cutover.legacy.values import two_places
from comptoir.kit.toml_section import ProfileInvalid


@dataclass(slots=True)
class _Draft:
    """An invoice while its rows come in. `head` is what all rows must say alike: customer, day, total, what is open."""

    head: tuple[str, date | None, int | None, int | None]
    first: Row
    refused: bool = False
    lines: list[LegacyInvoiceLine] = field(default_factory=list)


def read_invoices(
    *, profile: Profile, content: bytes, tell: Callable[[int], None] = lambda _line: None
) -> InvoiceExport:
    """Read an old invoices' file through its profile.

    An invoice with anything wrong in any row is refused whole, and the others go on. ``tell`` is told the line from
    time to time. Raises ProfileInvalid if the profile does not describe such a file, ExportUnreadable if the file as a
    whole cannot be trusted.
    """
    if profile.invoices is None:
        raise ProfileInvalid(
            _("%(source)s: invoices: This key is missing, so old invoices cannot be read.") % {"source": profile.source}
        )
    table = open_table(mapping=profile.invoices, content=content, tell=tell)
    layout = Layout.of(profile=profile, mapping=profile.invoices, header=table.header)
    drafts: dict[str, _Draft] = {}
    findings: list[Finding] = []
    rows = nameless = 0
    total = Decimal(0)
    for line, cells in table.rows:
        row = Row(layout=layout, line=line, cells=cells)
        rows += 1
        total += row.control()
        if number := row.required("invoice_number"):
            _take(profile=profile, row=row, number=number, drafts=drafts)
        else:
            nameless += 1
        findings += row.findings
    invoices = tuple(
        invoice
        for number, draft in drafts.items()
        if (invoice := _finish(number=number, draft=draft, findings=findings))
    )
    return InvoiceExport(
        invoices=invoices,
        findings=tuple(sorted(findings, key=lambda finding: finding.line)),
        rows=rows,
        read=len(drafts) + nameless,
        refused=len(drafts) - len(invoices) + nameless,
        control_total=two_places(total),
    )


def _take(*, profile: Profile, row: Row, number: str, drafts: dict[str, _Draft]) -> None:
    row.check_currency()
    issued_on = row.date("issued_on") if row.required("issued_on") else None
    head = (row.number, issued_on, row.amount("invoice_total"), row.amount("open_amount"))
    draft = drafts.setdefault(number, _Draft(head=head, first=row))
    if head != draft.head:
        reason = _("Customer, date, total or open amount differ from line %(line)d of the same invoice.")
        row.refuse("invoice_number", reason=reason % {"line": draft.first.line})
    line = _read_line(profile=profile, row=row)
    if line is None or row.refused:
        draft.refused = True
    else:
        draft.lines.append(line)


def _read_line(*, profile: Profile, row: Row) -> LegacyInvoiceLine | None:
    plan = read_plan(profile=profile, row=row)
    starts_on = row.date("starts_on") if row.required("starts_on") else None
    ends_on = row.end_date("ends_on") if row.required("ends_on") else None
    amount_minor = row.amount("amount") if row.required("amount") else None
    tax_minor = row.amount("tax") or 0
    if starts_on and ends_on and ends_on <= starts_on:
        row.refuse("ends_on", reason=_("The period ends before it begins."))
    if plan is None or starts_on is None or ends_on is None or amount_minor is None:
        return None
    return LegacyInvoiceLine(
        store_number=row.text("store_number") or None,
        product_code=plan.product_code,
        plan_code=plan.code,
        description=row.text("description") or plan.name,
        starts_on=starts_on,
        ends_on=ends_on,
        amount_minor=amount_minor,
        tax_minor=tax_minor,
    )


def _finish(*, number: str, draft: _Draft, findings: list[Finding]) -> LegacyInvoice | None:
    company_number, issued_on, total_minor, open_minor = draft.head
    lines_minor = sum(line.amount_minor + line.tax_minor for line in draft.lines)
    if draft.refused or issued_on is None:
        return None
    if total_minor not in {None, lines_minor}:
        draft.first.refuse("invoice_total", reason=_("The invoice's lines do not add up to this."))
        findings.append(draft.first.findings[-1])
        return None
    return LegacyInvoice(
        company_number=company_number,
        number=number,
        issued_on=issued_on,
        total_minor=lines_minor,
        lines=tuple(draft.lines),
        open_minor=open_minor or 0,
        line=draft.first.line,
    )
