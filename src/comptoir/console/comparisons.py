"""The parallel run: who differs from the old system and why, to be worked off, noted, signed."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from comptoir.cutover.comparison import deciding, queries
from comptoir.cutover.comparison.rules import Pair
from comptoir.cutover.comparison.running import request_comparison
from comptoir.cutover.errors import ComparisonNotFound, ComparisonRefused
from comptoir.kit.safe_words import SafeWords

from .acts import ActForm, AmountField, act_page
from .shell import WRITERS, StaffRequest, door, page, page_number, staff_page

WHO_SIGNS = ("manager", "admin")
Words = str | Promise

STATES: dict[str, tuple[Words, str]] = {
    "open": (_("Unexplained"), "danger"),
    "outdated": (_("To be compared again"), "warning"),
    "signed": (_("Signed"), "info"),
    "explained": (_("Explained"), "success"),
    "matched": (_("Alike"), "success"),
    "alone": (_("No old invoice"), "neutral"),
}
REASONS: dict[str, tuple[Words, Words]] = {
    "proration": (_("Other days"), _("Both charge the same by the day, for another number of days.")),
    "price": (_("Price"), _("The plan's price changes in between.")),
    "discount": (_("Discount"), _("A discount agreed here is taken off.")),
    "rounding": (_("Rounding"), _("A part of a period is rounded otherwise, by a cent.")),
    "opened": (_("New"), _("Service began after the old invoice was issued.")),
    "cadence": (_("Billed less often"), _("It is not on every invoice; the old system billed it before this one.")),
    "not_due": (_("Not due yet"), _("It is billed later; the old system charged what this one does.")),
    "ended": (_("Ended"), _("Service has ended.")),
    "charge": (_("One-off charge"), _("It was entered here, and is charged once.")),
    "tax_rounding": (_("Tax rounding"), _("Tax is rounded once for the invoice here.")),
    "tax_follows": (_("Tax follows"), _("Tax at the same rate, on other amounts.")),
    "tolerance": (_("Within the tolerance"), _("No rule explains it, but it is small enough to let pass.")),
    "gap": (_("Days missing"), _("Days lie between the two that neither of them bills.")),
    "overlap": (_("Days billed twice"), _("Both bill some of the same days.")),
    "unexplained": (_("Unexplained"), _("This system charges otherwise for the same days.")),
}


class RunForm(forms.Form):
    """How much may differ unexplained; who may not sign a difference does not say it, and compares as it was."""

    def __init__(self, *args: Any, currency: str, tolerance_minor: int, may_sign: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tolerance_minor = tolerance_minor
        if not may_sign:
            return
        self.fields["tolerance"] = AmountField(
            label=gettext("Let pass without a reason, up to (%(currency)s)") % {"currency": currency},
            currency=currency,
            min_value=0,
            initial=tolerance_minor,
            help_text=gettext("Per company, all that is unexplained added up."),
        )

    def said(self) -> int:
        """Return how much is let pass, in minor units."""
        return int(self.cleaned_data.get("tolerance", self.tolerance_minor))


class FilterForm(forms.Form):
    """What the list may be narrowed by; it lives in the address."""

    q = forms.CharField(label=_("Search"), required=False, widget=forms.TextInput(attrs={"type": "search"}))
    state = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("Any")), *((state, word) for state, (word, _tone) in STATES.items())],
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        required=False,
        choices=[("", _("Any")), *((code, word) for code, (word, _why) in REASONS.items())],
    )


class NoteForm(ActForm):
    """Keep what was found out."""

    title, button, done = _("Note on a difference"), _("Keep the note"), _("The note is kept.")
    note_text = SafeWords(
        label=_("What you found out"), help_text=_("Stays on record."), max_length=1000, widget=forms.Textarea
    )
    company: UUID

    def act(self) -> None:
        """Keep it."""
        deciding.add_note(
            vendor_id=self.visit.vendor.id,
            company_public_id=self.company,
            text=self.cleaned_data["note_text"],
            actor=self.visit.actor,
            now=self.visit.now,
        )


class SignForm(ActForm):
    """Let a company move with an unexplained difference."""

    title, button = _("Sign an unexplained difference"), _("Sign")
    done = _("Signed; the company may move.")
    note = _("The signature holds for these two invoices. When one of them changes, the difference is open again.")
    fingerprint = forms.CharField(widget=forms.HiddenInput)
    why = SafeWords(
        label=_("Why the company may move all the same"),
        help_text=_("Stays on record."),
        max_length=500,
        widget=forms.Textarea,
    )
    company: UUID

    def act(self) -> None:
        """Sign it."""
        deciding.sign(
            vendor_id=self.visit.vendor.id,
            company_public_id=self.company,
            fingerprint=self.cleaned_data["fingerprint"],
            reason=self.cleaned_data["why"],
            actor=self.visit.actor,
            now=self.visit.now,
        )


class WithdrawForm(ActForm):
    """Take a signature back."""

    title, button, done = _("Take back the signature"), _("Take it back"), _("The difference is open again.")
    company: UUID

    def act(self) -> None:
        """Take it back."""
        deciding.withdraw(
            vendor_id=self.visit.vendor.id, company_public_id=self.company, actor=self.visit.actor, now=self.visit.now
        )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List the companies compared, worst first, and have them compared anew."""
    visit = request.visit
    with door(visit):
        latest = queries.latest_run(visit.vendor.id)
    form = RunForm(
        request.POST or None,
        currency=visit.vendor.currency,
        tolerance_minor=latest.tolerance_minor if latest else 0,
        may_sign=visit.role in WHO_SIGNS,
    )
    if request.method == "POST" and form.is_valid():
        try:
            with door(visit):
                request_comparison(vendor_id=visit.vendor.id, tolerance_minor=form.said(), actor=visit.actor)
            return redirect("console:comparisons", vendor=visit.vendor.slug)
        except ComparisonRefused as error:
            form.add_error(None, str(error))
    narrowed = FilterForm(request.GET)
    narrowed.is_valid()
    asked = narrowed.cleaned_data
    with door(visit):
        listed = queries.comparisons(
            vendor_id=visit.vendor.id,
            state=asked.get("state", ""),
            text=asked.get("q", "").strip(),
            reason=asked.get("reason", ""),
            page=page_number(request),
        )
    context = {
        "form": form,
        "narrowed": narrowed,
        "filtered": any(asked.values()),
        "run": latest,
        "listed": listed,
        "states": [(state, word, tone, listed.counts.get(state, 0)) for state, (word, tone) in STATES.items()],
        "rows": [_row_shown(row) for row in listed.rows],
    }
    template = (
        "console/comparisons/_run.html" if request.headers.get("HX-Request") else "console/comparisons/index.html"
    )
    return page(request, template, context)


@require_safe
@staff_page()
def detail(request: StaffRequest, company: UUID) -> HttpResponse:
    """Show a company's two invoices side by side, and what people made of them."""
    visit = request.visit
    try:
        with door(visit):
            found = queries.compared_company(vendor_id=visit.vendor.id, company_public_id=company)
    except ComparisonNotFound as error:
        raise Http404 from error
    context = {
        "found": found,
        **_row_shown(found.row),
        "pairs": [_pair_shown(pair) for pair in sorted(found.pairs, key=lambda pair: not pair.off_minor)],
        "may_sign": visit.role in WHO_SIGNS,
    }
    return page(request, "console/comparisons/detail.html", context)


ACTS: dict[str, tuple[type[ActForm], tuple[str, ...]]] = {
    "note": (NoteForm, WRITERS),
    "sign": (SignForm, WHO_SIGNS),
    "take-back": (WithdrawForm, WHO_SIGNS),
}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def act(request: StaffRequest, company: UUID, what: str) -> HttpResponse:
    """Note, sign, or take a signature back."""
    visit = request.visit
    if what not in ACTS:
        raise Http404
    form_class, roles = ACTS[what]
    if visit.role not in roles:
        messages.info(request, gettext("A manager of your team does this."))
        return redirect("console:comparison", vendor=visit.vendor.slug, company=company)
    try:
        with door(visit):
            found = queries.compared_company(vendor_id=visit.vendor.id, company_public_id=company)
    except ComparisonNotFound as error:
        raise Http404 from error

    return act_page(
        request,
        make=form_class.about(
            visit, company=company, initial={"fingerprint": request.GET.get("seen", found.fingerprint)}
        ),
        back=reverse("console:comparison", kwargs={"vendor": visit.vendor.slug, "company": company}),
        context={"of": gettext("Parallel run"), "what": found.row.name},
    )


def _row_shown(row: queries.ComparisonRow) -> dict[str, Any]:
    word, tone = STATES[row.state]
    return {"row": row, "word": word, "tone": tone, "reasons": [REASONS[code][0] for code in row.reasons]}


def _pair_shown(pair: Pair) -> dict[str, Any]:
    is_tax = not pair.description
    return {
        "pair": pair,
        "label": gettext("Tax") if is_tax else pair.description,
        "is_off": pair.off_minor > 0,
        "reasons": [REASONS[code] for code in pair.reasons],
        "alike": pgettext_lazy("two lines", "Alike"),
    }
