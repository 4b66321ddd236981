"""Mail that needs someone: in doubt, kept back, failed; and the addresses that it came back from."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptoir.kit.safe_words import SafeWords
from comptoir.mailer.operations import DECISIONS, clear_address, request_decision
from comptoir.mailer.queries import failed_messages, marked_addresses, messages_to_decide

from .acts import ActForm, act_page
from .shell import WRITERS, StaffRequest, StaffVisit, door, page, staff_page


class ClearForm(ActForm):
    """Let mail go to an address again."""

    title, button = _("Let mail go there again"), _("Clear the mark")
    note = _("Make sure that the address is right; mail that keeps coming back harms the delivery of all other mail.")
    done = _("The address is clear. What was kept back is sent when you say so.")
    reason = SafeWords(label=_("Why"), help_text=_("Stays on record."), max_length=500)
    address_id: int

    def act(self) -> None:
        """Clear it."""
        visit = self.visit
        clear_address(
            vendor_id=visit.vendor.id,
            address_id=self.address_id,
            actor=visit.actor,
            now=visit.now,
            reason=self.cleaned_data["reason"],
        )


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List what needs someone."""
    visit = request.visit
    with door(visit):
        context = {
            "addresses": marked_addresses(visit.vendor.id),
            "undecided": messages_to_decide(visit.vendor.id),
            "failed": failed_messages(visit.vendor.id),
        }
    return page(request, "console/mail/index.html", context)


@require_POST
@staff_page(*WRITERS)
def decide(request: StaffRequest, message: int, decision: str) -> HttpResponse:
    """Have a message sent, take it as arrived, or drop it."""
    visit = request.visit
    known = next((each for each in DECISIONS if each == decision), None)
    if known is None:
        raise Http404
    with door(visit):
        request_decision(vendor_id=visit.vendor.id, message_id=message, decision=known, actor=visit.actor)
    messages.success(request, gettext("It is being done; the list shows it in a moment."))
    return redirect(_back(visit))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def clear(request: StaffRequest, address: int) -> HttpResponse:
    """Clear the mark of an address."""
    visit = request.visit
    with door(visit):
        row = next((each for each in marked_addresses(visit.vendor.id) if each.id == address), None)
    if row is None:
        raise Http404

    return act_page(
        request,
        make=ClearForm.about(visit, address_id=row.id),
        back=_back(visit),
        context={"of": gettext("Mail"), "what": row.address},
    )


def _back(visit: StaffVisit) -> str:
    return reverse("console:mail", kwargs={"vendor": visit.vendor.slug})
