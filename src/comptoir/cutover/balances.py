"""What companies owe in the old system: said before a wave is sent, and brought into the books here if it says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from comptoir.invoicing.opening import OpeningBalance, bring_forward
from comptoir.kit.lookups import Ids
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.queries import VendorRow

from .comparison.models import LegacyInvoice
from .models import LegacyCompany

WITHOUT_NUMBER = "balance"


@dataclass(frozen=True, slots=True)
class Owed:
    """What is open on one invoice of the old system, in minor units."""

    number: str
    open_minor: int


def owed_there(company_ids: Sequence[int]) -> dict[int, list[Owed]]:
    """Return what companies owe in the old system as it was last imported, invoice by invoice, by company.

    Of whom no old invoice was imported, the balance counts that came with the customer, by its last invoice's number.
    """
    with_invoices: set[int] = set()
    owed: dict[int, list[Owed]] = {}
    invoices = LegacyInvoice.objects.filter(company_id__any=Ids(company_ids)).order_by("issued_on", "id")
    for company_id, number, open_minor in invoices.values_list("company_id", "number", "open_minor"):
        with_invoices.add(company_id)
        if open_minor > 0:
            owed.setdefault(company_id, []).append(Owed(number, open_minor))
    balances = LegacyCompany.objects.filter(company_id__any=Ids(company_ids), balance_minor__gt=0)
    for company_id, number, open_minor in balances.values_list("company_id", "last_invoice_number", "balance_minor"):
        if company_id not in with_invoices:
            owed[company_id] = [Owed(number or WITHOUT_NUMBER, open_minor)]
    return owed


def bring_balances(*, company_id: int, seller: VendorRow, on: date, actor: Actor) -> list[int]:
    """Issue an opening invoice here for each that is open in the old system; return their ids.

    In the transaction that moves the company, so that each is brought once, or not at all. Raises OpeningRefused.
    """
    balances = [
        OpeningBalance(company_id=company_id, legacy_number=owed.number, open_minor=owed.open_minor)
        for owed in owed_there([company_id]).get(company_id, ())
    ]
    return bring_forward(vendor=seller, balances=balances, on=on, actor=actor) if balances else []
