"""What a moved company is told after its letter: what it has still to do, and at the deadline that it pays by check."""

from __future__ import annotations

from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.documents import operations as documents
from comptoir.documents.rendering import render
from comptoir.kit.dates import format_date, format_month
from comptoir.tenancy.queries import CompanyRow, VendorRow, company, vendor

from . import links
from .composing import write
from .letters import LetterFacts, letter_document, places
from .own_words import Words, own_words_mail
from .papers import party


def send_move_notice(
    *,
    company_id: int,
    key: str,
    to: str,
    first_invoice_month: date,
    deadline: date,
    link: str,
    words: Words,
    missing: tuple[str, ...] = (),
) -> bool:
    """Mail a moved company ``words``, the ``missing`` steps in their place; once per ``key``."""
    buyer = company(company_id)
    seller = vendor(buyer.vendor_id)
    facts = _facts(buyer=buyer, seller=seller, to=to, first_invoice_month=first_invoice_month, deadline=deadline)
    with translation.override(buyer.language):
        said = {step: words_of_step for step, words_of_step in step_words().items() if step in missing}
        list_of_steps = "\n".join(f"– {words_of_step}" for words_of_step in said.values())
        mail = own_words_mail(words, facts={**places(facts), "missing": list_of_steps}, url=links.letter_url(link))
    return write(
        name="own_words",
        key=key,
        vendor=seller,
        company_id=buyer.id,
        language=buyer.language,
        to=to,
        facts=mail,
    )


def keep_move_paper(
    *, company_id: int, reference: str, first_invoice_month: date, deadline: date, today: date, words: Words | None
) -> None:
    """Keep under ``reference`` the paper that tells a moved company at the deadline that it pays by check.

    In ``words``, or in the shipped ones for whoever has no e-mail address. Again, it changes nothing.
    """
    buyer = company(company_id)
    seller = vendor(buyer.vendor_id)
    facts = _facts(buyer=buyer, seller=seller, to="", first_invoice_month=first_invoice_month, deadline=deadline)
    with translation.override(buyer.language):
        words = words or shipped_deadline(by_mail=False)
        filename = _("Letter {number}.pdf").format(number=buyer.number)
    document = letter_document(
        facts=facts, vendor=seller, recipient=party(buyer), today=today, language=buyer.language, text=words
    )
    documents.store(
        vendor_id=seller.id, company_id=buyer.id, reference=reference, filename=filename, content=render(document)
    )


def step_words() -> dict[str, str]:
    """Return what each step is called that a moved company is asked for, in order."""
    return {
        "password": _("Set your password"),
        "stores": _("Check that the stores shown are yours"),
        "method": _("Save a bank account or a card, and agree to automatic payment"),
    }


def shipped_reminder() -> Words:
    """Return the shipped reminder with its places, in the language that is active."""
    return Words(
        subject=_("Please finish by {deadline}: your {vendor} invoices have moved"),
        body="\n\n".join(
            (
                _("We wrote to you that the invoices of {company} come from a new portal, from {month} on."),
                _("This is still missing:"),
                "{missing}",
                _(
                    "Open the portal, choose “Forgot password?” and type {email}: a link comes to that address. It "
                    "takes a few minutes."
                ),
                _(
                    "Without a payment method by {deadline} you count as paying by check: nothing is collected "
                    "automatically any more, and every invoice comes with a slip for your check."
                ),
            )
        ),
    )


def shipped_deadline(*, by_mail: bool = True) -> Words:
    """Return the shipped word at the deadline with its places, in the language that is active; for paper without."""
    return Words(
        subject=_("You pay {vendor} by check from now on"),
        body="\n\n".join(
            (
                _(
                    "No payment method was saved for {company} by {deadline}. So nothing is collected automatically: "
                    "your invoices, from {month} on, come with a slip for your check, and are to be paid by their due "
                    "date."
                ),
                _(
                    "You can change this at any time: open the portal with {email}, save a bank account or a card, and "
                    "agree to automatic payment. From then on we collect again, and no check is needed."
                )
                if by_mail
                else _(
                    "You can change this at any time: call or write to us with an e-mail address and your customer "
                    "number {customer_number}, and we let you into the portal. With a bank account or a card saved "
                    "there, and automatic payment agreed to, we collect again, and no check is needed."
                ),
                _("Without a payment arrangement you may lose access to the products you subscribe to."),
            )
        ),
    )


def _facts(*, buyer: CompanyRow, seller: VendorRow, to: str, first_invoice_month: date, deadline: date) -> LetterFacts:
    return LetterFacts(
        vendor=seller.name,
        company=buyer.name,
        customer_number=buyer.number,
        login_email=to,
        first_month=format_month(month=first_invoice_month, language=buyer.language),
        deadline=format_date(day=deadline, language=buyer.language),
        portal_url=links.start_url(),
        has_sample=False,
    )
