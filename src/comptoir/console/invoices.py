"""One invoice with all that happened to it, and what the billing team may ask to be given back or given up."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from comptoir.customers.queries import billing_email
from comptoir.invoicing import corrections, queries
from comptoir.invoicing.correction_queries import corrections as asked_for
from comptoir.invoicing.credit_queries import credit_notes_of_invoice
from comptoir.invoicing.crediting import remaining_lines
from comptoir.invoicing.errors import InvoiceNotFound
from comptoir.invoicing.explaining import explanations
from comptoir.invoicing.queries import InvoiceDetail
from comptoir.kit.safe_words import SafeWords
from comptoir.look.templatetags.look import money
from comptoir.payments.asking import ask_for_invoice_mail, ask_for_pay_link
from comptoir.payments.queries import payments_of_invoice
from comptoir.tenancy.queries import company

from .acts import ActForm, AmountField, act_page
from .shell import WRITERS, StaffRequest, StaffVisit, door, page, staff_page

KIND_WORDS = {"credit": _("Credit"), "void": _("Void"), "write_off": _("Write-off")}
REASON_WORDS = {"correction": _("We billed too much"), "goodwill": _("Goodwill")}
STATUS_WORDS = {
    "requested": (_("Waits for someone with a higher limit"), "warning"),
    "approved": (_("Under way"), "info"),
    "done": (_("Done"), "success"),
    "refused": (_("Refused"), "danger"),
}


class CorrectionForm(ActForm):
    """A correction of one invoice: what it takes is said in ``asked``."""

    done = _("Asked for. Within your limit it happens at once; above it, someone with a higher limit decides.")

    def __init__(self, *args: Any, invoice: InvoiceDetail, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invoice = invoice
        self.ask()
        self.fields["explanation"] = SafeWords(label=_("Why"), help_text=_("Stays on record."), max_length=500)

    def ask(self) -> None:
        """Add the fields that depend on the invoice."""

    @property
    def asked(self) -> dict[str, Any]:
        """Return which invoice, why, and who asks."""
        return {
            "invoice_id": self.invoice.row.id,
            "explanation": self.cleaned_data["explanation"],
            "actor": self.visit.actor,
            "role": self.visit.role,
        }


class CreditForm(CorrectionForm):
    """Give part of an invoice back."""

    title, button = _("Give a credit"), _("Ask for the credit")
    note = _("Amounts without taxes; the taxes of each line come back with it.")

    def ask(self) -> None:
        """Ask how much of each line, and for what reason."""
        self.fields["reason"] = forms.ChoiceField(label=_("Reason"), choices=list(REASON_WORDS.items()))
        lines = {line.position: line for line in self.invoice.lines}
        currency = self.invoice.row.currency
        for left in remaining_lines(self.invoice.row.id):
            line = lines[left.corrects]
            if not left.amount_minor:
                continue
            self.fields[f"line_{line.position}"] = AmountField(
                label=" ".join(filter(None, [line.description, line.location_label])),
                currency=currency,
                required=False,
                min_value=0,
                help_text=gettext("Up to %(amount)s") % {"amount": money(left.amount_minor, currency)},
            )

    def act(self) -> None:
        """Ask for it."""
        given = self.cleaned_data
        amounts = {
            int(name.removeprefix("line_")): value
            for name, value in given.items()
            if name.startswith("line_") and value
        }
        corrections.request_credit(**self.asked, amounts=amounts, reason=given["reason"])


class VoidForm(CorrectionForm):
    """Take a whole invoice back."""

    title, button = _("Void the invoice"), _("Ask for it to be voided")
    note = _(
        "All that is left of it is credited; the next bill run bills its days and its one-off charges anew. "
        "What shall not be charged again is withdrawn among the company's services."
    )

    def act(self) -> None:
        """Ask for it."""
        corrections.request_void(**self.asked)


class WriteOffForm(CorrectionForm):
    """Give up what is open."""

    title, button = _("Write off what is open"), _("Ask for the write-off")
    note = _("What is open and not on its way is given up as bad debt. Taxes owed stay owed.")

    def act(self) -> None:
        """Ask for it."""
        corrections.request_write_off(**self.asked)


class MailForm(ActForm):
    """Something about one invoice that is mailed to its company: the address is said first."""

    def __init__(self, *args: Any, invoice: InvoiceDetail, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invoice = invoice
        to = billing_email(invoice.row.company_id)
        self.note = gettext("It goes to %(address)s.") % {"address": to} if to else self.nowhere
        self.to = to

    nowhere = _("This company has no e-mail address; nothing can be sent.")

    def clean(self) -> dict[str, Any]:
        """Refuse where there is nobody to send it to."""
        if not self.to:
            raise forms.ValidationError(self.nowhere)
        return self.cleaned_data

    @property
    def asked(self) -> dict[str, Any]:
        """Return whose it is, and who asks."""
        visit = self.visit
        return {"company_id": self.invoice.row.company_id, "vendor_id": visit.vendor.id, "actor": visit.actor}


class ResendForm(MailForm):
    """Mail the invoice once more."""

    title, button, done = _("Send the invoice again"), _("Send it"), _("The invoice is being sent.")

    def act(self) -> None:
        """Have it sent."""
        ask_for_invoice_mail(invoice=self.invoice.row.public_id, **self.asked)


class PayLinkForm(MailForm):
    """Mail a link under which the invoice is paid."""

    title, button, done = _("Send a link to pay"), _("Send the link"), _("The link is being sent.")

    def act(self) -> None:
        """Have it sent."""
        ask_for_pay_link(invoices=[self.invoice.row.public_id], **self.asked)


ACTS: dict[str, type[CorrectionForm] | type[MailForm]] = {
    "credit": CreditForm,
    "void": VoidForm,
    "write-off": WriteOffForm,
    "resend": ResendForm,
    "pay-link": PayLinkForm,
}


@require_safe
@staff_page()
def detail(request: StaffRequest, invoice: UUID) -> HttpResponse:
    """Show an invoice: lines, taxes, what was applied to it, what was asked for it."""
    visit = request.visit
    with door(visit):
        found = _asked_invoice(visit, invoice)
        why = explanations(invoice=found.row.public_id, currency=found.row.currency)
        context = {
            "invoice": found,
            "row": found.row,
            "lines": [{"row": line, "why": why.get(line.position, ())} for line in found.lines],
            "company": company(found.row.company_id),
            "net_minor": sum(line.amount_minor for line in found.lines),
            "applied": [each for each in found.allocations if each.source != "payment"],
            "payments": payments_of_invoice(found.row.id),
            "credit_notes": credit_notes_of_invoice(found.row.id),
            "corrections": in_words(asked_for(invoice_id=found.row.id)),
            "may_credit": bool(remaining_lines(found.row.id)),
        }
    return page(request, "console/invoices/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def act(request: StaffRequest, invoice: UUID, what: str) -> HttpResponse:
    """Ask for a correction."""
    visit = request.visit
    if what not in ACTS:
        raise Http404
    with door(visit):
        found = _asked_invoice(visit, invoice)
        buyer = company(found.row.company_id)
    return act_page(
        request,
        make=lambda posted: ACTS[what](posted, visit=visit, invoice=found),
        back=reverse("console:invoice", kwargs={"vendor": visit.vendor.slug, "invoice": invoice}),
        context={"of": found.row.number, "what": buyer.name},
    )


def in_words(rows: list[Any]) -> list[dict[str, object]]:
    """Return corrections with the words for what they are and where they stand."""
    return [
        {"row": row, "kind": KIND_WORDS[row.kind], "status": STATUS_WORDS[row.status][0],
         "tone": STATUS_WORDS[row.status][1]}
        for row in rows
    ]  # fmt: skip


def _asked_invoice(visit: StaffVisit, public_id: UUID) -> InvoiceDetail:
    """Return the invoice of the address, within the door. Raises Http404 where the vendor has no such invoice."""
    try:
        found = queries.invoice(public_id)
    except InvoiceNotFound as error:
        raise Http404 from error
    if found.vendor_id != visit.vendor.id:
        raise Http404
    return found
