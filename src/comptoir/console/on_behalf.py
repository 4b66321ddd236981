"""Taking a payment for a customer who asked for it: from a saved method, with the consent on record."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from comptoir.invoicing.queries import invoices
from comptoir.kit.safe_words import SafeWords
from comptoir.look.day_input import DayInput
from comptoir.look.templatetags.look import money
from comptoir.payments.consent import return_fee_in_words
from comptoir.payments.evidence import CHANNEL_WORDS
from comptoir.payments.on_behalf import Clerk, Said, pay_on_behalf
from comptoir.payments.ordering import Order
from comptoir.payments.policies import policy_of
from comptoir.payments.queries import methods
from comptoir.tenancy.queries import CompanyRow

from .acts import ActForm, act_page
from .companies import asked_company
from .shell import WRITERS, StaffRequest, door, staff_page

LONGEST_WORDS = 1000


class OnBehalfForm(ActForm):
    """Which invoices, from which saved method, and how the customer consented."""

    title, button = _("Take a payment for the customer"), _("Take the payment")
    done = _("The payment is on its way. The customer gets a mail that says so.")
    note = _(
        "Only from a method that the customer has saved, and only with the customer’s word for this one payment. Never "
        "ask for a card or account number."
    )

    def __init__(self, *args: Any, company: CompanyRow, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company
        self.payable = [row for row in invoices(company_id=company.id, open_only=True) if row.payable_minor > 0]
        saved = [method for method in methods(company.id) if not method.unusable_reason]
        self.fields["invoices"] = forms.MultipleChoiceField(
            label=_("Invoices"),
            choices=[
                (str(row.public_id), f"{row.number} · {money(row.payable_minor, row.currency)}") for row in self.payable
            ],
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["method"] = forms.ChoiceField(
            label=_("From"), choices=[(str(method.public_id), method.label) for method in saved]
        )
        self.fields["given_by"] = SafeWords(
            label=_("Who consented"), help_text=_("Name and role in the company."), max_length=200
        )
        self.fields["channel"] = forms.ChoiceField(
            label=pgettext_lazy("consent", "How"), choices=list(CHANNEL_WORDS.items())
        )
        self.fields["given_on"] = forms.DateField(label=_("On which day"), widget=DayInput(), initial=self.visit.today)
        self.fields["words"] = SafeWords(
            label=_("In which words"),
            help_text=_("As close to what was said or written as you can. Stays on record as evidence."),
            widget=forms.Textarea(attrs={"rows": 3}),
            max_length=LONGEST_WORDS,
        )

    def act(self) -> None:
        """Take it."""
        given, visit = self.cleaned_data, self.visit
        chosen = [row for row in self.payable if str(row.public_id) in given["invoices"]]
        pay_on_behalf(
            clerk=Clerk(
                user_id=visit.user_id, actor=visit.actor, vendor=visit.vendor, today=visit.today, now=visit.now
            ),
            company=self.company,
            order=Order(
                invoices=[row.public_id for row in chosen], amount_minor=sum(row.payable_minor for row in chosen)
            ),
            method_public_id=UUID(given["method"]),
            said=Said(
                given_by=given["given_by"], channel=given["channel"], given_on=given["given_on"], words=given["words"]
            ),
        )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def take(request: StaffRequest, company: UUID) -> HttpResponse:
    """Take a payment on a customer's word."""
    visit = request.visit
    with door(visit):
        row = asked_company(visit, company)
        told = return_fee_in_words(policy_of(visit.vendor.id), vendor=visit.vendor)
    stated = gettext("The customer is mailed the statement of what was consented to.")
    return act_page(
        request,
        make=lambda posted: OnBehalfForm(posted, visit=visit, company=row),
        back=reverse("console:company", kwargs={"vendor": visit.vendor.slug, "company": company}),
        context={"of": row.name, "what": f"{stated} {told}".strip()},
    )
