"""Statements of account: any period, on a page and as a PDF, made from the books when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.documents.data import StatementDocument, StatementEntry
from comptoir.documents.operations import on_demand
from comptoir.documents.queries import StoredPdf
from comptoir.invoicing.account_changes import AccountChange, account_period
from comptoir.kit.lookups import Uuids
from comptoir.kit.together import ask_together
from comptoir.payments.naming import NamedPayment, named_refunds
from comptoir.payments.queries import PaymentRow, payments_named
from comptoir.tenancy.queries import CompanyRow, VendorRow

from .papers import brand, party


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A change in words, and what was owed after it, in minor units."""

    change: AccountChange
    text: str
    balance_minor: int

    @property
    def billed_minor(self) -> int:
        """What it added to what is owed."""
        return max(self.change.amount_minor, 0)

    @property
    def paid_minor(self) -> int:
        """What it took off, above zero."""
        return max(-self.change.amount_minor, 0)


@dataclass(frozen=True, slots=True)
class Statement:
    """What a company owed from day to day, both included, in minor units; below zero it had credit."""

    since: date
    through: date
    currency: str
    opening_minor: int
    lines: tuple[StatementLine, ...]

    @property
    def billed_minor(self) -> int:
        """All that was added."""
        return sum(line.billed_minor for line in self.lines)

    @property
    def paid_minor(self) -> int:
        """All that was taken off, above zero."""
        return sum(line.paid_minor for line in self.lines)

    @property
    def closing_minor(self) -> int:
        """What was owed at the end."""
        return self.opening_minor + self.billed_minor - self.paid_minor

    @property
    def credit_minor(self) -> int:
        """What the company had as credit at the end, above zero."""
        return max(-self.closing_minor, 0)


def statement(*, company: CompanyRow, currency: str, since: date, through: date) -> Statement:
    """Return a company's statement from ``since`` through ``through``, in the active language."""
    period = account_period(company_id=company.id, currency=currency, since=since, through=through)
    paid_by = {change.payment_public_id for change in period.changes if change.payment_public_id}
    back_by = {change.refund_public_id for change in period.changes if change.refund_public_id}
    payments, refunds = payments_named(public_ids=Uuids(paid_by)), named_refunds(public_ids=Uuids(back_by))
    ask_together(payments, refunds)
    paid, back = payments.read(), refunds.read()
    owed, lines = period.opening_minor, []
    for change in period.changes:
        owed += change.amount_minor
        payment = paid.get(change.payment_public_id) if change.payment_public_id else None
        refund = back.get(change.refund_public_id) if change.refund_public_id else None
        text = _text(change, payment=payment, refund=refund)
        lines.append(StatementLine(change=change, text=text, balance_minor=owed))
    return Statement(since, through, currency, period.opening_minor, tuple(lines))


def statement_pdf(*, company: CompanyRow, vendor: VendorRow, since: date, through: date) -> StoredPdf:
    """Return a company's statement as a PDF in its language; the same books give the same file."""
    with translation.override(company.language):
        told = statement(company=company, currency=vendor.currency, since=since, through=through)
        filename = _("Statement {first} to {last}.pdf").format(first=since.isoformat(), last=through.isoformat())
    document = StatementDocument(
        brand=brand(vendor),
        bill_to=party(company),
        starts_on=since,
        ends_on=through + timedelta(days=1),
        opening_minor=told.opening_minor,
        entries=tuple(
            StatementEntry(on=line.change.on, text=line.text, amount_minor=line.change.amount_minor)
            for line in told.lines
        ),
        currency=told.currency,
        language=company.language,
    )
    return on_demand("statement", document, company=company, filename=filename)


def _text(change: AccountChange, *, payment: PaymentRow | None, refund: NamedPayment | None) -> str:
    match change.kind:
        case "invoice" if change.invoice:
            return _("Invoice {number}").format(number=change.invoice.number)
        case "credit_note" if change.credit_note:
            return _("Credit note {number}").format(number=change.credit_note.number)
        case "payment" if payment and payment.check_number:
            return _("Check {number}, thank you").format(number=payment.check_number)
        case "payment" if payment:
            return _("Payment {number}, thank you").format(number=payment.confirmation)
        case "came_back" if payment:
            return _("Payment {number} came back").format(number=payment.confirmation)
        case "waived":
            return _("Waived")
        case "refund" if refund:
            return _("Refund {number}").format(number=refund.confirmation)
        case "refund_came_back" if refund:
            return _("Refund {number} came back").format(number=refund.confirmation)
        case _:
            return _("Adjustment")
