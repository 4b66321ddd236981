"""What a customer says about automatic payment: a limit, and a word on one invoice, each in the company's door.

A word counts until the processor is asked: the invoice's balance is locked first, which beginning a payment needs, too.
"""

from uuid import UUID

from django.utils.translation import gettext as _

from comptoir.invoicing.operations import hold_still
from comptoir.invoicing.queries import InvoiceRow, invoices_by_public_ids
from comptoir.tenancy.audit import record

from .errors import AmountChanged, NothingToPay, TooLateToCallOff
from .models import AutopayInstruction, AutopayLimit, InstructionKind, Payment, PaymentOrigin, PaymentStatus
from .payer import Payer


def set_limit(*, payer: Payer, limit_minor: int | None) -> None:
    """Ask a member first before more than ``limit_minor`` is debited on a day; None asks nobody."""
    before = AutopayLimit.objects.filter(company_id=payer.company.id).values_list("limit_minor", flat=True).first()
    AutopayLimit.objects.update_or_create(
        company_id=payer.company.id,
        defaults={"limit_minor": limit_minor, "set_by_id": payer.user_id, "set_at": payer.now},
    )
    record(
        actor=payer.actor,
        action="autopay_limit_set",
        subject=f"company:{payer.company.public_id}",
        vendor_id=payer.vendor.id,
        company_id=payer.company.id,
        before={"limit_minor": before},
        after={"limit_minor": limit_minor},
    )


def call_off_invoice(*, payer: Payer, invoice_public_id: UUID) -> None:
    """Have autopay leave an invoice alone. Raises TooLateToCallOff once the processor was asked, NothingToPay."""
    invoice = _held(payer, invoice_public_id)
    begun = Payment.objects.select_for_update(of=("self",)).filter(
        company_id=payer.company.id, origin=PaymentOrigin.AUTOPAY, items__invoice_id=invoice.id
    )
    under_way = [
        payment
        for payment in begun
        if payment.status in (PaymentStatus.CREATED, PaymentStatus.ACTION_REQUIRED, PaymentStatus.PROCESSING)
    ]
    if any(payment.submitting_at is not None for payment in under_way):
        raise TooLateToCallOff(
            _("This payment is with the bank already and can no longer be called off. Its status shows how it stands.")
        )
    if not under_way and invoice.payable_minor <= 0:
        raise NothingToPay(_("Nothing is open on this invoice that automatic payment could take."))
    _say(payer, invoice, InstructionKind.CALL_OFF, amount_minor=invoice.open_minor)


def approve_invoice(*, payer: Payer, invoice_public_id: UUID, amount_minor: int) -> None:
    """Let autopay take an invoice, also above the limit or after it was called off; ``amount_minor`` is what was shown.

    Raises AmountChanged, NothingToPay.
    """
    invoice = _held(payer, invoice_public_id)
    if invoice.payable_minor <= 0:
        raise NothingToPay(_("Nothing is open on this invoice that automatic payment could take."))
    if invoice.payable_minor != amount_minor:
        raise AmountChanged(_("What is open has changed since the amount was shown. Look at it again before you pay."))
    _say(payer, invoice, InstructionKind.APPROVE, amount_minor=amount_minor)


def _held(payer: Payer, public_id: UUID) -> InvoiceRow:
    own = [row.id for row in invoices_by_public_ids([public_id]) if row.company_id == payer.company.id]
    if not own:
        raise NothingToPay(_("There is no such invoice here; your page of invoices shows those of your company."))
    hold_still(own[0])
    return invoices_by_public_ids([public_id])[0]


def _say(payer: Payer, invoice: InvoiceRow, kind: InstructionKind, *, amount_minor: int) -> None:
    AutopayInstruction.objects.create(
        company_id=payer.company.id,
        invoice_id=invoice.id,
        kind=kind,
        amount_minor=amount_minor,
        given_by_id=payer.user_id,
        given_at=payer.now,
    )
    record(
        actor=payer.actor,
        action="autopay_called_off" if kind == InstructionKind.CALL_OFF else "autopay_approved",
        subject=f"invoice:{invoice.public_id}",
        vendor_id=payer.vendor.id,
        company_id=payer.company.id,
        after={"invoice": invoice.number, "amount_minor": amount_minor},
    )
