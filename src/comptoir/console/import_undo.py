"""Undoing an import: what would go, what stands in the way, and a manager's reason."""

from django import forms
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from comptoir.cutover.errors import ImportNotFound
from comptoir.cutover.undoing import request_undo, undo_plan
from comptoir.kit.safe_words import SafeWords

from .acts import ActForm, act_page
from .imports import asked_import
from .shell import StaffRequest, door, staff_page

WHO_UNDOES = ("manager", "admin")
GONE_WORDS: dict[str, str | Promise] = {
    "companies": gettext_lazy("Companies, with their addresses"),
    "stores": gettext_lazy("Stores"),
    "services": gettext_lazy("Services"),
    "invoices": gettext_lazy("Old invoices"),
    "papers": gettext_lazy("PDFs of old invoices"),
}


class UndoForm(ActForm):
    """Say why what an import brought is taken away again."""

    title, button = gettext_lazy("Undo the import"), gettext_lazy("Take it away")
    done = gettext_lazy("The worker takes away what the import brought.")
    reason = SafeWords(
        label=gettext_lazy("Why"), help_text=gettext_lazy("Stays on record."), widget=forms.Textarea(attrs={"rows": 2})
    )
    number: int

    def act(self) -> None:
        """Ask the worker for it."""
        request_undo(
            vendor_id=self.visit.vendor.id,
            import_id=self.number,
            reason=self.cleaned_data["reason"],
            actor=self.visit.actor,
        )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WHO_UNDOES)
def undo(request: StaffRequest, number: int) -> HttpResponse:
    """Show what undoing an import would take away and what is in the way of it, and ask the worker for it."""
    visit = request.visit
    row = asked_import(visit, number)
    try:
        with door(visit):
            plan = undo_plan(vendor_id=visit.vendor.id, import_id=number)
    except ImportNotFound as error:
        raise Http404 from error

    return act_page(
        request,
        make=UndoForm.about(visit, number=number),
        back=reverse("console:import", kwargs={"vendor": visit.vendor.slug, "number": number}),
        context={
            "of": row.filename,
            "goes": [(GONE_WORDS[what], count) for what, count in plan.goes.items()],
            "obstacles": plan.obstacles,
        },
        template="console/imports/undo.html",
    )
