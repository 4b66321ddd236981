"""Corrections that wait for someone with a higher limit, and what each role may allow."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptoir.invoicing.correction_queries import ROLES, correction, limits, waiting_corrections
from comptoir.invoicing.corrections import approve_correction, refuse_correction, set_approval_limit
from comptoir.kit.safe_words import SafeWords

from .acts import ActForm, AmountField, act_page
from .invoices import in_words
from .shell import ROLE_WORDS, WRITERS, StaffRequest, StaffVisit, door, page, staff_page


class RefusalForm(ActForm):
    """Turn a correction down."""

    title, button, done = _("Turn down"), _("Turn it down"), _("The correction is refused.")
    why = SafeWords(label=_("Why"), help_text=_("Stays on record."), max_length=500)
    correction_id: int

    def act(self) -> None:
        """Turn it down."""
        refuse_correction(correction_id=self.correction_id, why=self.cleaned_data["why"], actor=self.visit.actor)


class LimitForm(ActForm):
    """Set what a role may allow."""

    title, button, done = _("Set a limit"), _("Set it"), _("The limit is set.")
    role: str

    def ask(self, role: str) -> "LimitForm":
        """Ask how much."""
        self.role = role
        currency = self.visit.vendor.currency
        now = next(row.limit_minor for row in limits(self.visit.vendor.id) if row.role == role)
        self.fields["limit"] = AmountField(
            label=f"{gettext('At once up to')} ({currency})",
            currency=currency,
            required=False,
            min_value=0,
            initial=now,
            help_text=_("Empty is without limit."),
        )
        return self

    def act(self) -> None:
        """Set it."""
        set_approval_limit(
            vendor_id=self.visit.vendor.id,
            role=self.role,
            limit_minor=self.cleaned_data["limit"],
            actor=self.visit.actor,
        )


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List what waits, and the limits."""
    visit = request.visit
    with door(visit):
        allowed = limits(visit.vendor.id)
        mine = next((row.limit_minor for row in allowed if row.role == visit.role), 0)
        context = {
            "waiting": [
                {**each, "mine": _is_for(each["row"], user_id=visit.user_id, limit_minor=mine)}
                for each in in_words(waiting_corrections(visit.vendor.id))
            ],
            "limits": [{"row": row, "role": ROLE_WORDS[row.role]} for row in allowed],
            "is_admin": visit.role == "admin",
        }
    return page(request, "console/invoices/corrections.html", context)


@require_POST
@staff_page(*WRITERS)
def approve(request: StaffRequest, number: int) -> HttpResponse:
    """Allow a correction."""
    visit = request.visit
    with door(visit):
        row = correction(vendor_id=visit.vendor.id, correction_id=number)
        approve_correction(correction_id=row.id, actor=visit.actor, role=visit.role)
    messages.success(request, gettext("The correction is allowed; it is being done."))
    return redirect("console:corrections", vendor=visit.vendor.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def refuse(request: StaffRequest, number: int) -> HttpResponse:
    """Turn a correction down."""
    visit = request.visit
    with door(visit):
        row = correction(vendor_id=visit.vendor.id, correction_id=number)

    context = {"of": gettext("Corrections"), "what": f"{row.invoice_number}, {row.company_name}"}
    return act_page(request, make=RefusalForm.about(visit, correction_id=row.id), back=_back(visit), context=context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("admin")
def limit(request: StaffRequest, role: str) -> HttpResponse:
    """Set what a role may allow."""
    visit = request.visit
    known = role if role in ROLES else "clerk"
    return act_page(
        request,
        make=lambda posted: LimitForm(posted, visit=visit).ask(known),
        back=_back(visit),
        context={"of": gettext("Corrections"), "what": ROLE_WORDS[known]},
    )


def _is_for(row: Any, *, user_id: int, limit_minor: int | None) -> bool:
    """Return whether this person may allow it: within the limit, and asked for by somebody else."""
    return row.requested_by_user_id != user_id and (limit_minor is None or row.amount_minor <= limit_minor)


def _back(visit: StaffVisit) -> str:
    return reverse("console:corrections", kwargs={"vendor": visit.vendor.slug})
