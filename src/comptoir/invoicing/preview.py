"""What a company's next invoices would say: the bill run's own calculation, with nothing written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from comptoir.subscriptions.calculation.due import SubscriptionDue
from comptoir.subscriptions.calculation.periods import add_months
from comptoir.subscriptions.queries import PLAIN, next_to_bill
from comptoir.taxes.queries import jurisdiction_names
from comptoir.tenancy.queries import CompanyRow, VendorRow, company, vendor

from .calculation.invoices import InvoiceDue, LineDue, due_date
from .due import Due, reckon_due, reckon_taken
from .errors import CannotBill
from .issuing import bill_to
from .problems import in_words
from .queries import LineRow, TaxRow


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
    purchase_order: str
    lines: tuple[LineRow, ...]
    taxes: tuple[TaxRow, ...]

    @property
    def net_minor(self) -> int:
        """What the lines add up to."""
        return sum(line.amount_minor for line in self.lines)

    @property
    def total_minor(self) -> int:
        """What the lines and the taxes add up to."""
        return self.net_minor + sum(tax.tax_minor for tax in self.taxes)


def sample_invoice(*, company_id: int, for_month: date) -> InvoicePreview | None:
    """Return the first invoice for the periods that start in the month of ``for_month`` or before.

    Where nothing starts so early, the first month in which something does is shown. Returns None for a company that
    takes nothing. Raises CannotBill with the reason when it cannot be reckoned.
    """
    through = _month_end(for_month)
    found = preview(company_id=company_id, through=through)
    if not found:
        starts_on = next_to_bill(company_id=company_id).read()
        found = preview(company_id=company_id, through=_month_end(starts_on)) if starts_on else []
    return found[0] if found else None


def preview(*, company_id: int, through: date, issue_date: date | None = None) -> list[InvoicePreview]:
    """Return the invoices that a bill run up to ``through`` would issue to a company.

    Without an ``issue_date``, they are dated the vendor's lead before the first period starts. Raises CannotBill.
    """
    buyer = company(company_id)
    seller = vendor(buyer.vendor_id)
    dated = issue_date or _issue_date(company_id, lead_days=seller.invoice_lead_days, through=through)
    due = reckon_due(seller=seller, company_ids=[company_id], through=through, issue_date=dated)
    return _previews(due, buyer=buyer, seller=seller, dated=dated)


def preview_taken(
    *, buyer: CompanyRow, taken: Sequence[SubscriptionDue], through: date, issue_date: date
) -> list[InvoicePreview]:
    """Return the invoices that a bill run up to ``through`` would issue if ``buyer`` took just this.

    Neither the subscriptions nor the company need be on record: all of ``taken`` names ``buyer.id``. Raises CannotBill.
    """
    seller = vendor(buyer.vendor_id)
    due = reckon_taken(seller=seller, buyers={buyer.id: buyer}, taken=taken, through=through, issue_date=issue_date)
    return _previews(due, buyer=buyer, seller=seller, dated=issue_date)


def _previews(due: Due, *, buyer: CompanyRow, seller: VendorRow, dated: date) -> list[InvoicePreview]:
    if buyer.id in due.problems:
        raise CannotBill(in_words(due.problems[buyer.id]))
    wishes = due.preferences.get(buyer.id, PLAIN)
    terms_days = seller.terms_days if wishes.terms_days is None else wishes.terms_days
    return [
        InvoicePreview(
            vendor_id=seller.id,
            company_id=buyer.id,
            bill_to=bill_to(buyer),
            language=buyer.language,
            issue_date=dated,
            due_date=due_date(lines=invoice.lines, issue_date=dated, terms_days=terms_days),
            currency=seller.currency,
            purchase_order=wishes.purchase_order,
            lines=_line_rows(invoice.lines),
            taxes=_tax_rows(invoice),
        )
        for invoice in due.invoices.get(buyer.id, ())
    ]


def _issue_date(company_id: int, *, lead_days: int, through: date) -> date:
    first = next_to_bill(company_id=company_id).read()
    return through if first is None or first > through else first - timedelta(days=lead_days)


def _line_rows(lines: Sequence[LineDue]) -> tuple[LineRow, ...]:
    return tuple(
        LineRow(
            position=position,
            location_label=line.location_label,
            description=line.description,
            starts_on=line.days.starts_on if line.days else None,
            ends_on=line.days.ends_on if line.days else None,
            unit_minor=line.unit_minor,
            discount_minor=line.discount_minor,
            amount_minor=line.amount_minor,
            full_days=line.full_days,
            unit=line.unit,
            vat_category=line.vat_category,
            tax_rate=sum((rate.rate for rate in line.rates), Decimal(0)),
        )
        for position, line in enumerate(lines, 1)
    )


def _tax_rows(invoice: InvoiceDue) -> tuple[TaxRow, ...]:
    totals = invoice.taxes
    names = jurisdiction_names(total.applicable.jurisdiction_id for total in totals)
    return tuple(
        TaxRow(
            name=names[total.applicable.jurisdiction_id],
            rate=total.applicable.rate,
            taxable_minor=total.taxable_minor,
            tax_minor=total.tax_minor,
        )
        for total in totals
    )


def _month_end(day: date) -> date:
    return add_months(day, months=1, anchor_day=1) - timedelta(days=1)
