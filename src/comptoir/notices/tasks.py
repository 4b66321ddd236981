"""What the worker tells companies and staff: listeners to events, and the sending of invoices slice by slice."""

import logging
from uuid import UUID

from django.utils.translation import gettext as _
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from comptoir.documents.printing import batch_row
from comptoir.invoicing.queries import InvoiceRow, invoices_by_ids
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import Happened
from comptoir.kit.request_id import current_request_id, under_request_id

from . import (
    asked,
    credit_notes,
    email_changes,
    invitations,
    invoices,
    messages,
    methods,
    payments,
    printing,
    refunds,
    standings,
    waiting,
)
from .errors import SomeNotSent

log = logging.getLogger(__name__)

INVOICES_PER_SLICE = 25


def send_invoices(event: Happened) -> None:
    """Have a batch of issued invoices sent, a slice per job, so that workers share them."""
    invoice_ids: list[int] = event.data["invoice_ids"]
    for first in range(0, len(invoice_ids), INVOICES_PER_SLICE):
        send_slice.defer(invoice_ids=invoice_ids[first : first + INVOICES_PER_SLICE], request_id=current_request_id())


@app.task(name="notices.send_slice", retry=RetryStrategy(max_attempts=6, exponential_wait=4))
@under_request_id
def send_slice(invoice_ids: list[int]) -> None:
    """Send the invoices that were not sent yet; one that cannot be sent holds up no other.

    Raises SomeNotSent at the end if there was such a one, so that it is tried again later.
    """
    held_up = [row.number for row in invoices_by_ids(invoice_ids).values() if not _sent(row)]
    if held_up:
        raise SomeNotSent(
            _("These invoices could not be sent yet; the worker's log says why: {numbers}").format(
                numbers=", ".join(held_up)
            )
        )


def print_batch(event: Happened) -> None:
    """Have a batch for the printer put together, a part per job, so that workers share them."""
    batch_id: int = event.data["batch"]
    for position in range(1, batch_row(batch_id).parts + 1):
        make_part.defer(batch_id=batch_id, position=position, request_id=current_request_id())


@app.task(name="notices.make_part", retry=RetryStrategy(max_attempts=6, exponential_wait=4))
@under_request_id
def make_part(batch_id: int, position: int) -> None:
    """Put one part of a batch together."""
    printing.make_part(batch_id=batch_id, position=position)


def send_credit_note(event: Happened) -> None:
    """Send a credit note."""
    credit_notes.send_credit_note(UUID(event.data["credit_note"]))


def send_receipt(event: Happened) -> None:
    """Send the receipt of a payment that has succeeded."""
    payments.send_receipt(UUID(event.data["payment"]))


def send_payment_failed(event: Happened) -> None:
    """Tell a company that its payment failed, and what to do."""
    payments.send_setback(UUID(event.data["payment"]), news="payment_failed")


def send_payment_canceled(event: Happened) -> None:
    """Tell a company that its payment was called off, and why."""
    payments.send_setback(UUID(event.data["payment"]), news="payment_canceled")


def send_payment_returned(event: Happened) -> None:
    """Tell a company that its payment came back, and what to do."""
    payments.send_setback(UUID(event.data["payment"]), news="payment_returned")


def send_refund_made(event: Happened) -> None:
    """Tell a company that money was sent back to it."""
    refunds.send_refund_made(UUID(event.data["refund"]))


def send_refund_failed(event: Happened) -> None:
    """Tell a company that a refund came back to us."""
    refunds.send_refund_failed(UUID(event.data["refund"]))


def send_invoice_again(event: Happened) -> None:
    """Mail an invoice once more, as the team asked."""
    asked.send_invoice_again(UUID(event.data["invoice"]), request=event.data["request"])


def send_pay_link(event: Happened) -> None:
    """Mail a link to pay, as the team asked."""
    asked.send_pay_link([UUID(public_id) for public_id in event.data["invoices"]], request=event.data["request"])


def send_consent_statement(event: Happened) -> None:
    """Mail a customer what it consented to, where the team took a payment on its word."""
    asked.send_consent_statement(UUID(event.data["payment"]))


def send_card_expires(event: Happened) -> None:
    """Tell a company that a saved card expires."""
    methods.send_card_expires(UUID(event.data["method"]), reminder_id=event.data["reminder"])


def send_access_changed(event: Happened) -> None:
    """Tell companies which products were closed to them, or are open again."""
    standings.send_access_changed(event.data["changes"])


def send_verification_awaited(event: Happened) -> None:
    """Tell a company which deposits will verify its bank account."""
    methods.send_verification_awaited(event.data["verification"])


def send_staff_invitation(event: Happened) -> None:
    """Mail the link by which someone joins a vendor's billing team."""
    invitations.send_invitation(UUID(event.data["invitation"]))


def send_member_invitation(event: Happened) -> None:
    """Mail the link by which someone comes to act for a company."""
    invitations.send_member_invitation(UUID(event.data["invitation"]))


def tell_of_email_change(event: Happened) -> None:
    """Ask the new address for bills, and tell the old one how to stop the change."""
    email_changes.tell_both(UUID(event.data["change"]), now=wall_now())


def ask_recipient(event: Happened) -> None:
    """Ask an address whether it wants a company's bills."""
    email_changes.ask_recipient(UUID(event.data["recipient"]))


def tell_of_message(event: Happened) -> None:
    """Tell the other side that there is a message."""
    tell = messages.tell_company if event.data["side"] == "staff" else messages.tell_team
    tell(thread_public_id=UUID(event.data["thread"]), message=UUID(event.data["message"]))


def mail_came_back(event: Happened) -> None:
    """Have the team look at an address that mail came back from."""
    waiting.mail_waits(event, kind="mail_came_back", now=wall_now())


def mail_is_in_doubt(event: Happened) -> None:
    """Have the team decide on mail that may or may not have gone out."""
    waiting.mail_waits(event, kind="mail_in_doubt", now=wall_now())


def mail_has_failed(event: Happened) -> None:
    """Have the team look at mail that could not be sent."""
    waiting.mail_waits(event, kind="mail_failed", now=wall_now())


def mail_is_settled(event: Happened) -> None:
    """Take mail that somebody decided on, or an address that is good again, off the team's list."""
    waiting.mail_settled(event, kinds=("mail_came_back", "mail_in_doubt"), now=wall_now())


def follow_thread(event: Happened) -> None:
    """Have a conversation on the team's list for as long as the team owes an answer."""
    waiting.follow_thread(UUID(event.data["thread"]), now=wall_now())


def _sent(invoice: InvoiceRow) -> bool:
    try:
        invoices.send_invoice(invoice, now=wall_now())
    except Exception:  # whatever is wrong with one company must not keep the mail of the others
        log.exception("invoice %s could not be sent", invoice.number)
        return False
    return True
