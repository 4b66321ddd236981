"""What the team does about a wave's plan and about one moved company, each with its form."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from comptoir.cutover.errors import WaveNotFound
from comptoir.cutover.planning import change_plan, take_out
from comptoir.cutover.running import take_back
from comptoir.cutover.waves import WaveRow, wave_of
from comptoir.cutover.waves import wave as wave_row
from comptoir.cutover.writing import ask_for_letters, letter_came_back, note_call
from comptoir.kit.safe_words import SafeWords
from comptoir.look.day_input import DayInput
from comptoir.tenancy.queries import CompanyRow

from .acts import ActForm, act_page
from .companies import asked_company
from .shell import WRITERS, StaffRequest, door, staff_page


class WaveForm(forms.Form):
    """What a wave is planned with."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    letter_on = forms.DateField(label=gettext_lazy("Letters go out on"), widget=DayInput(), required=False)
    reminder = forms.DateField(label=gettext_lazy("Reminder on"), widget=DayInput(), required=False)
    second_reminder = forms.DateField(label=gettext_lazy("Second reminder on"), widget=DayInput(), required=False)
    deadline = forms.DateField(label=gettext_lazy("Payment method to be saved by"), widget=DayInput())
    first_invoice_month = forms.DateField(
        label=gettext_lazy("First month billed here"),
        input_formats=["%Y-%m"],
        widget=forms.DateInput(format="%Y-%m", attrs={"type": "month"}),
    )

    brings_balances = forms.BooleanField(
        label=gettext_lazy("Collect here what is still open in the old system"),
        help_text=gettext_lazy(
            "Each open invoice becomes one here, due on the day of the move. Then the old system must not collect it "
            "any more; the list for it names them."
        ),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Return the dates as a plan takes them."""
        told = {**(super().clean() or {})}
        days = [told.pop(name, None) for name in ("reminder", "second_reminder")]
        return {**told, "reminders": [day for day in days if day]}


class ChangeForm(WaveForm, ActForm):
    """A plan is changed, as somebody saw it."""

    title, button, done = gettext_lazy("Change the dates"), gettext_lazy("Save"), gettext_lazy("Saved.")
    version = forms.IntegerField(widget=forms.HiddenInput())
    wave_id: int

    def act(self) -> None:
        """Change name and dates."""
        change_plan(
            vendor_id=self.visit.vendor.id,
            wave_id=self.wave_id,
            actor=self.visit.actor,
            today=self.visit.today,
            now=self.visit.now,
            **self.cleaned_data,
        )


class HoldOutForm(ActForm):
    """A company is held out of a wave, with the reason."""

    title, button = gettext_lazy("Hold out of the wave"), gettext_lazy("Hold out")
    done = gettext_lazy("Held out, on record with the reason.")
    note = gettext_lazy(
        "Filling the wave by its criteria leaves this company out from now on; another wave may take it."
    )
    reason = SafeWords(label=gettext_lazy("Why"), max_length=500)
    wave_id: int
    company: UUID

    def act(self) -> None:
        """Take the company out, and keep it out."""
        take_out(
            vendor_id=self.visit.vendor.id,
            wave_id=self.wave_id,
            company_public_id=self.company,
            actor=self.visit.actor,
            reason=self.cleaned_data["reason"],
        )


class MoveForm(ActForm):
    """Something done about one moved company."""

    company: UUID
    managers_only = False


class AgainForm(MoveForm):
    """A letter goes to another address."""

    title, button = gettext_lazy("Send the letter again"), gettext_lazy("Send")
    done = gettext_lazy("The letter is on its way.")
    note = gettext_lazy(
        "The address then opens the portal. It does not become the billing address: the owner changes that there."
    )
    to = forms.EmailField(label=gettext_lazy("To this address"))

    def act(self) -> None:
        """Have it sent."""
        ask_for_letters(
            vendor_id=self.visit.vendor.id,
            company_public_ids=[self.company],
            to=self.cleaned_data["to"].lower(),
            actor=self.visit.actor,
        )


class CalledForm(MoveForm):
    """Somebody called."""

    title, button, done = gettext_lazy("Note a call"), gettext_lazy("Save"), gettext_lazy("On record.")
    note_text = SafeWords(
        label=gettext_lazy("What was said"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def act(self) -> None:
        """Put it on record."""
        note_call(
            vendor_id=self.visit.vendor.id,
            company_public_id=self.company,
            note=self.cleaned_data["note_text"],
            actor=self.visit.actor,
            now=self.visit.now,
        )


class CameBackForm(MoveForm):
    """A paper letter came back."""

    title, button = gettext_lazy("The paper letter came back"), gettext_lazy("Put it on the list of calls")
    done = gettext_lazy("On the list of those to call.")

    def act(self) -> None:
        """Have somebody call."""
        letter_came_back(
            vendor_id=self.visit.vendor.id,
            company_public_id=self.company,
            actor=self.visit.actor,
            now=self.visit.now,
        )


class TakeBackForm(MoveForm):
    """The old system bills a company again."""

    title, button = gettext_lazy("Take the move back"), gettext_lazy("Take it back")
    done = gettext_lazy("Taken back: the old system bills the company again.")
    note = gettext_lazy(
        "As long as nothing was issued here, the company can go back to the old system, as if it had not been moved. "
        "Tell the old system with the list of who has moved. Another wave may take it later."
    )
    reason = SafeWords(label=gettext_lazy("Why"), max_length=500)
    managers_only = True

    def act(self) -> None:
        """Let the old system bill it."""
        take_back(
            vendor_id=self.visit.vendor.id,
            company_public_id=self.company,
            reason=self.cleaned_data["reason"],
            actor=self.visit.actor,
            now=self.visit.now,
        )


ACTS: dict[str, type[MoveForm]] = {
    "letter": AgainForm,
    "called": CalledForm,
    "came-back": CameBackForm,
    "take-back": TakeBackForm,
}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def change(request: StaffRequest, wave: int) -> HttpResponse:
    """Change a plan's name and dates."""
    row = _asked_wave(request, wave)

    return act_page(
        request,
        make=ChangeForm.about(request.visit, wave_id=wave, initial=_initial(row)),
        back=_address(request, wave),
        context={"of": row.name},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def hold_out(request: StaffRequest, wave: int, company: UUID) -> HttpResponse:
    """Hold a company out of a wave."""
    row = _asked_wave(request, wave)
    with door(request.visit):
        buyer = asked_company(request.visit, company)

    context = {"of": row.name, "what": buyer.name}
    return act_page(
        request,
        make=HoldOutForm.about(request.visit, wave_id=wave, company=company),
        back=_address(request, wave),
        context=context,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def act(request: StaffRequest, company: UUID, what: str) -> HttpResponse:
    """Do something about one moved company."""
    visit = request.visit
    if what not in ACTS:
        raise Http404
    with door(visit):
        buyer: CompanyRow = asked_company(visit, company)
        row = wave_of(buyer.id)
    if row is None:
        raise Http404
    if ACTS[what].managers_only and visit.role not in ("manager", "admin"):
        raise PermissionDenied

    context = {"of": row.name, "what": f"{buyer.number} {buyer.name}"}
    return act_page(
        request, make=ACTS[what].about(visit, company=company), back=_address(request, row.id), context=context
    )


def next_month(today: date) -> date:
    """Return the first day of the month after a day's."""
    return date(today.year + today.month // 12, today.month % 12 + 1, 1)


def _initial(row: WaveRow) -> dict[str, Any]:
    reminders = [*row.reminders, None, None]
    return {
        "version": row.version,
        "name": row.name,
        "letter_on": row.letter_on,
        "reminder": reminders[0],
        "second_reminder": reminders[1],
        "deadline": row.deadline,
        "first_invoice_month": row.first_invoice_month,
        "brings_balances": row.brings_balances,
    }


def _asked_wave(request: StaffRequest, wave: int) -> WaveRow:
    try:
        with door(request.visit):
            return wave_row(vendor_id=request.visit.vendor.id, wave_id=wave)
    except WaveNotFound as error:
        raise Http404 from error


def _address(request: StaffRequest, wave: int) -> str:
    return reverse("console:wave", kwargs={"vendor": request.visit.vendor.slug, "wave": wave})
