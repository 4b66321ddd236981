"""Made-up facts for every kind of news, as the domain would write them out, in each language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext

from comptoir.access.reasons import Reason, way_back, words_of
from comptoir.documents.data import CheckSlip
from comptoir.kit.dates import format_date, format_instant, format_month
from comptoir.kit.money import format_money
from comptoir.look.states import STATES
from comptoir.payments.refunds.words import reason_word
from comptoir.payments.return_codes import reason_in_words
from comptoir.payments.scan_line import ScanLine, write_scan_line
from comptoir.tenancy.queries import VendorRow

from .invitations import ROLES
from .letters import LetterFacts, places
from .move_notices import step_words
from .own_words import Words, own_words_mail
from .remedies import remedy_for
from .reminders import Written, shipped_words

VENDOR = VendorRow(
    id=1,
    slug="bistro",
    name="Bistro & Co Software",
    legal_name="Bistro & Co Software, Inc.",
    currency="USD",
    time_zone="America/Los_Angeles",
    language="en",
    address_lines=("500 Example Street, Suite 100", "Springfield, CA 90000"),
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
INVOICE_PAGE = f"{COMPANY_PAGES}/invoices/0a5f/"
METHODS, AUTOPAY = f"{COMPANY_PAGES}/methods/", f"{COMPANY_PAGES}/autopay/"
COMPANY = "Fish & Chips of Springfield LLC"
NUMBER, METHOD, CONFIRMATION = "BIS-000123", "Example Bank ••6789", "7QK4D-M2XWP"
AMOUNT_MINOR, OTHER_MINOR = 679_81, 357_50  # of the invoice of NUMBER, and of another one
TODAY, DUE = date(2020, 9, 16), date(2020, 10, 1)

Facts = dict[str, Any]


def slip_of(vendor: VendorRow) -> CheckSlip:
    """Return the slip of the made-up invoice."""
    line = ScanLine(vendor_number=1, company_number=482, invoice_number=123, amount_minor=AMOUNT_MINOR)
    return CheckSlip(
        scan_line=write_scan_line(line),
        payable_to=vendor.legal_name,
        remit_address=vendor.address_lines,
        pay_url=f"{COMPANY_PAGES}/invoices/8f2f4c2e-55c4-4f0e-8d3a-51f8f4b3a0c9/",
        portal_url=f"{PORTAL}/",
    )


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes amounts and days for a vendor's reader; its language is active."""

    vendor: VendorRow
    language: str

    def money(self, minor: int) -> str:
        """Write an amount of minor units."""
        return format_money(amount_minor=minor, currency=self.vendor.currency, language=self.language)

    def day(self, day: date) -> str:
        """Write a day."""
        return format_date(day=day, language=self.language)


def letter_facts(vendor: VendorRow, *, language: str) -> LetterFacts:
    """Return what the made-up company's letter says."""
    return LetterFacts(
        vendor=vendor.name,
        company=COMPANY,
        customer_number="C-1042",
        login_email="sam@fishandchips.example",
        first_month=format_month(month=DUE, language=language),
        deadline=format_date(day=date(2020, 9, 30), language=language),
        portal_url=f"{PORTAL}/",
        has_sample=True,
    )


def move_places(vendor: VendorRow, *, language: str) -> dict[str, str]:
    """Return what the made-up company's letters and reminders put into the places of their words."""
    with translation.override(language):
        missing = "\n".join(f"– {words}" for words in step_words().values())
        return {**places(letter_facts(vendor, language=language)), "missing": missing}


def move_notice(write: Writer, *, words: Callable[[], Words]) -> Facts:
    facts = move_places(write.vendor, language=write.language)
    return own_words_mail(words(), facts=facts, url=facts["portal"])


def invoice(write: Writer, *, pays_by: str, minor: int = AMOUNT_MINOR, told: Mapping[str, int] | None = None) -> Facts:
    """``told`` are amounts that the mail compares with, by their names in the template."""
    by_autopay = pays_by == "autopay"
    return {
        "company": COMPANY,
        "number": NUMBER,
        "amount": write.money(minor),
        "nothing_due": not minor,
        "due_on": write.day(DUE),
        "pays_by": pays_by,
        "collected_on": write.day(DUE) if by_autopay else "",
        "method": METHOD if by_autopay else "",
        "slip": slip_of(write.vendor) if pays_by == "check" else None,
        "last": "",
        "limit": "",
        "methods_url": METHODS,
        "autopay_url": AUTOPAY,
        "url": INVOICE_PAGE,
        **{name: write.money(amount) for name, amount in (told or {}).items()},
    }


def debit(write: Writer) -> Facts:
    return {
        "company": COMPANY,
        "number": NUMBER,
        "amount": write.money(AMOUNT_MINOR),
        "due_on": write.day(DUE),
        "collected_on": write.day(DUE),
        "method": METHOD,
        "last": write.money(OTHER_MINOR),
        "limit": write.money(500_00),
        "autopay_url": AUTOPAY,
        "url": INVOICE_PAGE,
    }


def credit_note(write: Writer, *, applied_minor: int) -> Facts:
    return {
        "company": COMPANY,
        "number": "BIS-CN-000007",
        "invoice": NUMBER,
        "amount": write.money(120_00),
        "applied": write.money(applied_minor) if applied_minor else "",
        "kept": write.money(120_00 - applied_minor),
        "url": INVOICE_PAGE,
    }


def payment(write: Writer, *, by_check: bool = False) -> Facts:
    return {
        "company": COMPANY,
        "amount": write.money(AMOUNT_MINOR + OTHER_MINOR),
        "method": gettext("your check %(number)s") % {"number": "1041"} if by_check else METHOD,
        "confirmation": CONFIRMATION,
        "day": write.day(date(2020, 10, 7)),
        "may_come_back": not by_check,
        "by_check": by_check,
        "autopay_url": METHODS,
        "invoices": [
            {
                "number": number,
                "amount": write.money(minor),
                "due_on": write.day(DUE),
                "url": f"{COMPANY_PAGES}/invoices/{number}/",
            }
            for number, minor in ((NUMBER, AMOUNT_MINOR), ("BIS-000124", OTHER_MINOR))
        ],
    }


def setback(write: Writer, *, code: str = "R01") -> Facts:
    return {
        **payment(write),
        "why": reason_in_words(code),
        "remedy": remedy_for(code),
        "pay_url": f"{COMPANY_PAGES}/",
        "methods_url": METHODS,
    }


def refund(write: Writer, *, by_check: bool = False) -> Facts:
    amount = write.money(OTHER_MINOR)
    if by_check:
        how = gettext("We wrote check {number} over {amount} for {company}.").format(
            number="1042", amount=amount, company=COMPANY
        )
    else:
        how = gettext("We sent {amount} for {company} back to {method}.").format(
            amount=amount, company=COMPANY, method=METHOD
        )
    return {
        "how": how,
        "when": gettext("It is on its way to the address on your invoices.")
        if by_check
        else gettext("Your bank shows it within a few banking days."),
        "amount": amount,
        "reason": reason_word("correction"),
        "payment": "" if by_check else CONFIRMATION,
        "credit": amount if by_check else "",
        "confirmation": "9HX2C-T4RBN",
        "invoices": [] if by_check else payment(write)["invoices"][1:],
    }


def refund_failed(write: Writer) -> Facts:
    return {
        "company": COMPANY,
        "amount": write.money(OTHER_MINOR),
        "confirmation": "9HX2C-T4RBN",
        "home_url": f"{COMPANY_PAGES}/",
    }


def again(write: Writer, *, nothing_due: bool = False) -> Facts:
    return {
        "company": COMPANY,
        "number": NUMBER,
        "due_on": write.day(DUE),
        "amount": write.money(AMOUNT_MINOR),
        "nothing_due": nothing_due,
        "url": INVOICE_PAGE,
    }


def on_behalf(write: Writer) -> Facts:
    statement = gettext(
        "On %(day)s, %(person)s authorised %(vendor)s for %(company)s to take %(amount)s once from %(method)s, on "
        "%(initiated)s or the next banking day. Confirmation number: %(confirmation)s. To revoke this before it is "
        "submitted, or with questions, write to %(email)s or call %(phone)s."
    ) % {
        "day": write.day(TODAY),
        "person": "Sam Fisher",
        "vendor": write.vendor.legal_name,
        "company": COMPANY,
        "amount": write.money(AMOUNT_MINOR),
        "method": METHOD,
        "initiated": write.day(TODAY),
        "confirmation": CONFIRMATION,
        "email": write.vendor.email,
        "phone": write.vendor.phone,
    }
    return {
        "company": COMPANY,
        "amount": write.money(AMOUNT_MINOR),
        "statement": statement,
        "url": f"{COMPANY_PAGES}/payments/0a5f/",
    }


def card(write: Writer, *, autopay: bool) -> Facts:
    return {
        "company": COMPANY,
        "method": "Visa ••4242",
        "last_day": write.day(date(2020, 10, 31)),
        "autopay": autopay,
        "url": METHODS,
    }


def verification(write: Writer, *, amounts: bool) -> Facts:
    return {
        "company": COMPANY,
        "arrives_on": write.day(date(2020, 9, 18)),
        "amounts": amounts,
        "to_pay": not amounts,
        "url": METHODS,
    }


def invitation(write: Writer) -> Facts:
    return {
        "email": "ana@bistro.example",
        "role": str(ROLES["manager"]),
        "invited_by": "owner@bistro.example",
        "expires_on": write.day(date(2020, 9, 23)),
        "url": f"{PORTAL}/console/invitation/8c2d1f/",
    }


def email_change(write: Writer) -> Facts:
    return {
        "company": COMPANY,
        "new_email": "new@fishandchips.example",
        "expires_on": write.day(date(2020, 9, 23)),
        "url": f"{PORTAL}/billing-email/8c2d1f/",
    }


def from_customer(write: Writer, *, urgent: bool) -> Facts:
    due = datetime(2020, 9, 17, 19, tzinfo=UTC)
    return {
        "url": f"{PORTAL}/console/{write.vendor.slug}/messages/5d1e/",
        "urgent": urgent,
        "answer_by": format_instant(instant=due, time_zone=write.vendor.time_zone, language=write.language),
    }


def sample_words(kind: Written, write: Writer) -> tuple[str, ...]:
    """Return a step's usual subject and paragraphs, filled in."""
    names = {
        "company": COMPANY,
        "amount": write.money(AMOUNT_MINOR),
        "since": write.day(DUE),
        "until": write.day(date(2020, 10, 25)),
        "products": "Enterprise Office, NetPOS",
    }
    return tuple(text.format(**names) for text in shipped_words()[kind])


def dunning(write: Writer, *, kind: Written) -> Facts:
    subject, *paragraphs = sample_words(kind, write)
    invoice = {"number": NUMBER, "due_on": write.day(DUE), "amount": write.money(AMOUNT_MINOR), "url": INVOICE_PAGE}
    return {
        "company": COMPANY,
        "subject": subject,
        "paragraphs": paragraphs,
        "amount": write.money(AMOUNT_MINOR),
        "invoices": [invoice],
        "url": f"{COMPANY_PAGES}/pay/",
    }


def standing(write: Writer, *, restricts: bool) -> Facts:
    facts = {"amount_minor": AMOUNT_MINOR, "currency": write.vendor.currency, "due_on": DUE.isoformat(), "invoices": 1}
    products = {"eRestaurant": "suspended", "NetPOS": "limited"} if restricts else {"eRestaurant": "good"}
    return {
        "company": COMPANY,
        "restricts": restricts,
        "products": ", ".join(products),
        "states": [(name, str(STATES[state].word)) for name, state in products.items()],
        "why": words_of(reason=Reason.OVERDUE if restricts else Reason.PAID, facts=facts),
        "way_back": way_back(reason=Reason.OVERDUE, facts=facts),
        "url": f"{COMPANY_PAGES}/",
    }
