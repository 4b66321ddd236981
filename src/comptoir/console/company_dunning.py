"""What is done about a company that does not pay: its steps, holds, promises, policy, and its stores' hours."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from comptoir.access.queries import standing_history, standings_of
from comptoir.dunning import pausing
from comptoir.dunning.calculation.hours import Day, Hours
from comptoir.dunning.hours import set_hours, stores_with_hours
from comptoir.dunning.papers import ask_again, note_came_back
from comptoir.dunning.policies import choose_policy, policies
from comptoir.dunning.queries import company_dunning
from comptoir.kit.dates import weekdays
from comptoir.kit.safe_words import SafeWords
from comptoir.look.day_input import DayInput
from comptoir.tenancy.queries import CompanyRow

from .acts import ActForm, AmountField, act_page
from .companies import asked_company
from .dunning_words import HELD_WORDS, PAUSE_WORDS, STEP_WORDS, policy_name
from .shell import WRITERS, StaffRequest, StaffVisit, door, page, staff_page


class CompanyForm(ActForm):
    """Something that is done about one company."""

    company: CompanyRow

    def ask(self) -> None:
        """Add what depends on the vendor or the company."""


class PauseForm(CompanyForm):
    """Something that stops everything until a day."""

    note = _("Until that day is over nobody is reminded or suspended; who is suspended gets in again at once.")

    def said(self) -> dict[str, Any]:
        """Return what every pause is made of."""
        visit = self.visit
        return {
            "vendor_id": visit.vendor.id,
            "company_id": self.company.id,
            "until": self.cleaned_data["until"],
            "reason": self.cleaned_data["reason"],
            "actor": visit.actor,
            "today": visit.today,
            "now": visit.now,
        }


class HoldForm(PauseForm):
    """Stop everything until a day."""

    title, button, done = _("Hold reminders and suspension"), _("Hold"), _("On hold until that day is over.")
    until = forms.DateField(label=_("Until"), widget=DayInput())
    reason = SafeWords(label=_("Why"), help_text=_("Stays on record."), max_length=500)

    def act(self) -> None:
        """Hold it."""
        pausing.hold(**self.said())


class PromiseForm(PauseForm):
    """Keep a promise to pay."""

    title, button, done = (
        _("Promise to pay"),
        _("Note the promise"),
        _("Noted. Nothing is sent until that day is over."),
    )
    reason = SafeWords(label=_("Who said so, and how"), help_text=_("Stays on record."), max_length=500)

    def ask(self) -> None:
        """Ask for the amount and the day."""
        currency = self.visit.vendor.currency
        self.fields["amount"] = AmountField(label=f"{gettext('Amount')} ({currency})", currency=currency, min_value=0)
        self.fields["until"] = forms.DateField(label=_("Paid by"), widget=DayInput())
        self.order_fields(["amount", "until", "reason"])

    def act(self) -> None:
        """Keep it."""
        pausing.note_promise(amount_minor=self.cleaned_data["amount"], **self.said())


class ChoiceForm(CompanyForm):
    """Have the company go by another policy."""

    title, button, done = _("Policy of reminders"), _("Set it"), _("Set. It counts from now on.")
    reason = SafeWords(label=_("Why"), help_text=_("Stays on record."), max_length=500)

    def ask(self) -> None:
        """Offer the vendor's policies."""
        known = [(row.id, policy_name(row.name)) for row in policies(self.visit.vendor.id)]
        self.fields["policy"] = forms.TypedChoiceField(label=_("Policy"), choices=known, coerce=int)
        self.order_fields(["policy", "reason"])

    def act(self) -> None:
        """Set it."""
        choose_policy(
            vendor_id=self.visit.vendor.id,
            company_id=self.company.id,
            policy_id=self.cleaned_data["policy"],
            actor=self.visit.actor,
            reason=self.cleaned_data["reason"],
        )


class ReleaseForm(CompanyForm):
    """End a hold or a promise."""

    title, button, done = _("End it now"), _("End it"), _("It has ended; the policy counts again.")
    reason = SafeWords(label=_("Why"), help_text=_("Stays on record."), max_length=500)
    pause_id: UUID

    def act(self) -> None:
        """End it."""
        pausing.release(
            vendor_id=self.visit.vendor.id,
            public_id=self.pause_id,
            actor=self.visit.actor,
            reason=self.cleaned_data["reason"],
            now=self.visit.now,
        )


class CameBackForm(CompanyForm):
    """Say that the post brought a letter back."""

    title, button, done = _("A letter came back"), _("It came back"), _("Noted: this letter counts as not received.")
    note = _(
        "It proves nothing any more. Who was suspended by it alone gets in again at once, and somebody has to call."
    )
    notice_id: UUID

    def act(self) -> None:
        """Note it."""
        visit = self.visit
        note_came_back(
            vendor_id=visit.vendor.id,
            company_id=self.company.id,
            public_id=self.notice_id,
            on=visit.today,
            actor=visit.actor,
            now=visit.now,
        )


class AgainForm(CompanyForm):
    """Give a final notice once more that came back."""

    title, button, done = (
        _("Give the final notice again"),
        _("Give it again"),
        _("It is written anew within the hour, and waits for the printer."),
    )
    note = _(
        "It is written once more about what is open then, with a new day, by e-mail and on paper, at no cost. Correct "
        "the address before. Nothing ends before that day, nor before this letter counts as received."
    )
    notice_id: UUID

    def act(self) -> None:
        """Ask for it."""
        visit = self.visit
        ask_again(vendor_id=visit.vendor.id, company_id=self.company.id, public_id=self.notice_id, actor=visit.actor)


class ClockField(forms.TimeField):
    """A time of day, chosen on a clock."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class HoursForm(CompanyForm):
    """Enter when a store is open."""

    title, button, done = _("Opening hours"), _("Set them"), _("Set. Nothing is closed to this store within them.")
    note = _(
        "By the store’s own clock. After midnight is right; the same time twice means open all day. A day of the week "
        "without times of its own is like every day."
    )
    zone = forms.CharField(label=_("Time zone"), help_text=_("For example America/Chicago"), max_length=60)
    opens = ClockField(label=_("Opens"))
    closes = ClockField(label=_("Closes"))
    closed_on = forms.TypedMultipleChoiceField(
        label=_("Closed all day on"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    store_id: UUID
    days: dict[int, str]

    def ask(self) -> None:
        """Ask for each day of the week, too, and begin with how it is now."""
        self.days = weekdays(get_language() or settings.LANGUAGE_CODE)
        for number, name in self.days.items():
            for which, words in (("opens", gettext("{day}: opens")), ("closes", gettext("{day}: closes"))):
                self.fields[f"{which}_{number}"] = ClockField(label=words.format(day=name), required=False)
        cast("forms.TypedMultipleChoiceField", self.fields["closed_on"]).choices = list(self.days.items())
        visit = self.visit
        known = stores_with_hours(self.company.id, vendor=visit.vendor, on=visit.today)
        hours = next((row.hours for row in known if row.public_id == self.store_id), None)
        if hours is None:
            raise Http404
        usual, other = hours.as_entered
        self.initial = {"zone": hours.zone, "opens": usual.opens, "closes": usual.closes, "closed_on": []}
        for number, day in other.items():
            if day is None:
                self.initial["closed_on"].append(number)
            else:
                self.initial |= {f"opens_{number}": day.opens, f"closes_{number}": day.closes}

    def rows(self) -> list[dict[str, Any]]:
        """Return the times as one reads them: of every day, then day by day, each with whether the store is closed."""
        boxes = dict(zip(self.days, self["closed_on"].subwidgets, strict=True))
        columns = {"opens": self["opens"].label, "closes": self["closes"].label}
        usual = {"name": gettext("Every day"), "times": [(column, self[which]) for which, column in columns.items()]}
        own = [
            {
                "name": name,
                "times": [(column, self[f"{which}_{day}"]) for which, column in columns.items()],
                "closed": boxes[day],
            }
            for day, name in self.days.items()
        ]
        return [usual, *own]

    def clean(self) -> dict[str, Any]:
        """Ask for both times of a day, or none, and none for one on which it is closed."""
        given = super().clean() or self.cleaned_data
        for number in range(1, 8):
            times = [given.get(f"{which}_{number}") for which in ("opens", "closes")]
            if any(times) and number in given.get("closed_on", ()):
                self.add_error(f"opens_{number}", gettext("Closed all day, or open from this time on?"))
            elif any(times) and None in times:
                self.add_error(f"closes_{number}", gettext("Enter both times of a day, or none."))
        return given

    def act(self) -> None:
        """Enter them."""
        given = self.cleaned_data
        other: dict[int, Day | None] = dict.fromkeys(given["closed_on"])
        for number in range(1, 8):
            if given[f"opens_{number}"] is not None:
                other[number] = Day(given[f"opens_{number}"], given[f"closes_{number}"])
        set_hours(
            vendor_id=self.visit.vendor.id,
            company_id=self.company.id,
            store=self.store_id,
            zone=given["zone"],
            usual=Day(given["opens"], given["closes"]),
            other=other,
            actor=self.visit.actor,
        )


ACTS: dict[str, type[CompanyForm]] = {"hold": HoldForm, "promise": PromiseForm, "policy": ChoiceForm}


@require_safe
@staff_page()
def detail(request: StaffRequest, company: UUID) -> HttpResponse:
    """Show how a company stands with each product and why, what was written, and what comes next."""
    visit = request.visit
    with door(visit):
        row = asked_company(visit, company)
        found = company_dunning(row.id, vendor=visit.vendor, on=visit.today)
        context = {
            "company": row,
            "found": found,
            "policy": policy_name(found.policy.name),
            "pauses": [PAUSE_WORDS[kind] for kind in found.pauses],
            "coming": [(STEP_WORDS[kind], day) for kind, day in found.coming],
            "notices": [{"row": each, "kind": STEP_WORDS[each.kind]} for each in found.notices],
            "held": [{"row": each, "kind": HELD_WORDS[each.kind]} for each in found.held],
            "standings": standings_of(row.id),
            "history": standing_history(row.id),
            "stores": [
                {"row": store, "days": _days(store.hours)}
                for store in stores_with_hours(row.id, vendor=visit.vendor, on=visit.today)
            ],
        }
    return page(request, "console/dunning/company.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def act(request: StaffRequest, company: UUID, what: str) -> HttpResponse:
    """Hold, keep a promise, or have another policy count."""
    if what not in ACTS:
        raise Http404
    return _act(request, company, lambda data: ACTS[what](data, visit=request.visit))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def release(request: StaffRequest, company: UUID, pause: UUID) -> HttpResponse:
    """End a hold or a promise."""
    return _act(request, company, ReleaseForm.about(request.visit, pause_id=pause))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def came_back(request: StaffRequest, company: UUID, notice: UUID) -> HttpResponse:
    """Say that a letter came back."""
    return _act(request, company, CameBackForm.about(request.visit, notice_id=notice))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def again(request: StaffRequest, company: UUID, notice: UUID) -> HttpResponse:
    """Have a final notice given once more that came back."""
    return _act(request, company, AgainForm.about(request.visit, notice_id=notice))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def hours(request: StaffRequest, company: UUID, store: UUID) -> HttpResponse:
    """Enter when a store is open."""
    make = HoursForm.about(request.visit, store_id=store)
    return _act(request, company, make, template="console/dunning/hours.html")


def _act(
    request: StaffRequest,
    company: UUID,
    build: Callable[[object], CompanyForm],
    *,
    template: str = "console/act.html",
) -> HttpResponse:
    visit = request.visit
    with door(visit):
        row = asked_company(visit, company)

    def make(data: object) -> CompanyForm:
        form = build(data)
        form.company = row
        form.ask()
        return form

    context = {"of": gettext("Reminders"), "what": row.name}
    return act_page(request, make=make, back=_back(visit, row), context=context, template=template)


def _days(hours: Hours) -> list[tuple[str, Day | None]]:
    """Return the hours of every day, without a name, and then those of the days that are other."""
    usual, other = hours.as_entered
    names = weekdays(get_language() or settings.LANGUAGE_CODE)
    return [("", usual), *((names[number], day) for number, day in other.items())]


def _back(visit: StaffVisit, row: CompanyRow) -> str:
    return reverse("console:company_dunning", kwargs={"vendor": visit.vendor.slug, "company": row.public_id})
