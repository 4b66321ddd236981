"""What a change of owner will bill and give back: the bill run's own calculation, with nothing written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from comptoir.invoicing.ended_service import credit_foreseen
from comptoir.invoicing.preview import InvoicePreview, preview_taken
from comptoir.invoicing.queries import invoices_by_ids
from comptoir.subscriptions.calculation.due import SubscriptionDue
from comptoir.subscriptions.handing_over import continued, ended
from comptoir.subscriptions.queries import PLAIN, SubscriptionRow, of_company, preferences_of, taken_at
from comptoir.tenancy.queries import CompanyRow, company

from .models import Prices
from .queries import NewCompanyRow, TransferRow, location_ids, new_company


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What is taken at the stores, and what the seller takes for itself, which stays; what is billed and given back.

    The seller's last invoices and credit, the buyer's first invoices by prices.
    """

    taken: Sequence[SubscriptionRow]
    stays: Sequence[SubscriptionRow]
    final: Sequence[InvoicePreview]
    credit: Mapping[str, int]
    first: Mapping[str, Sequence[InvoicePreview]]

    @property
    def credit_minor(self) -> int:
        """What the seller is given back, with taxes."""
        return sum(self.credit.values())


def foresee(row: TransferRow, *, today: date) -> Foreseen:
    """Return what a change of owner that has its seller will bill and give back. Raises CannotBill.

    The credit is by the number of the invoice that it gives back from, in minor units with taxes.
    """
    assert row.seller_id is not None  # noqa: S101  PostgreSQL sees to it
    on = row.takes_effect_on
    taken = taken_at(company_id=row.seller_id, location_ids=location_ids(row.id), on=on)
    over = ended(taken, on=on)
    credit = credit_foreseen(each for each in over if each.ends_on and each.billed_through > each.ends_on)
    invoices = invoices_by_ids(credit)
    issue_date = max(on, today)
    unbilled = [_due(each) for each in over if each.ends_on and each.billed_through < each.ends_on]
    return Foreseen(
        taken=taken,
        stays=[
            each
            for each in of_company(row.seller_id)
            if each.location_id is None and (each.ends_on is None or each.ends_on > on)
        ],
        final=preview_taken(
            buyer=company(row.seller_id), taken=unbilled, through=on - timedelta(days=1), issue_date=issue_date
        ),
        credit={invoices[invoice_id].number: total_minor for invoice_id, total_minor in credit.items()},
        first={
            prices: _first(taken, buyer=_buyer(row), on=on, issue_date=issue_date, keeps_price=prices == Prices.AGREED)
            for prices in Prices.values
        },
    )


def _first(
    taken: Sequence[SubscriptionRow], *, buyer: CompanyRow, on: date, issue_date: date, keeps_price: bool
) -> list[InvoicePreview]:
    preferences = preferences_of([buyer.id]).get(buyer.id, PLAIN)
    due = [
        _due(
            # Discounts are found by the subscription's id: without one, there is none.
            continued(each, on=on, company_id=buyer.id, preferences=preferences, keeps_price=keeps_price)._replace(
                id=each.id if keeps_price else 0
            )
        )
        for each in taken
    ]
    return preview_taken(buyer=buyer, taken=due, through=issue_date, issue_date=issue_date)


def _buyer(row: TransferRow) -> CompanyRow:
    """Return the buyer, as a company with nothing on record where it is none yet."""
    if row.buyer_id:
        return company(row.buyer_id)
    given = new_company(row.id) or NewCompanyRow(row.buyer_name, row.buyer_name, row.buyer_language, (), "")
    return CompanyRow(
        id=0,
        public_id=row.public_id,
        vendor_id=row.vendor_id,
        number=given.number,
        name=given.name,
        language=given.language,
        address_lines=given.address_lines,
        billed_since=row.takes_effect_on,
    )


def _due(row: SubscriptionRow) -> SubscriptionDue:
    return SubscriptionDue(
        id=row.id,
        company_id=row.company_id,
        location_id=row.location_id,
        plan_id=row.plan_id,
        anchor_day=row.anchor_day,
        agreed_price_minor=row.agreed_price_minor,
        billed_through=row.billed_through,
        ends_on=row.ends_on,
    )
