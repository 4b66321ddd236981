"""Where a company's bills go: the address, asked to be changed, and the links by which that is agreed to or stopped."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from comptoir.customers import email_changes
from comptoir.customers.errors import EmailChangeRefused
from comptoir.customers.queries import billing_email, contacts
from comptoir.tenancy import doors

from .shell import CompanyRequest, company_page, page


class AddressForm(forms.Form):
    """Where the bills are to go."""

    email = forms.EmailField(
        label=gettext_lazy("New address for bills"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@company_page
def billing(request: CompanyRequest) -> HttpResponse:
    """Show where the bills go and what waits for an answer; take the wish for another address."""
    visit = request.visit
    form = AddressForm(request.POST or None)
    if form.is_bound and form.is_valid() and _asked(request, form):
        return redirect("portal:contacts", company=visit.company.public_id)
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        context = {
            "form": form,
            "email": billing_email(visit.company.id),
            "contacts": contacts(visit.company.id),
            "change": email_changes.open_change(visit.company.id, now=visit.now),
        }
    return page(request, "portal/contacts.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def billing_email_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a mailed link is for; whoever has it agrees to the change, or stops it. Nobody need be logged in."""
    change = email_changes.opened(token)
    done = request.method == "POST"
    if done:
        email_changes.use_link(token)
    return render(request, "portal/billing_email_link.html", {"change": change, "done": done})


def _asked(request: CompanyRequest, form: AddressForm) -> bool:
    visit = request.visit
    try:
        with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
            email_changes.ask_for_change(
                company_id=visit.company.id,
                vendor_id=visit.vendor.id,
                new_email=form.cleaned_data["email"],
                user_id=visit.user_id,
                actor=visit.actor,
                now=visit.now,
            )
    except EmailChangeRefused as error:
        form.add_error("email", str(error))
        return False
    return True
