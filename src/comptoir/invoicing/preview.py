"""What a company's next invoice would say: the bill run's own calculation, with nothing written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from comptoir.subscriptions.calculation.periods import add_months
from comptoir.tenancy.queries import company, vendor

from .billables import billables
from .calculation.invoices import LineDue, due_date, lines_due
from .issuing import bill_to
from .queries import LineRow


@dataclass(frozen=True, slots=True)
class InvoicePreview:
    """An invoice that was never issued: no number, no document of account. Amounts in minor units."""

    vendor_id: int
    company_id: int
    bill_to: Mapping[str, object]
    language: str
    issue_date: date
    due_date: date
    currency: str
    lines: tuple[LineRow, ...]

    @property
    def total_minor(self) -> int:
        """What the lines add up to."""
        return sum(line.amount_minor for line in self.lines)


def sample_invoice(*, company_id: int, for_month: date) -> InvoicePreview | None:
    """Return what a company would be billed for the periods that start in the month of ``for_month`` or before.

    Where nothing starts so early, the first month in which something does is shown. Returns None for a company that
    takes nothing. Raises NoPrice when a plan has no price on the day a period starts.
    """
    buyer = company(company_id)
    seller = vendor(buyer.vendor_id)
    lines = _first_lines(company_id=company_id, through=_month_end(for_month))
    if not lines:
        return None
    issue_date = min(line.days.starts_on for line in lines) - timedelta(days=seller.invoice_lead_days)
    return InvoicePreview(
        vendor_id=seller.id,
        company_id=company_id,
        bill_to=bill_to(buyer),
        language=buyer.language,
        issue_date=issue_date,
        due_date=due_date(lines=lines, issue_date=issue_date, terms_days=seller.terms_days),
        currency=seller.currency,
        lines=tuple(
            LineRow(
                position=position,
                location_label=line.location_label,
                description=line.description,
                starts_on=line.days.starts_on,
                ends_on=line.days.ends_on,
                unit_minor=line.unit_minor,
                amount_minor=line.amount_minor,
            )
            for position, line in enumerate(lines, 1)
        ),
    )


def _first_lines(*, company_id: int, through: date) -> list[LineDue]:
    due = billables(company_ids=[company_id], through=through).get(company_id)
    if due is None:
        later = billables(company_ids=[company_id], through=date.max).get(company_id)
        if later is None:
            return []
        through = _month_end(min(billable.billed_through for billable in later))
        due = [billable for billable in later if billable.billed_through <= through]
    return lines_due(billables=due, through=through)


def _month_end(day: date) -> date:
    return add_months(day, months=1, anchor_day=1) - timedelta(days=1)
