"""Every kind of news with plausible facts, as the domain would write them out in English."""

from typing import Any

from comptoir.documents.data import CheckSlip
from comptoir.notices.letters import LetterFacts
from comptoir.tenancy.queries import VendorRow

VENDOR = VendorRow(
    id=1,
    slug="altametrics",
    name="Bistro & Co Software",
    legal_name="Bistro & Co Software, Inc.",
    currency="USD",
    time_zone="America/Los_Angeles",
    language="en",
    address_lines=("3191 Red Hill Avenue, Suite 100", "Costa Mesa, CA 92626"),
    email="billing@bistro.example",
    phone="+1 555 010 0199",
    colour="#b3402a",
    has_logo=False,
    invoice_lead_days=15,
    terms_days=0,
    business_date=None,
)

PORTAL = "https://billing.example"
COMPANY_PAGES = f"{PORTAL}/c/3f6c1f5e-6c0e-4a52-9d0b-6b9a4f6d2a11"

SLIP = CheckSlip(
    scan_line="0001 00000482 0000000123 000000087250 94",
    payable_to=VENDOR.legal_name,
    remit_address=VENDOR.address_lines,
    pay_url=f"{COMPANY_PAGES}/invoices/8f2f4c2e-55c4-4f0e-8d3a-51f8f4b3a0c9/",
    portal_url=f"{PORTAL}/",
)

INVOICE: dict[str, Any] = {
    "company": "Fish & Chips of Tulsa LLC",
    "number": "BIS-000123",
    "amount": "$872.50",
    "nothing_due": False,
    "due_on": "Oct 1, 2020",
    "pays_by": "check",
    "collected_on": "",
    "method": "",
    "slip": SLIP,
    "last": "",
    "limit": "",
    "methods_url": f"{COMPANY_PAGES}/methods/",
    "autopay_url": f"{COMPANY_PAGES}/autopay/",
    "url": f"{COMPANY_PAGES}/invoices/0a5f/",
}

DEBIT: dict[str, Any] = {
    "company": "Fish & Chips of Tulsa LLC",
    "number": "BIS-000123",
    "amount": "$872.50",
    "due_on": "Oct 1, 2020",
    "collected_on": "Oct 1, 2020",
    "method": "STRIPE TEST BANK ••6789",
    "last": "$357.50",
    "limit": "$500.00",
    "autopay_url": f"{COMPANY_PAGES}/autopay/",
    "url": f"{COMPANY_PAGES}/invoices/0a5f/",
}

CREDIT_NOTE: dict[str, Any] = {
    "company": "Fish & Chips of Tulsa LLC",
    "number": "BIS-CN-000007",
    "invoice": "BIS-000123",
    "amount": "$120.00",
    "applied": "$87.50",
    "kept": "$32.50",
    "url": f"{COMPANY_PAGES}/invoices/0a5f/",
}

PAYMENT: dict[str, Any] = {
    "company": "Fish & Chips of Tulsa LLC",
    "amount": "$1,230.00",
    "method": "STRIPE TEST BANK ••6789",
    "confirmation": "7QK4D-M2XWP",
    "day": "Oct 7, 2020",
    "may_come_back": True,
    "by_check": False,
    "autopay_url": f"{COMPANY_PAGES}/methods/",
    "invoices": [
        {"number": "BIS-000123", "amount": "$872.50", "due_on": "Oct 1, 2020", "url": f"{COMPANY_PAGES}/invoices/1/"},
        {"number": "BIS-000124", "amount": "$357.50", "due_on": "Oct 1, 2020", "url": f"{COMPANY_PAGES}/invoices/2/"},
    ],
}

SETBACK: dict[str, Any] = {
    **PAYMENT,
    "why": "There was not enough money in the account.",
    "remedy": "Make sure that the account is covered and pay again, or pay in another way.",
    "pay_url": f"{COMPANY_PAGES}/",
    "methods_url": f"{COMPANY_PAGES}/methods/",
}

REFUND: dict[str, Any] = {
    "how": "We sent $357.50 for Fish & Chips of Tulsa LLC back to STRIPE TEST BANK ••6789.",
    "when": "Your bank shows it within a few banking days.",
    "amount": "$357.50",
    "reason": "It was billed wrongly",
    "payment": "7QK4D-M2XWP",
    "credit": "",
    "confirmation": "9HX2C-T4RBN",
    "invoices": PAYMENT["invoices"][1:],
}

REFUND_BY_CHECK: dict[str, Any] = {
    **REFUND,
    "how": "We wrote check 1042 over $357.50 for Fish & Chips of Tulsa LLC.",
    "when": "It is on its way to the address on your invoices.",
    "payment": "",
    "credit": "$357.50",
    "invoices": [],
}

REFUND_FAILED: dict[str, Any] = {
    "company": "Fish & Chips of Tulsa LLC",
    "amount": "$357.50",
    "confirmation": "9HX2C-T4RBN",
    "home_url": f"{COMPANY_PAGES}/",
}

CARD_EXPIRES: dict[str, Any] = {
    "company": "Fish & Chips of Tulsa LLC",
    "method": "Visa ••4242",
    "last_day": "Oct 31, 2020",
    "autopay": True,
    "url": f"{COMPANY_PAGES}/methods/",
}

VERIFICATION: dict[str, Any] = {
    "company": "Fish & Chips of Tulsa LLC",
    "arrives_on": "Sep 18, 2020",
    "amounts": True,
    "to_pay": False,
    "url": f"{COMPANY_PAGES}/methods/",
}

AGAIN: dict[str, Any] = {
    "company": "Fish & Chips of Tulsa LLC",
    "number": "BIS-000123",
    "due_on": "Oct 1, 2020",
    "amount": "$872.50",
    "nothing_due": False,
    "url": f"{COMPANY_PAGES}/invoices/0a5f/",
}

ON_BEHALF: dict[str, Any] = {
    "company": "Fish & Chips of Tulsa LLC",
    "amount": "$872.50",
    "statement": "On Sep 16, 2020, Sam Fisher authorised Bistro & Co Software, Inc. for Fish & Chips of Tulsa LLC.",
    "url": f"{COMPANY_PAGES}/payments/0a5f/",
}

INVITATION: dict[str, Any] = {
    "email": "ana@bistro.example",
    "role": "Manager",
    "invited_by": "owner@bistro.example",
    "expires_on": "Sep 23, 2020",
    "url": f"{PORTAL}/console/invitation/8c2d1f/",
}

LETTER: dict[str, Any] = {
    "letter": LetterFacts(
        vendor=VENDOR.name,
        company="Fish & Chips of Tulsa LLC",
        customer_number="C-1042",
        login_email="sam@fishandchips.example",
        first_month="October 2020",
        deadline="Sep 30, 2020",
        portal_url=f"{PORTAL}/",
        has_sample=True,
    ),
}

FROM_CUSTOMER: dict[str, Any] = {
    "url": f"{PORTAL}/console/altametrics/messages/5d1e/",
    "urgent": False,
    "answer_by": "Wed, Nov 25, 2020, 3:00 PM EST",
}

EMAIL_CHANGE: dict[str, Any] = {
    "company": "Fish & Chips of Tulsa LLC",
    "new_email": "new@fishandchips.example",
    "expires_on": "Sep 23, 2020",
    "url": f"{PORTAL}/billing-email/8c2d1f/",
}

NEWS: dict[str, tuple[str, dict[str, Any]]] = {
    "invoice to pay by check": ("invoice", INVOICE),
    "invoice on autopay": (
        "invoice",
        {**INVOICE, "pays_by": "autopay", "collected_on": "Oct 1, 2020", "method": PAYMENT["method"], "slip": None},
    ),
    "invoice on autopay that differs": (
        "invoice",
        {
            **INVOICE,
            "pays_by": "autopay",
            "collected_on": "Oct 1, 2020",
            "method": PAYMENT["method"],
            "last": "$357.50",
            "slip": None,
        },
    ),
    "invoice above the limit": ("invoice", {**INVOICE, "pays_by": "approval", "limit": "$500.00", "slip": None}),
    "invoice with a saved method": ("invoice", {**INVOICE, "pays_by": "manual", "slip": None}),
    "invoice of nothing": ("invoice", {**INVOICE, "amount": "$0.00", "nothing_due": True, "slip": None}),
    "debit that differs": ("debit_varies", DEBIT),
    "debit that waits": ("debit_question", DEBIT),
    "credit note": ("credit_note", CREDIT_NOTE),
    "credit note kept as credit": ("credit_note", {**CREDIT_NOTE, "applied": ""}),
    "receipt": ("receipt", PAYMENT),
    "receipt of a check": ("receipt", {**PAYMENT, "method": "your check 1041", "by_check": True}),
    "failed payment": ("payment_failed", SETBACK),
    "returned payment": ("payment_returned", SETBACK),
    "refund": ("refund_made", REFUND),
    "refund by check": ("refund_made", REFUND_BY_CHECK),
    "refund that came back": ("refund_failed", REFUND_FAILED),
    "invoice once more": ("invoice_again", AGAIN),
    "paid invoice once more": ("invoice_again", {**AGAIN, "nothing_due": True}),
    "link to pay": ("pay_link", AGAIN),
    "paid on behalf": ("paid_on_behalf", ON_BEHALF),
    "card expires": ("card_expires", CARD_EXPIRES),
    "card expires without autopay": ("card_expires", {**CARD_EXPIRES, "autopay": False}),
    "bank account to verify": ("verify_bank_account", VERIFICATION),
    "e-check to verify": ("verify_bank_account", {**VERIFICATION, "amounts": False, "to_pay": True}),
    "invitation": ("staff_invitation", INVITATION),
    "letter": ("cutover_letter", LETTER),
    "new address for bills": ("email_change_confirm", EMAIL_CHANGE),
    "another address for bills": ("email_change_stop", EMAIL_CHANGE),
    "message from the team": ("message_from_team", {"url": f"{COMPANY_PAGES}/messages/5d1e/"}),
    "message from a customer": ("message_from_customer", FROM_CUSTOMER),
    "urgent message from a customer": ("message_from_customer", {**FROM_CUSTOMER, "urgent": True}),
}
