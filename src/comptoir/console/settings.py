"""How a vendor bills: how long ahead, and when it is due; with who set it so before."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from comptoir.tenancy.operations import BILLING_TERMS_SET, set_billing_terms
from comptoir.tenancy.queries import trail_of

from .acts import ActForm, act_page
from .shell import StaffRequest, door, page, staff_page

WHO_SETS = ("admin",)


class TermsForm(ActForm):
    """Say when invoices are issued and due."""

    title, button = _("When invoices are issued and due"), _("Save")
    done = _("Saved; the next bill run follows it.")
    note = _("What is issued already keeps its due date. A company's own days to pay count before these.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        vendor = self.visit.vendor
        self.fields["invoice_lead_days"] = forms.IntegerField(
            label=_("Days before a period starts on which its invoice is issued"),
            initial=vendor.invoice_lead_days,
            min_value=0,
        )
        self.fields["terms_days"] = forms.IntegerField(
            label=_("Days after a period starts on which its invoice is due"),
            initial=vendor.terms_days,
            min_value=0,
        )

    def act(self) -> None:
        """Set it."""
        set_billing_terms(vendor_id=self.visit.vendor.id, actor=self.visit.actor, **self.cleaned_data)


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """Show how the vendor bills, and every change of it."""
    visit = request.visit
    with door(visit):
        history = trail_of(subject=f"vendor:{visit.vendor.id}", action=BILLING_TERMS_SET)
    return page(request, "console/settings.html", {"history": history, "may_set": visit.role in WHO_SETS})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WHO_SETS)
def terms(request: StaffRequest) -> HttpResponse:
    """Set when invoices are issued and due."""
    visit = request.visit
    return act_page(
        request,
        make=lambda posted: TermsForm(posted, visit=visit),
        back=reverse("console:settings", kwargs={"vendor": visit.vendor.slug}),
        context={"of": gettext("Settings"), "what": visit.vendor.name},
    )
