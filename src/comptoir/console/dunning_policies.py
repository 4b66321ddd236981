"""The policies of reminders: their steps, products and words, and what the next days would bring by them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from comptoir.catalog.queries import products
from comptoir.dunning import policies
from comptoir.dunning.calculation.standing import ProductRule
from comptoir.dunning.calculation.steps import REMINDERS, STEP_KINDS
from comptoir.dunning.errors import DunningRefused
from comptoir.dunning.foreseeing import Foreseen, foresee
from comptoir.dunning.policies import PolicyRow, StepRow
from comptoir.dunning.texts import CLOSING, PLACEHOLDERS, WRITTEN_STEPS, set_text, texts_of, written
from comptoir.notices.reminders import Follows

from .acts import ActForm, AmountField, act_page
from .dunning_words import EFFECT_WORDS, STEP_WORDS, policy_name
from .shell import StaffRequest, StaffVisit, door, page, staff_page


class PolicyForm(forms.Form):
    """A policy's own settings; its steps and products are fields of their own, by name."""

    notice_days = forms.IntegerField(
        label=_("Days between a final notice’s receipt and a suspension"), min_value=1, max_value=60
    )
    debit_restores = forms.BooleanField(label=_("A bank debit that was accepted lets in at once"), required=False)
    most_companies = forms.IntegerField(
        label=_("Companies suspended in a day, at most"),
        min_value=1,
        max_value=100_000,
        help_text=_("Were it more on one day, all of them wait until a second person has looked."),
    )
    most_percent = forms.IntegerField(label=_("And at most this share of all, in percent"), min_value=1, max_value=100)

    def __init__(self, *args: Any, visit: StaffVisit, row: PolicyRow, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row, self.currency = row, visit.vendor.currency
        self.products = list(products(visit.vendor.id))
        self.initial = {name: getattr(row, name) for name in self.fields}
        self._amount("least_overdue", gettext("Nobody is reminded of less than"), row.least_overdue_minor)
        choices = [("", "–"), *((each.id, each.name) for each in self.products)]
        self.fields["fee_product"] = forms.TypedChoiceField(
            label=_("Product under which fees are charged"),
            choices=choices,
            coerce=int,
            empty_value=None,
            required=False,
        )
        self.initial["fee_product"] = row.fee_product_id
        if not row.is_usual:  # the brake is the vendor's, and stands in the usual policy
            del self.fields["most_companies"], self.fields["most_percent"]
        for kind in STEP_KINDS:
            self._step(kind, row.step(kind))
        for product in self.products:
            rule = row.rule_for(product.id, code=product.code)
            self._product(product.id, product.name, rule, is_till=product.code in policies.TILLS)

    @property
    def settings(self) -> list[forms.BoundField]:
        """The fields of the policy itself."""
        return [self[name] for name in self.fields if ":" not in name]

    @property
    def step_rows(self) -> list[dict[str, Any]]:
        """The fields of each step, by step."""
        return [
            {
                "kind": kind,
                "word": STEP_WORDS[kind],
                "days": self[f"{kind}:days"],
                "paper": self[f"{kind}:paper"] if kind in REMINDERS else None,
                "fee": self[f"{kind}:fee"] if kind in REMINDERS else None,
            }
            for kind in STEP_KINDS
        ]

    @property
    def product_rows(self) -> list[dict[str, Any]]:
        """The fields of each product, by product."""
        return [
            {
                "name": product.name,
                "effect": self[f"product:{product.id}:effect"],
                "extra": self[f"product:{product.id}:extra"],
                "night": self[f"product:{product.id}:night"],
            }
            for product in self.products
        ]

    def wanted(self) -> PolicyRow:
        """Return the policy as it was asked for."""
        given = self.cleaned_data
        steps = tuple(
            StepRow(
                kind=kind,
                days=-given[f"{kind}:days"] if kind == "due_soon" else given[f"{kind}:days"],
                on_paper_too=bool(given.get(f"{kind}:paper")),
                fee_minor=given.get(f"{kind}:fee") or 0,
            )
            for kind in STEP_KINDS
            if given[f"{kind}:days"]
        )
        rules = {
            product.id: ProductRule(
                given[f"product:{product.id}:effect"],
                given[f"product:{product.id}:extra"] or 0,
                given[f"product:{product.id}:night"],
            )
            for product in self.products
        }
        return replace(
            self.row,
            notice_days=given["notice_days"],
            debit_restores=given["debit_restores"],
            least_overdue_minor=given["least_overdue"] or 0,
            most_companies=given.get("most_companies", self.row.most_companies),
            most_percent=given.get("most_percent", self.row.most_percent),
            fee_product_id=given["fee_product"],
            steps=steps,
            rules=rules,
        )

    def _amount(self, name: str, label: str, minor: int) -> None:
        self.fields[name] = AmountField(
            label=f"{label} ({self.currency})", currency=self.currency, required=False, min_value=0
        )
        self.initial[name] = minor or None

    def _step(self, kind: str, step: StepRow | None) -> None:
        word = STEP_WORDS[kind]
        days = gettext("days before") if kind == "due_soon" else gettext("days after")
        self.fields[f"{kind}:days"] = forms.IntegerField(
            label=f"{word}, {days}", min_value=1, max_value=365, required=False
        )
        self.initial[f"{kind}:days"] = abs(step.days) if step else None
        if kind in REMINDERS:
            self.fields[f"{kind}:paper"] = forms.BooleanField(
                label=f"{word}, {gettext('also on paper')}", required=False
            )
            self.initial[f"{kind}:paper"] = bool(step and step.on_paper_too)
            self._amount(f"{kind}:fee", f"{word}, {gettext('fee')}", step.fee_minor if step else 0)

    def _product(self, product_id: int, name: str, rule: ProductRule, *, is_till: bool) -> None:
        key = f"product:{product_id}"
        self.fields[f"{key}:effect"] = forms.ChoiceField(label=f"{name}", choices=list(EFFECT_WORDS.items()))
        self.fields[f"{key}:extra"] = forms.IntegerField(
            label=f"{name}, {gettext('days later than the first')}", min_value=0, max_value=365, required=False
        )
        self.fields[f"{key}:night"] = forms.BooleanField(
            label=f"{name}, {gettext('at night alone')}", required=False, disabled=is_till
        )
        self.initial[f"{key}:effect"] = rule.effect
        self.initial[f"{key}:extra"] = rule.extra_days
        self.initial[f"{key}:night"] = rule.night_only


class NameForm(ActForm):
    """Add a policy."""

    title, button, done = _("A policy for a group of customers"), _("Add it"), _("Added. It begins as the usual one.")
    note = _("For example “Exempt”, without any step. Companies are put under it one by one, on their own pages.")
    name = forms.CharField(label=_("Name of the group"), max_length=60)

    def act(self) -> None:
        """Add it."""
        visit = self.visit
        made = policies.add_policy(vendor_id=visit.vendor.id, name=self.cleaned_data["name"], actor=visit.actor)
        self.onward = reverse("console:dunning_policy", kwargs={"vendor": visit.vendor.slug, "policy": made})


class TextForm(ActForm):
    """Change the words of a step."""

    title, button, done = _("Words of a step"), _("Set them"), _("Set. They count from the next message on.")
    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    words = forms.CharField(
        label=_("Text"),
        help_text=_("An empty line begins a paragraph. Leave both empty for the usual words."),
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 10}),
    )
    row: PolicyRow
    step: str
    language: str

    def act(self) -> None:
        """Set them."""
        set_text(
            vendor_id=self.visit.vendor.id,
            policy_id=self.row.id,
            kind=written(self.step),
            language=self.language,
            subject=self.cleaned_data["subject"],
            words=self.cleaned_data["words"],
            actor=self.visit.actor,
        )


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List the policies."""
    visit = request.visit
    with door(visit):
        rows = policies.policies(visit.vendor.id)
        counts = policies.company_counts(visit.vendor.id)
    context = {
        "rows": [
            {
                "row": row,
                "name": policy_name(row.name),
                "companies": counts.get(row.id, 0),
                "steps": [(STEP_WORDS[step.kind], abs(step.days), step.days < 0) for step in row.steps],
            }
            for row in rows
        ],
        "may_change": visit.role in ("manager", "admin"),
    }
    return page(request, "console/dunning/policies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("manager", "admin")
def add(request: StaffRequest) -> HttpResponse:
    """Add a policy for a group of customers."""
    return act_page(
        request,
        make=lambda data: NameForm(data, visit=request.visit),
        back=reverse("console:dunning_policies", kwargs={"vendor": request.visit.vendor.slug}),
        context={"of": gettext("Reminder policies"), "what": ""},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("manager", "admin")
def edit(request: StaffRequest, policy: UUID) -> HttpResponse:
    """Change a policy, or look first at what the next thirty days would bring by it."""
    visit = request.visit
    with door(visit):
        row = _asked(visit, policy)
        form = PolicyForm(request.POST or None, visit=visit, row=row)
        foreseen: Foreseen | None = None
        if not form.is_bound:
            foreseen = foresee(row, vendor=visit.vendor, today=visit.today)
        elif form.is_valid() and "look" in request.POST:
            foreseen = foresee(form.wanted(), vendor=visit.vendor, today=visit.today)
    if form.is_bound and form.is_valid() and "look" not in request.POST:
        try:
            with door(visit):
                policies.set_policy(vendor_id=visit.vendor.id, wanted=form.wanted(), actor=visit.actor)
            messages.success(request, gettext("Set. It counts from now on."))
            return redirect("console:dunning_policies", vendor=visit.vendor.slug)
        except DunningRefused as error:
            form.add_error(None, str(error))
    context = {
        "form": form,
        "row": row,
        "name": policy_name(row.name),
        "languages": settings.LANGUAGES,
        "texts": [(kind, STEP_WORDS[kind]) for kind in WRITTEN_STEPS],
        "foreseen": foreseen,
        "counts": [(STEP_WORDS[kind], count) for kind, count in foreseen.counts] if foreseen else [],
        "coming": [(each, STEP_WORDS[each.kind]) for each in foreseen.rows] if foreseen else [],
    }
    return page(request, "console/dunning/policy.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("manager", "admin")
def text(request: StaffRequest, policy: UUID, word: str, what: str) -> HttpResponse:
    """Change the words of a step in a language (``word``)."""
    visit = request.visit
    if what not in WRITTEN_STEPS or word not in dict(settings.LANGUAGES):
        raise Http404
    with door(visit):
        row = _asked(visit, policy)
        follows: Follows = "nothing" if row.step("suspension") is None else "closed"
        now = texts_of(row.id, language=word, follows=follows)[written(what)]

    note = gettext(
        "To fill in: %(names)s. Words with %(closing)s go to companies alone of whose products one may be closed or "
        "limited; to others, the usual words."
    ) % {"names": _in_braces(PLACEHOLDERS), "closing": _in_braces(CLOSING)}
    initial = {"subject": now.subject, "words": now.words}
    make = TextForm.about(visit, row=row, step=what, language=word, note=note, initial=initial)
    title = f"{STEP_WORDS[what]}, {dict(settings.LANGUAGES)[word]}"
    back = reverse("console:dunning_policy", kwargs={"vendor": visit.vendor.slug, "policy": row.public_id})
    return act_page(request, make=make, back=back, context={"of": policy_name(row.name), "what": title})


def _in_braces(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


def _asked(visit: StaffVisit, public_id: UUID) -> PolicyRow:
    row = policies.policy(vendor_id=visit.vendor.id, public_id=public_id)
    if row is None:
        raise Http404
    return row
