"""What a moved company is told after its letter: what it has still to do, and at the deadline that it pays by check."""

from __future__ import annotations

from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.tenancy.queries import company, vendor

from . import links
from .composing import write
from .letters import keep_letter, letter_facts, places
from .own_words import Words, own_words_mail


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
    facts = letter_facts(
        buyer=buyer, seller=seller, login_email=to, first_invoice_month=first_invoice_month, deadline=deadline
    )
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
    facts = letter_facts(
        buyer=buyer, seller=seller, login_email="", first_invoice_month=first_invoice_month, deadline=deadline
    )
    with translation.override(buyer.language):
        text = words or shipped_deadline(by_mail=False)
    keep_letter(buyer=buyer, seller=seller, reference=reference, facts=facts, today=today, text=text)


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
