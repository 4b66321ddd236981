"""Every kind of news with plausible facts, as the domain would write them out, in each language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comptoir.tenancy.queries import VendorRow

from .invitations import MEMBER_ROLES
from .move_notices import shipped_deadline, shipped_reminder
from .sample_facts import (
    COMPANY,
    COMPANY_PAGES,
    OTHER_MINOR,
    Facts,
    Writer,
    again,
    card,
    credit_note,
    debit,
    dunning,
    email_change,
    from_customer,
    invitation,
    invoice,
    letter_facts,
    move_notice,
    on_behalf,
    payment,
    refund,
    refund_failed,
    setback,
    standing,
    verification,
)
from .sample_sales import LINK, sale


@dataclass(frozen=True, slots=True)
class News:
    """A kind of news: what the gallery calls it, its folder of templates, and its facts."""

    title: str | Promise
    folder: str
    facts: Callable[[Writer], Facts]


def sample_news(what: str, *, vendor: VendorRow, language: str) -> tuple[str, Mapping[str, Any]]:
    """Return the folder and the facts of ``what`` in NEWS, written out in ``language``.

    Raises KeyError for another one.
    """
    news = NEWS[what]
    with translation.override(language):
        return news.folder, news.facts(Writer(vendor, language))


NEWS: Mapping[str, News] = {
    "invoice-by-check": News(_("Invoice to pay by check"), "invoice", partial(invoice, pays_by="check")),
    "invoice-on-autopay": News(_("Invoice on autopay"), "invoice", partial(invoice, pays_by="autopay")),
    "invoice-that-differs": News(
        _("Invoice on autopay, unlike the last one"),
        "invoice",
        partial(invoice, pays_by="autopay", told={"last": OTHER_MINOR}),
    ),
    "invoice-above-the-limit": News(
        _("Invoice above the limit of autopay"),
        "invoice",
        partial(invoice, pays_by="approval", told={"limit": 500_00}),
    ),
    "invoice-that-waits": News(
        _("Invoice too small to be collected alone"), "invoice", partial(invoice, pays_by="next", minor=30)
    ),
    "invoice-with-a-method": News(
        _("Invoice to pay with a saved method"), "invoice", partial(invoice, pays_by="manual")
    ),
    "invoice-of-nothing": News(_("Invoice of nothing to pay"), "invoice", partial(invoice, pays_by="check", minor=0)),
    "debit-that-differs": News(_("Debit unlike the last one"), "debit_varies", debit),
    "debit-that-waits": News(_("Debit that waits for approval"), "debit_question", debit),
    "credit-note": News(_("Credit note"), "credit_note", partial(credit_note, applied_minor=87_50)),
    "credit-note-kept": News(_("Credit note kept as credit"), "credit_note", partial(credit_note, applied_minor=0)),
    "receipt": News(_("Receipt"), "receipt", payment),
    "receipt-of-a-check": News(_("Receipt of a check"), "receipt", partial(payment, by_check=True)),
    "failed-payment": News(_("Payment that failed"), "payment_failed", setback),
    "returned-payment": News(_("Payment that came back"), "payment_returned", setback),
    "canceled-payment": News(
        _("Payment that was called off"), "payment_canceled", partial(setback, code="method_removed")
    ),
    "refund": News(_("Refund"), "refund_made", refund),
    "refund-by-check": News(_("Refund by check"), "refund_made", partial(refund, by_check=True)),
    "refund-failed": News(_("Refund that came back"), "refund_failed", refund_failed),
    "invoice-again": News(_("Invoice once more"), "invoice_again", again),
    "paid-invoice-again": News(_("Paid invoice once more"), "invoice_again", partial(again, nothing_due=True)),
    "link-to-pay": News(_("Link to pay"), "pay_link", again),
    "reminder-due-soon": News(_("What is due soon"), "dunning", partial(dunning, kind="due_soon")),
    "reminder-first": News(_("Reminder"), "dunning", partial(dunning, kind="reminder")),
    "reminder-firm": News(_("Firm reminder"), "dunning", partial(dunning, kind="firm_reminder")),
    "reminder-final": News(_("Final notice"), "dunning", partial(dunning, kind="final_notice")),
    "access-restricted": News(_("Access restricted"), "access_changed", partial(standing, restricts=True)),
    "access-restored": News(_("Access restored"), "access_changed", partial(standing, restricts=False)),
    "paid-on-behalf": News(_("Payment taken for the customer"), "paid_on_behalf", on_behalf),
    "card-expires": News(_("Card on autopay expires"), "card_expires", partial(card, autopay=True)),
    "saved-card-expires": News(_("Saved card expires"), "card_expires", partial(card, autopay=False)),
    "account-to-verify": News(_("Bank account to verify"), "verify_bank_account", partial(verification, amounts=True)),
    "e-check-to-verify": News(
        _("Electronic check to verify"), "verify_bank_account", partial(verification, amounts=False)
    ),
    "invitation": News(_("Invitation to the billing team"), "staff_invitation", invitation),
    "invitation-of-a-customer": News(
        _("Invitation to act for a company"),
        "member_invitation",
        lambda write: {**invitation(write), "role": str(MEMBER_ROLES["viewer"]), "company": COMPANY},
    ),
    "letter": News(
        _("Letter of the move"),
        "cutover_letter",
        lambda write: {"letter": letter_facts(write.vendor, language=write.language)},
    ),
    "move-reminder": News(_("Reminder of the move"), "own_words", partial(move_notice, words=shipped_reminder)),
    "move-deadline": News(_("Pays by check from now on"), "own_words", partial(move_notice, words=shipped_deadline)),
    "new-address": News(_("New address for bills, to confirm"), "email_change_confirm", email_change),
    "another-address": News(_("New address for bills, to the old one"), "email_change_stop", email_change),
    "further-address": News(_("Further address for bills, to confirm"), "recipient_asked", email_change),
    "sale-to-accept": News(
        _("Change of owner to accept"), "transfer_invitation", sale(is_seller=False, more=12, url=LINK)
    ),
    "sale-for-the-seller-to-accept": News(
        _("Change of owner for the seller to accept"), "transfer_invitation", sale(is_seller=True)
    ),
    "sale-started": News(_("Change of owner started"), "transfer_started", sale(is_seller=True)),
    "sale-asked-for": News(
        _("Change of owner asked for"), "transfer_started", sale(is_seller=False, asked=True, stores=[])
    ),
    "sale-accepted": News(_("Change of owner accepted"), "transfer_accepted", sale(is_seller=True)),
    "sale-approved": News(_("Change of owner approved"), "transfer_approved", sale(is_seller=True)),
    "sale-approved-for-a-new-customer": News(
        _("Change of owner approved, to a new customer"), "transfer_approved", sale(is_seller=False, is_new=True)
    ),
    "sale-declined": News(_("Change of owner declined"), "transfer_declined", sale(is_seller=True, reason="…")),
    "sale-withdrawn": News(_("Change of owner withdrawn"), "transfer_withdrawn", sale(is_seller=False)),
    "sale-done": News(_("Stores have changed owner"), "transfer_done", sale(is_seller=True)),
    "sale-done-for-the-buyer": News(
        _("Stores have changed owner, to the buyer"), "transfer_done", sale(is_seller=False)
    ),
    "message-from-the-team": News(
        _("Message from the team"), "message_from_team", lambda _write: {"url": f"{COMPANY_PAGES}/messages/5d1e/"}
    ),
    "message-from-a-customer": News(
        _("Message from a customer"), "message_from_customer", partial(from_customer, urgent=False)
    ),
    "urgent-message": News(
        _("Urgent message from a customer"), "message_from_customer", partial(from_customer, urgent=True)
    ),
}
