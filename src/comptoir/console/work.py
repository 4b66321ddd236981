"""What waits for a person of the billing team: one list, whatever it is about."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptoir.kit.safe_words import SafeWords
from comptoir.work.operations import assign_work, close_item
from comptoir.work.queries import count_waiting, kinds_waiting, open_item, waiting

from .acts import ActForm, act_page
from .shell import WRITERS, StaffRequest, StaffVisit, door, page, page_number, staff_page
from .work_kinds import KINDS

ROWS_A_PAGE = 50


class SettleForm(ActForm):
    """Take an item off the list."""

    title, button, done = _("Settle"), _("Take it off the list"), _("It is off the list.")
    note_text = SafeWords(
        label=_("What was done"), help_text=_("Stays on record."), max_length=500, widget=forms.Textarea({"rows": 3})
    )
    item_id: int

    def act(self) -> None:
        """Take it off."""
        close_item(
            vendor_id=self.visit.vendor.id,
            item_id=self.item_id,
            actor=self.visit.actor,
            now=self.visit.now,
            note=self.cleaned_data["note_text"],
        )


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List what waits; the address keeps the kind, and whether only the visitor's own is wanted."""
    visit = request.visit
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    mine = request.GET.get("mine") == "yes"
    wanted = {"vendor_id": visit.vendor.id, "kind": kind, "assigned_to": visit.user_id if mine else None}
    number = page_number(request)
    with door(visit):
        total = count_waiting(**wanted)  # type: ignore[arg-type]
        rows = waiting(**wanted, limit=ROWS_A_PAGE, offset=(number - 1) * ROWS_A_PAGE)  # type: ignore[arg-type]
        counts = kinds_waiting(visit.vendor.id)
    context = {
        "rows": [
            {
                "row": row,
                "kind": KINDS[row.kind],
                "words": KINDS[row.kind].words,
                "page": (found := KINDS[row.kind].page) and found(visit.vendor.slug, row),
                "late": row.due_at is not None and row.due_at < visit.now,
                "is_mine": row.assigned_user_id == visit.user_id,
            }
            for row in rows
        ],
        "kinds": [(name, KINDS[name].title, count) for name, count in counts.items()],
        "kind": kind,
        "mine": mine,
        "total": total,
        "page_number": number,
        "pages": max(-(-total // ROWS_A_PAGE), 1),
    }
    return page(request, "console/work.html", context)


@require_POST
@staff_page(*WRITERS)
def take(request: StaffRequest, item: int) -> HttpResponse:
    """Take an item to oneself, or with ``back`` leave it to all again."""
    visit = request.visit
    user_id = None if "back" in request.POST else visit.user_id
    with door(visit):
        assign_work(
            vendor_id=visit.vendor.id, item_id=item, user_id=user_id, label=visit.actor.label, actor=visit.actor
        )
    return redirect("console:work", vendor=visit.vendor.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def settle(request: StaffRequest, item: int) -> HttpResponse:
    """Take an item off the list by one's word."""
    with door(request.visit):
        row = open_item(vendor_id=request.visit.vendor.id, item_id=item)

    return act_page(
        request,
        make=SettleForm.about(request.visit, item_id=row.id),
        back=_back(request.visit),
        context={"of": gettext("Waiting"), "what": KINDS[row.kind].title},
    )


def _back(visit: StaffVisit) -> str:
    return reverse("console:work", kwargs={"vendor": visit.vendor.slug})
