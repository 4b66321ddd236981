"""Finding companies: by number, name, e-mail or store, and by what is known of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from comptoir.customers.models import Contact, Ownership
from comptoir.customers.queries import billing_emails, store_counts
from comptoir.invoicing.models import InvoiceBalance
from comptoir.payments.models import OPEN_DISPUTES, Dispute
from comptoir.payments.queries import pays_by_companies
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.models import Company

from .models import HoldOut, LegacyCompany, Move

COMPANIES_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class CompanyFilter:
    """Which companies are wanted; an empty field does not matter.

    ``moved`` is moved, planned (in a wave not sent yet) or free (neither); ``address``, ``owing`` and ``dispute`` are
    yes or no. One of its stores is of the ``state`` and one of the ``brand``; ``stores_from`` and ``stores_to`` count
    those that it owns now.
    """

    text: str = ""
    cadence: str = ""
    moved: str = ""
    paid_by: str = ""
    language: str = ""
    address: str = ""
    owing: str = ""
    state: str = ""
    brand: str = ""
    stores_from: str = ""
    stores_to: str = ""
    dispute: str = ""


@dataclass(frozen=True, slots=True)
class CompanyListRow:
    """A company in a list. ``pays_by`` counts from its move on; ``open_minor`` is what it owes here."""

    id: int
    public_id: UUID
    number: str
    name: str
    language: str
    billed_since: date | None
    wave_id: int | None
    wave_name: str
    email: str
    stores: int
    paid_by: str
    pays_by: str
    open_minor: int


@dataclass(frozen=True, slots=True)
class CompanyPage:
    """One page of a list of companies; ``page`` counts from 1."""

    rows: Sequence[CompanyListRow]
    total: int
    page: int
    pages: int


def search_companies(*, vendor_id: int, wanted: CompanyFilter, page: int, today: date) -> CompanyPage:
    """Return one page of a vendor's companies that are wanted, by name; a page beyond the last is the last."""
    found = _matching(vendor_id=vendor_id, wanted=wanted)
    total = found.count()
    pages = max(ceil(total / COMPANIES_PER_PAGE), 1)
    page = min(page, pages)
    first = (page - 1) * COMPANIES_PER_PAGE
    companies = list(found.order_by("name", "id")[first : first + COMPANIES_PER_PAGE])
    return CompanyPage(rows=_rows(companies, today=today), total=total, page=page, pages=pages)


def count_companies(*, vendor_id: int, wanted: CompanyFilter) -> int:
    """Return how many of a vendor's companies are wanted."""
    return _matching(vendor_id=vendor_id, wanted=wanted).count()


def public_ids(*, vendor_id: int, wanted: CompanyFilter) -> list[UUID]:
    """Return the public ids of all of a vendor's companies that are wanted."""
    return list(_matching(vendor_id=vendor_id, wanted=wanted).values_list("public_id", flat=True))


def free_by_number(*, vendor_id: int, numbers: Collection[str]) -> dict[str, UUID]:
    """Return the public ids of those of the companies with these numbers that a wave can still take, by number."""
    found = _matching(vendor_id=vendor_id, wanted=CompanyFilter(moved="free")).filter(number__in=numbers)
    return dict(found.values_list("number", "public_id"))


def matching_ids(*, vendor_id: int, wanted: CompanyFilter, but_not: int | None = None) -> list[tuple[UUID, int]]:
    """Return the public ids and ids of a vendor's companies that are wanted, but for those that a wave holds out."""
    found = _matching(vendor_id=vendor_id, wanted=wanted)
    if but_not is not None:
        found = found.exclude(id__in=HoldOut.objects.filter(wave_id=but_not).values("company_id"))
    return list(found.values_list("public_id", "id"))


def _matching(*, vendor_id: int, wanted: CompanyFilter) -> QuerySet[Company]:
    found = Company.objects.filter(vendor_id=vendor_id)
    if wanted.text:
        found = found.filter(_text(wanted.text.strip()))
    if wanted.cadence:
        present = Subscription.objects.filter(company_id=OuterRef("id"), plan__cadence=wanted.cadence, ends_on=None)
        found = found.filter(Exists(present))
    if wanted.language:
        found = found.filter(language=wanted.language)
    if wanted.paid_by:
        found = found.filter(Exists(LegacyCompany.objects.filter(company_id=OuterRef("id"), paid_by=wanted.paid_by)))
    if wanted.address:
        has_address = Exists(Contact.objects.filter(company_id=OuterRef("id")))
        found = found.filter(has_address if wanted.address == "yes" else ~has_address)
    if wanted.owing:
        owes = Exists(InvoiceBalance.objects.filter(invoice__company_id=OuterRef("id"), open_minor__gt=0))
        found = found.filter(owes if wanted.owing == "yes" else ~owes)
    if wanted.dispute:
        disputed = Exists(Dispute.objects.filter(payment__company_id=OuterRef("id"), status__in=OPEN_DISPUTES))
        found = found.filter(disputed if wanted.dispute == "yes" else ~disputed)
    return _by_move(_by_stores(found, wanted=wanted), moved=wanted.moved)


def _by_stores(found: QuerySet[Company], *, wanted: CompanyFilter) -> QuerySet[Company]:
    owned = Ownership.objects.filter(company_id=OuterRef("id"), period__endswith=None)
    if wanted.state:
        found = found.filter(Exists(owned.filter(location__state__iexact=wanted.state.strip())))
    if wanted.brand:
        found = found.filter(Exists(owned.filter(location__brand__iexact=wanted.brand.strip())))
    number = Ownership.objects.filter(period__endswith=None).values("company_id").annotate(number=Count("id"))
    if wanted.stores_from:
        found = found.filter(id__in=number.filter(number__gte=int(wanted.stores_from)).values("company_id"))
    if wanted.stores_to:
        found = found.exclude(id__in=number.filter(number__gt=int(wanted.stores_to)).values("company_id"))
    return found


def _text(text: str) -> Q:
    """Anything that people call a company by; a number counts from its beginning."""
    stores = Ownership.objects.filter(company_id=OuterRef("id"), period__endswith=None)
    return (
        Q(number__istartswith=text)
        | Q(name__icontains=text)
        | Exists(Contact.objects.filter(company_id=OuterRef("id"), email__icontains=text.lower()))
        | Exists(stores.filter(Q(location__number__istartswith=text) | Q(location__name__icontains=text)))
    )


def _by_move(found: QuerySet[Company], *, moved: str) -> QuerySet[Company]:
    in_wave = Exists(Move.objects.filter(company_id=OuterRef("id"), taken_back_at=None))
    if moved == "moved":
        return found.filter(billed_since__isnull=False)
    if moved == "planned":
        return found.filter(in_wave, billed_since=None)
    if moved == "free":
        return found.filter(~in_wave, billed_since=None)
    return found


def _rows(companies: Sequence[Company], *, today: date) -> list[CompanyListRow]:
    ids = [company.id for company in companies]
    emails, stores = billing_emails(ids), store_counts(ids, on=today)
    paid_by = dict(LegacyCompany.objects.filter(company_id__in=ids).values_list("company_id", "paid_by"))
    waves = {
        company_id: (wave_id, name)
        for company_id, wave_id, name in Move.objects.filter(company_id__in=ids, taken_back_at=None).values_list(
            "company_id", "wave_id", "wave__name"
        )
    }
    pays_by = pays_by_companies(ids)
    owed = dict(
        InvoiceBalance.objects.filter(invoice__company_id__in=ids)
        .values_list("invoice__company_id")
        .annotate(open=Sum("open_minor"))
    )
    return [
        CompanyListRow(
            id=company.id,
            public_id=company.public_id,
            number=company.number,
            name=company.name,
            language=company.language,
            billed_since=company.billed_since,
            wave_id=waves.get(company.id, (None, ""))[0],
            wave_name=waves.get(company.id, (None, ""))[1],
            email=emails.get(company.id, ""),
            stores=stores.get(company.id, 0),
            paid_by=paid_by.get(company.id, ""),
            pays_by=pays_by[company.id] if company.billed_since else "",
            open_minor=owed.get(company.id, 0),
        )
        for company in companies
    ]
