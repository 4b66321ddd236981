"""The letter by which a company learns that its billing moves, with a sample of its first invoice here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.documents import operations as documents
from comptoir.documents.data import LetterDocument, Party
from comptoir.documents.rendering import render
from comptoir.invoicing.preview import sample_invoice
from comptoir.kit.dates import format_date, format_month
from comptoir.mailer.operations import File
from comptoir.tenancy.queries import CompanyRow, VendorRow, company, vendor

from . import links
from .composing import write
from .documents import letter_reference, sample_reference
from .own_words import Words, filled, own_words_mail, paragraphs
from .papers import brand, party, sample_paper


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFacts:
    """What the letter says, written out in the company's language."""

    vendor: str
    company: str
    customer_number: str
    login_email: str
    first_month: str
    deadline: str
    portal_url: str
    has_sample: bool


def send_letter(
    *,
    company_id: int,
    to: str | None,
    login_email: str | None,
    first_invoice_month: date,
    deadline: date,
    today: date,
    edition: int = 0,
    link: str = "",
    text: Words | None = None,
) -> bool:
    """Make a company's cutover letter and sample invoice, keep both, and mail them to ``to``.

    ``login_email`` is the address that opens the portal, ``to`` itself if not given. Without ``to`` the papers
    are kept, to be sent by post, and False is returned; so it is when this ``edition`` of the letter was mailed before.
    ``link`` is in the mail's address of the portal. ``text`` is the vendor's own, in the company's language; without,
    the shipped one is sent. Runs inside the caller's transaction.
    """
    buyer = company(company_id)
    seller = vendor(buyer.vendor_id)
    sample = _sample(buyer=buyer, seller=seller, first_invoice_month=first_invoice_month, edition=edition)
    facts = letter_facts(
        buyer=buyer,
        seller=seller,
        login_email=login_email or to or "",
        first_invoice_month=first_invoice_month,
        deadline=deadline,
        has_sample=sample is not None,
    )
    reference = letter_reference(buyer.public_id, edition=edition)
    letter = keep_letter(buyer=buyer, seller=seller, reference=reference, facts=facts, today=today, text=text)
    if not to:
        return False
    url = links.letter_url(link) if link else facts.portal_url
    name, said = ("own_words", own_words_mail(text, facts=places(facts), url=url)) if text else ("cutover_letter", {})
    return write(
        name=name,
        key=reference,
        vendor=seller,
        company_id=buyer.id,
        language=buyer.language,
        to=to,
        facts=said or {"letter": replace(facts, portal_url=url)},
        attachments=[letter, sample] if sample else [letter],
    )


def letter_facts(
    *,
    buyer: CompanyRow,
    seller: VendorRow,
    login_email: str,
    first_invoice_month: date,
    deadline: date,
    has_sample: bool = False,
) -> LetterFacts:
    """Return what a letter to the buyer says, in the buyer's language."""
    return LetterFacts(
        vendor=seller.name,
        company=buyer.name,
        customer_number=buyer.number,
        login_email=login_email,
        first_month=format_month(month=first_invoice_month, language=buyer.language),
        deadline=format_date(day=deadline, language=buyer.language),
        portal_url=links.start_url(),
        has_sample=has_sample,
    )


def places(facts: LetterFacts) -> dict[str, str]:
    """Return what a vendor's own text may name of a letter, by the names of LETTER_PLACES."""
    return {
        "vendor": facts.vendor,
        "company": facts.company,
        "customer_number": facts.customer_number,
        "email": facts.login_email or "–",
        "month": facts.first_month,
        "deadline": facts.deadline,
        "portal": facts.portal_url,
    }


def shipped_letter() -> Words:
    """Return the shipped letter with its places, in the language that is active."""
    facts = LetterFacts(
        vendor="{vendor}",
        company="{company}",
        customer_number="{customer_number}",
        login_email="{email}",
        first_month="{month}",
        deadline="{deadline}",
        portal_url="{portal}",
        has_sample=True,
    )
    return Words(subject=_("Your invoices move to a new portal"), body="\n\n".join(_paragraphs(facts)))


def letter_document(
    *, facts: LetterFacts, vendor: VendorRow, recipient: Party, today: date, language: str, text: Words | None = None
) -> LetterDocument:
    """Return the letter in ``language``, in the vendor's look, and words if there are own ones."""
    with translation.override(language):
        return LetterDocument(
            brand=brand(vendor),
            recipient=recipient,
            written_on=today,
            subject=filled(text.subject, places(facts)) if text else _("Your invoices move to a new portal"),
            paragraphs=paragraphs(text, facts=places(facts)) if text else _paragraphs(facts),
            language=language,
            greeting=_("Dear customer,"),
            closing=_("Kind regards"),
            signature=(_("{vendor} Billing").format(vendor=vendor.name),),
            portal_url=facts.portal_url,
        )


def keep_letter(
    *, buyer: CompanyRow, seller: VendorRow, reference: str, facts: LetterFacts, today: date, text: Words | None
) -> File:
    """Make a letter in the buyer's language, keep it under ``reference``, and return it; again, it is the first."""
    document = letter_document(
        facts=facts, vendor=seller, recipient=party(buyer), today=today, language=buyer.language, text=text
    )
    with translation.override(buyer.language):
        filename = _("Letter {number}.pdf").format(number=buyer.number)
    return _kept(buyer=buyer, reference=reference, filename=filename, content=render(document))


def _sample(*, buyer: CompanyRow, seller: VendorRow, first_invoice_month: date, edition: int) -> File | None:
    preview = sample_invoice(company_id=buyer.id, for_month=first_invoice_month)
    if preview is None:
        return None
    with translation.override(buyer.language):
        filename = _("Sample invoice {number}.pdf").format(number=buyer.number)
        content = render(sample_paper(preview=preview, vendor=seller))
    return _kept(
        buyer=buyer,
        reference=sample_reference(buyer.public_id, edition=edition),
        filename=filename,
        content=content,
    )


def _kept(*, buyer: CompanyRow, reference: str, filename: str, content: bytes) -> File:
    stored = documents.store(
        vendor_id=buyer.vendor_id,
        company_id=buyer.id,
        reference=reference,
        filename=filename,
        content=content,
    )
    return File(filename=stored.filename, content=stored.content)


def _paragraphs(facts: LetterFacts) -> tuple[str, ...]:
    """The letter's words; the mail says the same more briefly."""
    return (
        _(
            "From your invoices of {month} on, we bill you through a new portal. It is open day and night: there "
            "you see what is due, pay it, keep your stores and your billing address up to date, and find every "
            "invoice made in it. Your products and your prices do not change."
        ).format(month=facts.first_month),
        *([_("A sample of your invoice comes with this letter.")] if facts.has_sample else []),
        _(
            "Your card or bank details cannot be carried over: they lie locked with our former payment "
            "processor, and neither it nor we can read them. Please enter them once more, on the new "
            "processor's own secure page. We never see or keep them."
        ),
        _how_to_log_in(facts),
        _(
            "Please save a payment method by {deadline}. Without one, you count as paying by check from then on, "
            "and nothing is collected automatically any more; you can still pay each invoice online by "
            "electronic check, without saving anything."
        ).format(deadline=facts.deadline),
        _(
            "Our services are due in advance, so every invoice must be paid by its due date. Without a payment "
            "arrangement you may lose access to the products you subscribe to."
        ),
    )


def _how_to_log_in(facts: LetterFacts) -> str:
    if not facts.login_email:
        return _(
            "We have no e-mail address of yours. Please call or write to us with one, and your customer number "
            "{number}; we will let you in."
        ).format(number=facts.customer_number)
    return _(
        "To log in for the first time, open the portal, choose “Forgot password?” and type your e-mail address, "
        "{email}. We send a link to it with which you set your password."
    ).format(email=facts.login_email)
