"""What someone wants to pay, and what of it goes to which invoice as things stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.invoicing.errors import NotPayable
from comptoir.invoicing.queries import InvoiceRow, invoices_by_public_ids
from comptoir.invoicing.queries import invoices as open_invoices
from comptoir.kit.money import format_money
from comptoir.tenancy.queries import VendorRow

from .consent import Agreed
from .errors import AmountChanged, NothingToPay
from .gateways.least import least_minor
from .sharing import Shares, share_out


@dataclass(frozen=True, slots=True)
class Order:
    """What a payer pays, as it was shown: the amount, and what of it is for no invoice. Minor units.

    ``invoices`` are those that were chosen, paid the oldest due first; none chosen means all that can be paid.
    ``agreed`` names the words by which a bank debit was allowed.
    """

    invoices: Sequence[UUID]
    amount_minor: int
    on_account_minor: int = 0
    agreed: Agreed | None = None


def shares_of(order: Order, *, company_id: int, vendor: VendorRow) -> tuple[str, Shares]:
    """Return the currency of an order, and what goes to which of the company's invoices.

    Raises NothingToPay, NotPayable, AmountChanged where what was shown does not hold any more.
    """
    if order.invoices:
        rows = [row for row in invoices_by_public_ids(order.invoices) if row.company_id == company_id]
        _check_choice(rows, chosen=len(set(order.invoices)))
    else:
        rows = open_invoices(company_id=company_id, open_only=True)
        rows = [row for row in rows if row.currency == vendor.currency]
    return rows[0].currency if rows else vendor.currency, _shares(order, rows, vendor=vendor)


def _check_choice(rows: Sequence[InvoiceRow], *, chosen: int) -> None:
    if not rows or len(rows) != chosen:
        raise NothingToPay(_("Choose at least one open invoice to pay."))
    if len({row.currency for row in rows}) > 1:
        raise NothingToPay(_("Invoices in different currencies are paid separately; choose those of one currency."))
    if any(row.payable_minor <= 0 for row in rows):
        raise NotPayable(
            _("One of the invoices is paid already, or a payment for it is under way. Look at its status first.")
        )


def _shares(order: Order, rows: Sequence[InvoiceRow], *, vendor: VendorRow) -> Shares:
    if order.amount_minor <= 0:
        raise NothingToPay(_("An amount of zero cannot be paid. Give an amount above zero."))
    currency = rows[0].currency if rows else vendor.currency
    if order.amount_minor < (least := least_minor(currency)):
        raise NothingToPay(
            _("The least that can be paid online is %(least)s. What is more than you owe becomes your credit.")
            % {"least": format_money(amount_minor=least, currency=currency, language=get_language() or "en")}
        )
    shares = share_out(order.amount_minor, payable=[(row.id, row.payable_minor) for row in rows])
    if shares.on_account_minor != order.on_account_minor:
        raise AmountChanged(_("What is open has changed since the amount was shown. Look at it again before you pay."))
    return shares
