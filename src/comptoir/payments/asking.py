"""What the billing team asks to be mailed to a customer: an invoice once more, a link to pay."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record


def ask_for_invoice_mail(*, invoice: UUID, company_id: int, vendor_id: int, actor: Actor) -> None:
    """Have an issued invoice mailed to its company once more. Must run in the vendor's door."""
    _ask("invoice_mail_requested", [invoice], {"invoice": str(invoice)}, company_id, vendor_id, actor)


def ask_for_pay_link(*, invoices: Sequence[UUID], company_id: int, vendor_id: int, actor: Actor) -> None:
    """Have a link to pay ``invoices`` mailed to their company; it leads through the login. Must run in the door."""
    _ask("pay_link_requested", invoices, {"invoices": [str(each) for each in invoices]}, company_id, vendor_id, actor)


def _ask(
    name: str, invoices: Sequence[UUID], data: dict[str, object], company_id: int, vendor_id: int, actor: Actor
) -> None:
    for invoice in invoices:
        record(actor=actor, action=name, subject=f"invoice:{invoice}", vendor_id=vendor_id, company_id=company_id)
    emit(
        name=name,
        topic=f"invoice:{invoices[0]}",
        vendor_id=vendor_id,
        company_id=company_id,
        data={**data, "request": str(uuid4())},
    )
