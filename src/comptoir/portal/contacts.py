"""Where a company's bills go: the address, further ones, the language, e-mail or paper."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comptoir.customers import email_changes
from comptoir.customers.errors import EmailChangeRefused, PaperRefused, RecipientNotFound, RecipientRefused
from comptoir.customers.papers import invoices_by, want_invoices_by
from comptoir.customers.queries import billing_email
from comptoir.customers.recipients import ask_recipient, end_recipient, recipients
from comptoir.kit.errors import ComptoirError
from comptoir.tenancy import doors
from comptoir.tenancy.operations import set_company_language

from .shell import CompanyRequest, Visit, company_page, once, page

WAYS = [
    ("email", gettext_lazy("By e-mail, as PDF")),
    ("both", gettext_lazy("By e-mail, and on paper by post")),
    ("post", gettext_lazy("On paper by post, and not by e-mail")),
]


class AddressForm(forms.Form):
    """Where the bills are to go."""

    email = forms.EmailField(
        label=gettext_lazy("New address for bills"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class FurtherForm(forms.Form):
    """Who is to get the bills, too."""

    email = forms.EmailField(
        label=gettext_lazy("Further address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    prefix = "further"


class LanguageForm(forms.Form):
    """The language in which a company is written to."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language of e-mails and invoices"),
        choices=[(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES],
        widget=forms.RadioSelect(),
    )


class PaperForm(forms.Form):
    """How invoices are to come."""

    way = forms.ChoiceField(label=gettext_lazy("How invoices come"), choices=WAYS, widget=forms.RadioSelect())


@require_http_methods(["GET", "HEAD", "POST"])
@company_page
def billing(request: CompanyRequest) -> HttpResponse:
    """Show where the bills go and what waits for an answer; take the wish for another address."""
    visit = request.visit
    form = AddressForm(request.POST or None)

    def ask() -> None:
        once(request, done_at="portal:contacts")
        email_changes.ask_for_change(
            company_id=visit.company.id,
            vendor_id=visit.vendor.id,
            new_email=form.cleaned_data["email"],
            user_id=visit.user_id,
            actor=visit.actor,
            now=visit.now,
        )

    return _settled(request, form, field="email", refusal=EmailChangeRefused, act=ask, name="form")


@require_POST
@company_page
def ask_further(request: CompanyRequest) -> HttpResponse:
    """Ask a further address whether it wants the bills."""
    visit = request.visit
    form = FurtherForm(request.POST)

    def ask() -> None:
        once(request, done_at="portal:contacts")
        ask_recipient(
            company_id=visit.company.id,
            vendor_id=visit.vendor.id,
            email=form.cleaned_data["email"],
            user_id=visit.user_id,
            actor=visit.actor,
            now=visit.now,
        )

    return _settled(request, form, field="email", refusal=RecipientRefused, act=ask, name="further_form")


@require_POST
@company_page
def end_further(request: CompanyRequest, recipient: UUID) -> HttpResponse:
    """Have a further address get no more bills."""
    visit = request.visit
    try:
        with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
            end_recipient(
                company_id=visit.company.id,
                vendor_id=visit.vendor.id,
                public_id=recipient,
                actor=visit.actor,
                now=visit.now,
            )
    except RecipientNotFound as error:
        raise Http404 from error
    messages.success(request, _("This address gets no more of your bills."))
    return redirect("portal:contacts", company=visit.company.public_id)


@require_POST
@company_page
def language(request: CompanyRequest) -> HttpResponse:
    """Take the language in which the company wants to be written to."""
    visit = request.visit
    form = LanguageForm(request.POST)

    def choose() -> None:
        set_company_language(company=visit.company, language=form.cleaned_data["language"], actor=visit.actor)
        messages.success(request, _("Saved. What was written before stays as it is."))

    return _settled(request, form, field="language", refusal=ComptoirError, act=choose, name="language_form")


@require_POST
@company_page
def papers(request: CompanyRequest) -> HttpResponse:
    """Take how the company wants its invoices."""
    visit = request.visit
    form = PaperForm(request.POST)

    def choose() -> None:
        want_invoices_by(company=visit.company, way=form.cleaned_data["way"], actor=visit.actor)
        messages.success(request, _("Saved. It holds from the next invoice on."))

    return _settled(request, form, field="way", refusal=PaperRefused, act=choose, name="paper_form")


def _settled(
    request: CompanyRequest,
    form: forms.Form,
    *,
    field: str,
    refusal: type[ComptoirError],
    act: Callable[[], None],
    name: str,
) -> HttpResponse:
    """Do what a sound form asks for and show the page anew; else show it with what is wrong, and nothing lost."""
    visit = request.visit
    if form.is_bound and form.is_valid():
        try:
            with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
                act()
        except refusal as error:
            form.add_error(field, str(error))
        else:
            return redirect("portal:contacts", company=visit.company.public_id)
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        context = _context(visit)
    return page(request, "portal/contacts.html", {**context, name: form})


def _context(visit: Visit) -> dict[str, Any]:
    return {
        "form": AddressForm(),
        "further_form": FurtherForm(),
        "language_form": LanguageForm(initial={"language": visit.company.language}),
        "paper_form": PaperForm(initial={"way": invoices_by(visit.company.id)}),
        "email": billing_email(visit.company.id),
        "change": email_changes.open_change(visit.company.id, now=visit.now),
        "recipients": [(row, row.is_asked(visit.now)) for row in recipients(visit.company.id)],
    }
