"""The words and figures of a check slip, at the foot of an invoice or by itself."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from comptoir.documents.content.shared import Content, linked
from comptoir.documents.data import CheckSlip
from comptoir.documents.fonts import Verbatim
from comptoir.kit.dates import format_date


def slip_words() -> Content:
    """Return the words that stand on every slip."""
    return {
        "payable_to": _("Make the check payable to"),
        "mail_to": _("Mail it to"),
        "amount_enclosed": _("Amount enclosed"),
        "scan_to_pay": _("Scan to pay online"),
    }


def slip_content(
    *, slip: CheckSlip, number: str, customer_number: str | None, due_on: date | None, amount: str, language: str
) -> Content:
    """Return what `slip.typ` prints: the slip, and its QR code, which leads to the invoice."""
    facts = [[_("Invoice"), number]]
    if customer_number:
        facts.append([_("Customer number"), customer_number])
    if due_on:
        facts.append([_("Due date"), format_date(day=due_on, language=language)])
    facts.append([_("Amount due"), amount])
    return {
        "slip": {
            "instruction": " ".join(
                part for part in (_("Please cut along the line and send this part with your check."), slip.note) if part
            ),
            "scan_line": Verbatim(slip.scan_line),
            "payable_to": slip.payable_to,
            "remit_address": list(slip.remit_address),
            "facts": facts,
        },
        **linked(
            slip.portal_url,
            scanned=slip.pay_url,
            alt=_("QR code that opens {url}, where this invoice can be paid").format(url=slip.pay_url),
        ),
    }
