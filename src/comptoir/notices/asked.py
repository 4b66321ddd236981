"""Mail that the billing team asks for: an invoice once more, a link to pay, the statement of a consent."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from comptoir.invoicing.queries import InvoiceRow, invoices_by_public_ids
from comptoir.kit.dates import format_date
from comptoir.kit.money import format_money
from comptoir.mailer.operations import File
from comptoir.payments.listing import story
from comptoir.tenancy.queries import company

from . import links
from .composing import write_to_company
from .documents import invoice_pdf


def send_invoice_again(invoice_public_id: UUID, *, request: str) -> None:
    """Mail an issued invoice with its PDF once more, once for each ``request``."""
    (row,) = invoices_by_public_ids([invoice_public_id])
    buyer = company(row.company_id)
    paper = invoice_pdf(invoice_public_id)
    write_to_company(
        name="invoice_again",
        key=f"invoice-again:{request}",
        buyer=buyer,
        facts=_facts([row], company_name=buyer.name, language=buyer.language)
        | {"url": links.invoice_url(company_public_id=buyer.public_id, invoice_public_id=row.public_id)},
        attachments=[File(filename=paper.filename, content=paper.content)],
        to_others=True,
    )


def send_pay_link(invoice_public_ids: Sequence[UUID], *, request: str) -> None:
    """Mail a link to the page on which these invoices are paid, once for each ``request``.

    The link leads through the login: whoever has the mail alone sees and pays nothing.
    """
    rows = invoices_by_public_ids(invoice_public_ids)
    buyer = company(rows[0].company_id)
    write_to_company(
        name="pay_link",
        key=f"pay-link:{request}",
        buyer=buyer,
        facts=_facts(rows, company_name=buyer.name, language=buyer.language)
        | {"url": links.pay_url(company_public_id=buyer.public_id, invoice_public_ids=[row.public_id for row in rows])},
    )


def send_consent_statement(payment_public_id: UUID) -> None:
    """Mail a customer, once, what it consented to when the team took a payment on its word."""
    told = story(payment_public_id)
    evidence = told.evidence
    if evidence is None or told.row.origin != "on_behalf":
        return
    buyer = company(told.row.company_id)
    write_to_company(
        name="paid_on_behalf",
        key=f"consent:{payment_public_id}",
        buyer=buyer,
        facts={
            "company": buyer.name,
            "amount": format_money(
                amount_minor=told.row.amount_minor, currency=told.row.currency, language=buyer.language
            ),
            "statement": evidence.text,
            "url": links.payment_url(company_public_id=buyer.public_id, payment_public_id=payment_public_id),
        },
    )


def _facts(rows: Sequence[InvoiceRow], *, company_name: str, language: str) -> dict[str, object]:
    payable = sum(row.payable_minor for row in rows)
    return {
        "company": company_name,
        "number": rows[0].number,
        "due_on": format_date(day=rows[0].due_date, language=language),
        "amount": format_money(amount_minor=payable, currency=rows[0].currency, language=language),
        "nothing_due": payable == 0,
    }
