"""What a vendor and its companies are known by to registers, tax offices and machines."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from comptoir.kit.money import locale_of
from comptoir.tenancy.legal_ids import COUNTRIES, EMAIL, FIELDS, SIREN, SIRET, LegalIds
from comptoir.tenancy.operations import set_company_ids, set_vendor_ids
from comptoir.tenancy.queries import CompanyRow

from .acts import ActForm, act_page
from .companies import asked_company
from .shell import WRITERS, StaffRequest, door, staff_page

# Names of registers are the same in every language.
REGISTERS = {SIREN: "SIREN", SIRET: "SIRET", "0060": "D-U-N-S", "0088": "GLN", "0199": "LEI"}
NETWORKS = {"0225": "0225, SIREN", "0009": "0009, SIRET", "0088": "0088, GLN", "9957": "9957, FR VAT"}


class LegalForm(ActForm):
    """Ask for the ids; all may be left out."""

    title, button = _("Legal details"), _("Keep them")
    done = _("The details are kept. Invoices issued from now on bear them.")
    note = _("They stand in an invoice’s data, and on the paper where the law asks for them.")

    def __init__(self, *args: Any, now: LegalIds, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"] = forms.ChoiceField(label=_("Country"), choices=_countries(), required=False)
        registers = _with_present(REGISTERS, now.registration_scheme)
        self.fields["registration_scheme"] = forms.ChoiceField(
            label=_("Register"), choices=[("", gettext("Another, or none")), *registers], required=False
        )
        self.fields["registration_number"] = forms.CharField(
            label=_("Registration number"), max_length=50, required=False
        )
        self.fields["vat_id"] = forms.CharField(
            label=_("VAT number"),
            max_length=20,
            required=False,
            help_text=_("With the country’s letters in front, such as FR44732829320."),
        )
        self.fields["tax_registration"] = forms.CharField(
            label=_("Another tax number"), max_length=50, required=False, help_text=_("An EIN in the United States.")
        )
        networks = _with_present({EMAIL: gettext("E-mail"), **NETWORKS}, now.electronic_scheme)
        self.fields["electronic_scheme"] = forms.ChoiceField(
            label=_("E-invoices go to an address of"), choices=[("", "–"), *networks], required=False
        )
        self.fields["electronic_address"] = forms.CharField(
            label=_("Address for e-invoices"), max_length=250, required=False
        )
        self.initial = {name: getattr(now, name) for name in FIELDS}

    @property
    def given(self) -> LegalIds:
        """What was typed."""
        return LegalIds(**{name: self.cleaned_data[name] for name in FIELDS})


class VendorLegalForm(LegalForm):
    """The vendor's own, with its penalty for late payment."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["late_penalty"] = forms.DecimalField(
            label=_("Penalty for late payment, in % a year"),
            max_digits=4,
            decimal_places=2,
            required=False,
            help_text=_("Invoices say it. In France, one that is left out is the law’s own."),
        )
        self.initial["late_penalty"] = self.visit.vendor.late_penalty

    def act(self) -> None:
        """Keep them."""
        vendor = self.visit.vendor
        penalty = self.cleaned_data["late_penalty"]
        set_vendor_ids(vendor_id=vendor.id, ids=self.given, late_penalty=penalty, actor=self.visit.actor)


class CompanyLegalForm(LegalForm):
    """A company's."""

    def __init__(self, *args: Any, company: CompanyRow, **kwargs: Any) -> None:
        super().__init__(*args, now=company.ids, **kwargs)
        self._company = company

    def act(self) -> None:
        """Keep them."""
        set_company_ids(company_id=self._company.id, ids=self.given, actor=self.visit.actor)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("admin")
def vendor(request: StaffRequest) -> HttpResponse:
    """Set what the vendor is known by."""
    visit = request.visit
    return act_page(
        request,
        make=lambda posted: VendorLegalForm(posted, visit=visit, now=visit.vendor.ids),
        back=reverse("console:previews", kwargs={"vendor": visit.vendor.slug}),
        context={"of": gettext("What customers get"), "what": visit.vendor.legal_name},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def company(request: StaffRequest, company: UUID) -> HttpResponse:
    """Set what a company is known by."""
    visit = request.visit
    with door(visit):
        row = asked_company(visit, company)
    return act_page(
        request,
        make=lambda posted: CompanyLegalForm(posted, visit=visit, company=row),
        back=reverse("console:company", kwargs={"vendor": visit.vendor.slug, "company": company}),
        context={"of": row.name},
    )


def _countries() -> list[tuple[str, str]]:
    names = locale_of(get_language() or "en").territories
    named = [(code, str(names.get(code, code))) for code in COUNTRIES]  # not every language has a name for each
    return [("", "–"), *sorted(named, key=lambda pair: pair[1])]


def _with_present(known: dict[str, str], present: str) -> list[tuple[str, str]]:
    """What can be chosen, and what holds already, which nobody should lose by saving."""
    return list((known if present in ("", *known) else {**known, present: present}).items())
