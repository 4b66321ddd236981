"""Answers to what customers ask, as the vendor's team has them, and how to reach it."""

from collections.abc import Mapping

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from comptoir.answers.queries import answers, search
from comptoir.answers.rendering import rendered
from comptoir.kit.dates import format_date
from comptoir.tenancy import doors
from comptoir.tenancy.queries import CompanyRow, VendorRow

from .shell import CompanyRequest, company_page, page

PAGES = {
    "home": "portal:home",
    "invoices": "portal:invoices",
    "pay": "portal:pay",
    "methods": "portal:methods",
    "autopay": "portal:autopay",
    "stores": "portal:stores",
    "messages": "portal:messages",
    "write": "portal:message_new",
    "transfers": "portal:transfers",
    "contacts": "portal:contacts",
    "people": "portal:people",
}
LONGEST_SEARCH = 100


@require_safe
@company_page
def questions(request: CompanyRequest) -> HttpResponse:
    """Show the questions with their answers, or those in which the words that are searched for occur."""
    visit, language = request.visit, get_language() or "en"
    words = request.GET.get("q", "")[:LONGEST_SEARCH].strip()
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        found = answers(vendor_id=visit.vendor.id, language=language)
    facts = facts_of(vendor=visit.vendor, company=visit.company, host=request.get_host(), language=language)
    pages = {word: reverse(name, kwargs={"company": visit.company.public_id}) for word, name in PAGES.items()}
    shown = search(found, words=words) if words else found
    context = {
        "words": words,
        "answers": [{"row": one, "html": rendered(one.body, facts=facts, pages=pages)} for one in shown],
        "opened": request.GET.get("open", ""),
    }
    return page(request, "portal/help.html", context)


def facts_of(*, vendor: VendorRow, company: CompanyRow, host: str, language: str) -> Mapping[str, str]:
    """Return what answers say of a company and its vendor, in whole sentences where more than a name is said."""
    return {
        "vendor": vendor.name,
        "legal_name": vendor.legal_name,
        "address": "\n".join([vendor.legal_name, *vendor.address_lines]),
        "host": host,
        "company": company.name,
        "customer_number": company.number,
        "moved": _moved(company, language=language),
        "lead": ngettext(
            "Services are paid in advance. An invoice comes %(days)s day before the period that it pays for.",
            "Services are paid in advance. An invoice comes %(days)s days before the period that it pays for.",
            vendor.invoice_lead_days,
        )
        % {"days": vendor.invoice_lead_days},
        "due": _due(vendor.terms_days),
    }


def _moved(company: CompanyRow, *, language: str) -> str:
    if company.billed_since is None:
        return _(
            "%(company)s is not moved yet. Customers move in groups; yours gets a letter before its first invoice "
            "from here."
        ) % {"company": company.name}
    since = format_date(day=company.billed_since, language=language)
    return _("%(company)s has been billed here since %(since)s.") % {"company": company.name, "since": since}


def _due(terms_days: int) -> str:
    if not terms_days:
        return _("It is due on the day on which that period begins.")
    return ngettext(
        "It is due %(days)s day after that period begins.",
        "It is due %(days)s days after that period begins.",
        terms_days,
    ) % {"days": terms_days}
