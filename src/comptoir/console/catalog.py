"""What a vendor sells, and for how much from when."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from comptoir.catalog import operations
from comptoir.catalog.queries import PlanRow, plan_of, plans, products
from comptoir.look.day_input import DayInput

from .acts import ActForm, AmountField, act_page
from .company_filter import CADENCE_WORDS
from .shell import StaffRequest, StaffVisit, door, page, staff_page

WHO_SELLS = ("manager", "admin")
SCOPE_WORDS = {"location": _("a store"), "company": _("the whole company")}
TAX_WORDS = {
    "software": _("Software"),
    "service": _("Service"),
    "hardware": _("Hardware"),
    "exempt": _("Exempt from tax"),
}


class ProductForm(ActForm):
    """Add something to sell."""

    title, button, done = _("Add a product"), _("Add it"), _("The product is there; sell it by a plan.")
    name = forms.CharField(label=_("Name"), max_length=80)
    code = forms.SlugField(label=_("Code"), help_text=_("Short, for imports and reports; it never changes."))
    tax_category = forms.ChoiceField(label=_("For taxes it is"), choices=list(TAX_WORDS.items()))

    def act(self) -> None:
        """Add it."""
        operations.add_product(vendor_id=self.visit.vendor.id, actor=self.visit.actor, **self.cleaned_data)


class PlanForm(ActForm):
    """Sell a product at a cadence."""

    title, button, done = _("Add a plan"), _("Add it"), _("The plan is there; companies can take it.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        vendor = self.visit.vendor
        sold = [(str(row.id), row.name) for row in products(vendor.id)]
        alone = [(str(row.id), row.name) for row in plans(vendor.id) if row.addon_of_id is None]
        self.fields["product"] = forms.ChoiceField(label=_("Product"), choices=sold)
        self.fields["name"] = forms.CharField(label=_("Name on invoices"), max_length=80)
        self.fields["code"] = forms.SlugField(label=_("Code"))
        self.fields["cadence"] = forms.ChoiceField(label=_("Billed"), choices=list(CADENCE_WORDS.items()))
        self.fields["scope"] = forms.ChoiceField(label=_("Taken for"), choices=list(SCOPE_WORDS.items()))
        self.fields["price"] = AmountField(
            label=f"{gettext('Price per period')} ({vendor.currency})", currency=vendor.currency, min_value=0
        )
        self.fields["valid_from"] = forms.DateField(label=_("From"), initial=self.visit.today, widget=DayInput())
        self.fields["minimum_term_months"] = forms.IntegerField(
            label=_("Minimum term in months"), required=False, min_value=1, max_value=120
        )
        self.fields["addon_of"] = forms.ChoiceField(
            label=_("Add-on of"), required=False, choices=[("", gettext("no other plan")), *alone]
        )

    def act(self) -> None:
        """Add it."""
        given = dict(self.cleaned_data)
        operations.add_plan(
            product_id=int(given.pop("product")),
            price_minor=given.pop("price"),
            addon_of_id=int(given["addon_of"]) if given.pop("addon_of") else None,
            actor=self.visit.actor,
            **given,
        )


class PriceForm(ActForm):
    """Announce a price."""

    title, button, done = _("Announce a price"), _("Announce it"), _("The price is announced.")
    note = _("Periods that start on that day or later cost this; what is billed already keeps its price.")

    def __init__(self, *args: Any, plan: PlanRow, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        currency = self.visit.vendor.currency
        self.fields["amount"] = AmountField(
            label=f"{gettext('Price per period')} ({currency})", currency=currency, min_value=0
        )
        self.fields["valid_from"] = forms.DateField(label=_("From"), widget=DayInput())

    def act(self) -> None:
        """Announce it."""
        given = self.cleaned_data
        operations.announce_price(
            plan_id=self.plan.id,
            valid_from=given["valid_from"],
            amount_minor=given["amount"],
            today=self.visit.today,
            actor=self.visit.actor,
        )


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List what is sold."""
    visit = request.visit
    with door(visit):
        sold = plans(visit.vendor.id)
        context = {
            "plans": [_described(row, visit=visit) for row in sold],
            "products": [{"row": row, "tax": TAX_WORDS[row.tax_category]} for row in products(visit.vendor.id)],
            "may_sell": visit.role in WHO_SELLS,
        }
    return page(request, "console/catalog.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WHO_SELLS)
def add_product(request: StaffRequest) -> HttpResponse:
    """Add a product."""
    visit = request.visit
    return act_page(request, make=lambda posted: ProductForm(posted, visit=visit), back=_back(visit), context=_of())


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WHO_SELLS)
def add_plan(request: StaffRequest) -> HttpResponse:
    """Add a plan."""
    visit = request.visit
    return act_page(request, make=lambda posted: PlanForm(posted, visit=visit), back=_back(visit), context=_of())


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WHO_SELLS)
def announce(request: StaffRequest, plan: int) -> HttpResponse:
    """Announce a plan's price."""
    visit = request.visit
    with door(visit):
        row = plan_of(vendor_id=visit.vendor.id, plan_id=plan)
    return act_page(
        request,
        make=lambda posted: PriceForm(posted, visit=visit, plan=row),
        back=_back(visit),
        context={**_of(), "what": row.name},
    )


def _of() -> dict[str, Any]:
    return {"of": gettext("Catalog")}


def _back(visit: StaffVisit) -> str:
    return reverse("console:catalog", kwargs={"vendor": visit.vendor.slug})


def _described(row: PlanRow, *, visit: StaffVisit) -> dict[str, object]:
    return {
        "row": row,
        "cadence": CADENCE_WORDS[row.cadence],
        "scope": SCOPE_WORDS[row.scope],
        "now_minor": row.price_minor(visit.today),
        "announced": [price for price in row.prices if price.valid_from > visit.today],
    }
