"""What is asked for a change of what a company takes."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comptoir.catalog.queries import PlanRow, plans
from comptoir.customers.operations import NewStore, open_store
from comptoir.customers.queries import stores_from
from comptoir.kit.safe_words import SafeWords
from comptoir.look.day_input import DayInput
from comptoir.look.templatetags.look import money, share
from comptoir.subscriptions import operations, terms
from comptoir.subscriptions.queries import PLAIN, DiscountRow, SubscriptionRow, preferences_of
from comptoir.tenancy.queries import CompanyRow

from .acts import ActForm, AmountField
from .company_filter import CADENCE_WORDS

MAY_WAIVE = ("manager", "admin")
Choices = list[tuple[str, str]]


def place_fields(*, required: bool = True) -> dict[str, forms.CharField]:
    """Return the fields for where a store is; its state is taken as a code or as a name."""
    asked = {
        "address": _("Street"),
        "city": _("City"),
        "county": _("County"),
        "state": _("State or province, two letters"),
        "postal_code": _("Postal code"),
        "country": _("Country, two letters"),
    }
    return {
        name: forms.CharField(
            label=label, required=required and name != "county", max_length=2 if name == "country" else 120
        )
        for name, label in asked.items()
    }


class CompanyAct(ActForm):
    """A change of what a company takes, or on what terms."""

    def __init__(self, *args: Any, company: CompanyRow, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company
        self.ask()

    def ask(self) -> None:
        """Add the fields that depend on the company."""

    def day(self, label: Any, *, initial: date | None = None, required: bool = True, help_text: Any = "") -> Any:
        """Return a field for a day; today, unless told otherwise."""
        first = initial or (self.visit.today if required else None)
        return forms.DateField(label=label, initial=first, required=required, help_text=help_text, widget=DayInput())

    def amount(self, label: Any, *, required: bool = True, help_text: Any = "") -> AmountField:
        """Return a field for an amount in the vendor's currency."""
        currency = self.visit.vendor.currency
        return AmountField(label=f"{label} ({currency})", currency=currency, required=required, help_text=help_text)

    def store(self, label: Any, *, required: bool) -> forms.ChoiceField:
        """Return a field for one of the company's stores, also one that opens or passes to it on a coming day."""
        own: Choices = [(str(row), label) for row, label in stores_from(self.company.id, on=self.visit.today).items()]
        nothing: Choices = [] if required else [("", gettext("the whole company"))]
        return forms.ChoiceField(label=label, choices=[*nothing, *own], required=required)

    def plan(self, label: Any, *, offered: list[PlanRow]) -> forms.ChoiceField:
        """Return a field for one of the plans that are offered, with what each costs today."""
        return forms.ChoiceField(label=label, choices=[(str(row.id), self._described(row)) for row in offered])

    def waiver(self) -> None:
        """Add the field that waives a minimum term, for whom may."""
        if self.visit.role in MAY_WAIVE:
            self.fields["waives"] = forms.BooleanField(label=_("Waive the minimum term"), required=False)

    def why(self) -> None:
        """Add the field for the reason."""
        self.fields["reason"] = SafeWords(label=_("Why"), help_text=_("Stays on record."), max_length=500)

    @property
    def who(self) -> dict[str, Any]:
        """Return whose it is and who does it."""
        return {"company_id": self.company.id, "actor": self.visit.actor}

    @property
    def ending(self) -> dict[str, Any]:
        """Return who ends something, why, and whether the minimum term is waived."""
        given = self.cleaned_data
        return {**self.who, "reason": given["reason"], "waives_minimum_term": given.get("waives", False)}

    def _described(self, row: PlanRow) -> str:
        minor, currency = row.price_minor(self.visit.today), self.visit.vendor.currency
        price = money(minor, currency) if minor is not None else "–"
        return f"{row.name}, {CADENCE_WORDS[row.cadence]}, {price}"


class StartForm(CompanyAct):
    """Start a service."""

    title, button = _("Start a service"), _("Start it")
    done = _("The service starts; the next bill run bills it.")

    def ask(self) -> None:
        """Ask which plan, where, from when, how many, and at which price."""
        self.fields["plan"] = self.plan(_("Plan"), offered=plans(self.visit.vendor.id))
        self.fields["store"] = self.store(_("For"), required=False)
        self.fields["starts_on"] = self.day(_("First day of service"))
        self.fields["quantity"] = forms.IntegerField(
            label=_("Quantity"), initial=1, min_value=1, max_value=operations.MOST_AT_ONCE
        )
        self.fields["price"] = self.amount(
            _("Agreed price"), required=False, help_text=_("Per full period; empty takes the plan's price.")
        )

    def act(self) -> None:
        """Start it."""
        given = self.cleaned_data
        taken = operations.Taken(int(given["plan"]), chosen_id(given["store"]), given["price"])
        operations.start(**self.who, taken=taken, starts_on=given["starts_on"], quantity=given["quantity"])


class PreferencesForm(CompanyAct):
    """Say how a company is billed."""

    title, button, done = _("Billing preferences"), _("Save"), _("Saved; the next invoice follows it.")

    def ask(self) -> None:
        """Ask for what is kept, with what is kept now."""
        now = preferences_of([self.company.id]).get(self.company.id, PLAIN)
        self.fields["per_store"] = forms.BooleanField(
            label=_("One invoice per store"), required=False, initial=now.invoice_per_store
        )
        self.fields["purchase_order"] = forms.CharField(
            label=_("Purchase order or reference"), required=False, initial=now.purchase_order, max_length=60
        )
        self.fields["terms_days"] = forms.IntegerField(
            label=_("Days to pay"),
            required=False,
            initial=now.terms_days,
            min_value=0,
            max_value=terms.LONGEST_TERMS_DAYS,
            help_text=_("Empty takes the vendor's terms."),
        )
        self.fields["align_to_day"] = forms.IntegerField(
            label=_("Day of the month on which all periods begin"),
            required=False,
            initial=now.align_to_day,
            min_value=1,
            max_value=31,
            help_text=_("The next period of each service becomes shorter or longer. Empty leaves each its own day."),
        )
        self._aligned = now.align_to_day

    def act(self) -> None:
        """Keep it."""
        given = self.cleaned_data
        terms.set_preferences(
            **self.who,
            invoice_per_store=given["per_store"],
            purchase_order=given["purchase_order"],
            terms_days=given["terms_days"],
        )
        if given["align_to_day"] != self._aligned:
            terms.align(**self.who, day=given["align_to_day"])


class OpenStoreForm(CompanyAct):
    """Put down a store that opens."""

    title, button = _("Open a store"), _("Put it down")
    done = _("The store is there; start its services from its first day.")

    def ask(self) -> None:
        """Ask where it is and from when."""
        for name, label in (("number", _("Store number")), ("name", _("Name"))):
            self.fields[name] = forms.CharField(label=label, max_length=120)
        self.fields["brand"] = forms.CharField(label=_("Brand"), required=False, max_length=120)
        self.fields |= place_fields()
        self.fields["country"].initial = "US"
        self.fields["opens_on"] = self.day(_("First day"))

    def act(self) -> None:
        """Put it down."""
        given = dict(self.cleaned_data)
        opens_on = given.pop("opens_on")
        open_store(**self.who, vendor_id=self.visit.vendor.id, store=NewStore(**given), opens_on=opens_on)


class CloseStoreForm(CompanyAct):
    """End all that is taken at a store."""

    title, button = _("Close a store"), _("End its services")
    done = _("The store's services end; what is billed beyond is given back by the next bill run.")

    def ask(self) -> None:
        """Ask which, when and why."""
        self.fields["store"] = self.store(_("Store"), required=True)
        self.fields["on"] = self.day(_("First day without service"))
        self.why()
        self.waiver()

    def act(self) -> None:
        """End them."""
        given = self.cleaned_data
        operations.close_store(**self.ending, location_id=int(given["store"]), on=given["on"])


class SubscriptionAct(CompanyAct):
    """A change of one thing that a company takes."""

    def __init__(self, *args: Any, taken: SubscriptionRow, discounts: list[DiscountRow], **kwargs: Any) -> None:
        self.taken, self.discounts = taken, discounts
        super().__init__(*args, **kwargs)


class StopForm(SubscriptionAct):
    """End a service."""

    title, button = _("End a service"), _("End it")
    done = _("The service ends; what is billed beyond is given back by the next bill run.")
    note = _("Add-ons that go with it end with it.")

    def ask(self) -> None:
        """Ask when and why."""
        self.fields["ends_on"] = self.day(_("First day without service"))
        self.why()
        self.waiver()

    def act(self) -> None:
        """End it."""
        operations.stop(**self.ending, subscription_ids=[self.taken.id], ends_on=self.cleaned_data["ends_on"])


class PlanForm(SubscriptionAct):
    """Change to another plan."""

    title, button = _("Change the plan"), _("Change it")
    done = _("The plan changes; the next bill run gives back the one and bills the other.")

    def ask(self) -> None:
        """Ask which, when, at which price and why."""
        here = "location" if self.taken.location_id else "company"
        offered = [row for row in plans(self.visit.vendor.id) if row.scope == here and row.id != self.taken.plan_id]
        self.fields["plan"] = self.plan(_("New plan"), offered=offered)
        self.fields["on"] = self.day(_("First day of the new plan"))
        self.fields["price"] = self.amount(
            _("Agreed price"), required=False, help_text=_("Per full period; empty takes the plan's price.")
        )
        self.why()
        self.waiver()

    def act(self) -> None:
        """Change it."""
        given = self.cleaned_data
        operations.change_plan(
            **self.ending,
            subscription_id=self.taken.id,
            plan_id=int(given["plan"]),
            on=given["on"],
            agreed_price_minor=given["price"],
        )


class QuantityForm(SubscriptionAct):
    """Take more or fewer units."""

    title, button, done = _("Change the quantity"), _("Change it"), _("The quantity changes on that day.")

    def ask(self) -> None:
        """Ask how many, when and why."""
        self.fields["quantity"] = forms.IntegerField(
            label=_("Quantity from that day on"), min_value=0, max_value=operations.MOST_AT_ONCE
        )
        self.fields["on"] = self.day(_("From"))
        self.why()
        self.waiver()

    def act(self) -> None:
        """Change it."""
        given = self.cleaned_data
        operations.change_quantity(
            **self.ending,
            plan_id=self.taken.plan_id,
            location_id=self.taken.location_id,
            quantity=given["quantity"],
            on=given["on"],
        )


class DiscountForm(SubscriptionAct):
    """Give a discount."""

    title, button, done = _("Give a discount"), _("Give it"), _("The discount holds for periods not billed yet.")
    note = _("Give a percentage or an amount per full period.")

    def ask(self) -> None:
        """Ask how much and how long."""
        self.fields["percent"] = forms.DecimalField(
            label=_("Percent"), required=False, decimal_places=2, min_value=Decimal("0.01"), max_value=100
        )
        self.fields["amount"] = self.amount(_("Amount per full period"), required=False)
        self.fields["starts_on"] = self.day(_("For periods that start from"))
        self.fields["ends_on"] = self.day(_("Until before"), required=False, help_text=_("Empty: without an end."))

    def act(self) -> None:
        """Give it."""
        given = self.cleaned_data
        percent = given["percent"]
        terms.give_discount(
            **self.who,
            subscription_id=self.taken.id,
            starts_on=given["starts_on"],
            ends_on=given["ends_on"],
            basis_points=None if percent is None else int(percent * 100),
            amount_minor=given["amount"],
        )


class EndDiscountForm(SubscriptionAct):
    """End a discount."""

    title, button, done = _("End a discount"), _("End it"), _("The discount ends on that day.")

    def ask(self) -> None:
        """Ask which and when."""
        running = [row for row in self.discounts if row.terms.ends_on is None or row.terms.ends_on > self.visit.today]
        self.fields["discount"] = forms.ChoiceField(
            label=_("Discount"),
            choices=[(str(row.id), discount_words(row, self.visit.vendor.currency)) for row in running],
        )
        self.fields["ends_on"] = self.day(_("First day on which no period gets it any more"))

    def act(self) -> None:
        """End it."""
        given = self.cleaned_data
        terms.end_discount(**self.who, discount_id=int(given["discount"]), ends_on=given["ends_on"])


def discount_words(row: DiscountRow, currency: str) -> str:
    """Return a discount in words: how much."""
    if row.terms.basis_points is not None:
        return share(Decimal(row.terms.basis_points) / 10_000)
    return money(row.terms.amount_minor or 0, currency)


def chosen_id(value: str) -> int | None:
    """Return the id that a choice stands for; None for the choice of nothing."""
    return int(value) if value else None
