"""The visitor of a page, as the operations on payments need to know them."""

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from comptoir.payments.consent import Agreed, Consent, Terms, autopay_terms, consent_to
from comptoir.payments.payer import Payer
from comptoir.payments.policies import policy_of
from comptoir.tenancy import doors

from .shell import CompanyRequest, Visit


def payer_of(visit: Visit) -> Payer:
    """Return who pays."""
    return Payer(
        user_id=visit.user_id,
        actor=visit.actor,
        company=visit.company,
        vendor=visit.vendor,
        language=(get_language() or visit.company.language).split("-")[0],
        today=visit.today,
        now=visit.now,
    )


def address(request: CompanyRequest, name: str, **arguments: object) -> str:
    """Return the whole address of one of the company's pages, for the processor to lead back to."""
    path = reverse(name, kwargs={"company": request.visit.company.public_id, **arguments})
    return f"{settings.BASE_URL}{path}"


def terms_of(visit: Visit, *, kind: str) -> Terms:
    """Return the words by which the company would let a method of this kind be debited. Opens the company's door."""
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        policy = policy_of(visit.vendor.id)
    return autopay_terms(kind=kind, company_name=visit.company.name, vendor=visit.vendor, policy=policy)


def consent_in(request: CompanyRequest, *, kind: str) -> Consent:
    """Return the consent that a form gives to the words that were shown with it. Raises TermsChanged."""
    return consent_to(terms_of(request.visit, kind=kind), agreed_in(request))


def agreed_in(request: CompanyRequest) -> Agreed:
    """Return which words a form agrees to, and from where."""
    return Agreed(
        sha256=request.POST.get("terms", ""),
        ip_address=get_adapter().get_client_ip(request),
        user_agent=request.headers.get("User-Agent", "")[:500],
    )


def is_htmx(request: HttpRequest) -> bool:
    """Return whether only a part of the page is asked for."""
    return bool(getattr(request, "htmx", False))
