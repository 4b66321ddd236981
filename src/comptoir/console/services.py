"""What a company takes, and every change of it: a page that lists, and a form for each change."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from comptoir.catalog.prices import price_on, prices_of
from comptoir.customers.queries import stores_from
from comptoir.invoicing.finding import invoices_of_charges
from comptoir.subscriptions.queries import (
    PLAIN,
    DiscountRow,
    SubscriptionRow,
    charges,
    discounts_of,
    of_company,
    preferences_of,
)
from comptoir.taxes.queries import certificates
from comptoir.tenancy.queries import CompanyRow

from .acts import act_page
from .charge_forms import FORESEEN, ChargeForm, WithdrawForm
from .companies import asked_company
from .company_filter import CADENCE_WORDS
from .service_forms import (
    CloseStoreForm,
    CompanyAct,
    DiscountForm,
    EndDiscountForm,
    OpenStoreForm,
    PlanForm,
    PreferencesForm,
    QuantityForm,
    StartForm,
    StopForm,
    SubscriptionAct,
    discount_words,
)
from .shell import WRITERS, StaffRequest, StaffVisit, door, page, staff_page
from .tax_forms import CertificateForm, EndCertificateForm

COMPANY_ACTS: dict[str, type[CompanyAct]] = {
    "start": StartForm,
    "charge": ChargeForm,
    "withdraw-charge": WithdrawForm,
    "preferences": PreferencesForm,
    "open-store": OpenStoreForm,
    "close-store": CloseStoreForm,
    "certificate": CertificateForm,
    "end-certificate": EndCertificateForm,
}
SUBSCRIPTION_ACTS: dict[str, type[SubscriptionAct]] = {
    "stop": StopForm,
    "plan": PlanForm,
    "quantity": QuantityForm,
    "discount": DiscountForm,
    "end-discount": EndDiscountForm,
}


@require_safe
@staff_page()
def index(request: StaffRequest, company: UUID) -> HttpResponse:
    """List what a company takes, took and will take, and on what terms."""
    visit = request.visit
    with door(visit):
        row = asked_company(visit, company)
        taken = of_company(row.id)
        charged = charges(company_ids=[row.id], through=visit.today + FORESEEN)
        billed = invoices_of_charges([each.id for each in charged])
        context = {
            "company": row,
            "taken": _described(taken, visit=visit),
            "preferences": preferences_of([row.id]).get(row.id, PLAIN),
            "charges": [{"row": each, "invoice": billed.get(each.id)} for each in charged],
            "some_wait": any(each.id not in billed and not each.is_withdrawn for each in charged),
            "certificates": certificates(row.id),
            "has_stores": bool(stores_from(row.id, on=visit.today)),
        }
    return page(request, "console/companies/services.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def company_act(request: StaffRequest, company: UUID, what: str) -> HttpResponse:
    """Make one change of what a company takes."""
    visit = request.visit
    if what not in COMPANY_ACTS:
        raise Http404
    with door(visit):
        row = asked_company(visit, company)
    return act_page(
        request,
        make=lambda posted: COMPANY_ACTS[what](posted, visit=visit, company=row),
        back=_back(visit, row),
        context={"of": row.name},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def subscription_act(request: StaffRequest, company: UUID, subscription: int, what: str) -> HttpResponse:
    """Make one change of one thing that a company takes."""
    visit = request.visit
    if what not in SUBSCRIPTION_ACTS:
        raise Http404
    with door(visit):
        row = asked_company(visit, company)
        taken = next((each for each in of_company(row.id) if each.id == subscription), None)
        if taken is None:
            raise Http404
        discounts = list(discounts_of([subscription]).get(subscription, []))
    return act_page(
        request,
        make=lambda posted: SUBSCRIPTION_ACTS[what](posted, visit=visit, company=row, taken=taken, discounts=discounts),
        back=_back(visit, row),
        context={"of": row.name, "what": f"{taken.plan_name}, {taken.location_label or row.name}"},
    )


def _back(visit: StaffVisit, company: CompanyRow) -> str:
    return reverse("console:services", kwargs={"vendor": visit.vendor.slug, "company": company.public_id})


def _described(taken: list[SubscriptionRow], *, visit: StaffVisit) -> list[dict[str, object]]:
    """What a company takes, with the cadence's word, the price of the next period and its discounts in words."""
    prices, discounts = prices_of(row.plan_id for row in taken), discounts_of(row.id for row in taken)
    return [
        {
            "row": row,
            "cadence": CADENCE_WORDS[row.cadence],
            "price_minor": price_on(prices.get(row.plan_id, ()), row.billed_through)
            if row.agreed_price_minor is None
            else row.agreed_price_minor,
            "discounts": [_in_words(each, visit=visit) for each in discounts.get(row.id, ())],
            "is_over": row.ends_on is not None and row.ends_on <= max(visit.today, row.starts_on),
        }
        for row in taken
    ]


def _in_words(row: DiscountRow, *, visit: StaffVisit) -> dict[str, object]:
    return {
        "words": discount_words(row, visit.vendor.currency),
        "terms": row.terms,
        "runs": row.terms.ends_on is None or row.terms.ends_on > visit.today,
    }
