"""Small makers of what tests are about. Keyword-only; what is left out gets a plain value of its own."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import count

from django.db import transaction

from comptoir.catalog.models import Cadence, Plan, Price, Product, Scope
from comptoir.customers.models import Contact, Location, Member, Ownership
from comptoir.cutover.models import Handover, Move, Wave
from comptoir.identity.models import LoginAddress, StaffMember, User
from comptoir.invoicing.bill_runs import approve_bill_run, divide, issue_parts, plan_parts, request_bill_run
from comptoir.invoicing.models import Invoice
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.audit import system
from comptoir.tenancy.models import Company, Vendor
from comptoir.tenancy.operations import create_vendor

TODAY = date(2020, 9, 16)
NOW = datetime(2020, 9, 16, 14, 0, tzinfo=UTC)
TESTS = system("tests")

_numbers = count(1)


def make_vendor(
    *,
    slug: str = "",
    name: str = "",
    currency: str = "USD",
    language: str = "en",
    business_date: date | None = TODAY,
) -> Vendor:
    """Make a vendor, whose clock stands on TODAY unless told otherwise."""
    number = next(_numbers)
    slug = slug or f"vendor-{number}"
    name = name or f"Vendor {number}"
    vendor_id = create_vendor(
        slug=slug,
        name=name,
        legal_name=f"{name} Inc.",
        currency=currency,
        time_zone="America/New_York",
        language=language,
        email=f"billing@{slug}.example",
        actor=TESTS,
        address_lines=["1 Main Street", "Springfield, IL 62701"],
        phone="+1 555 0100",
        business_date=business_date,
    )
    return Vendor.objects.get(id=vendor_id)


def make_company(
    *,
    vendor: Vendor,
    name: str = "",
    number: str = "",
    language: str = "en",
    billed_since: date | None = TODAY,
    billing_email: str = "",
) -> Company:
    """Make a company that is billed here, unless ``billed_since`` is None."""
    serial = next(_numbers)
    company = Company.objects.create(
        vendor=vendor,
        number=number or f"C-{serial:05}",
        name=name or f"Company {serial}",
        language=language,
        address_lines=["2 Oak Avenue", "Springfield, IL 62702"],
        billed_since=billed_since,
    )
    if billing_email:
        Contact.objects.create(company=company, role="billing", email=billing_email)
    return company


def bill_here(company: Company, *, since: date = TODAY) -> Move:
    """Move a company that the old system billed: what the worker does for one of a wave, without its letter."""
    wave, _made = Wave.objects.get_or_create(
        vendor=company.vendor, name="Moved", first_invoice_month=since.replace(day=1), deadline=since
    )
    with transaction.atomic():
        move = Move.objects.create(wave=wave, company=company, moved_on=since, moved_at=NOW, reached_by="paper")
        Handover.objects.bulk_create(
            Handover(move=move, subscription=taken, billed_through=taken.billed_from)
            for taken in company.subscriptions.all()
        )
        Company.objects.filter(id=company.id).update(billed_since=since)
    return move


def make_location(*, company: Company, name: str = "", state: str = "IL", since: date = date(2019, 1, 1)) -> Location:
    """Make a store that the company owns."""
    serial = next(_numbers)
    location = Location.objects.create(
        vendor=company.vendor,
        number=f"{serial:04}",
        name=name or f"Store {serial}",
        address=f"{serial} Elm Street",
        city="Springfield",
        state=state,
        postal_code="62703",
    )
    Ownership.objects.create(company=company, location=location, period=(since, None))
    return location


def make_plan(
    *,
    vendor: Vendor,
    price_minor: int = 9_900,
    cadence: str = Cadence.MONTHLY,
    name: str = "",
    scope: str = Scope.COMPANY,
    addon_of: Plan | None = None,
    minimum_term_months: int | None = None,
) -> Plan:
    """Make a plan with a price that has always held."""
    serial = next(_numbers)
    product = Product.objects.create(vendor=vendor, code=f"product-{serial}", name=name or "Enterprise Office")
    made = Plan.objects.create(
        product=product,
        vendor=vendor,
        code=f"plan-{serial}",
        name=product.name,
        cadence=cadence,
        scope=scope,
        addon_of=addon_of,
        minimum_term_months=minimum_term_months,
    )
    Price.objects.create(plan=made, valid_from=date(2000, 1, 1), amount_minor=price_minor)
    return made


def make_subscription(
    *,
    company: Company,
    plan: Plan,
    location: Location | None = None,
    billed_from: date = date(2020, 10, 1),
) -> Subscription:
    """Let a company take a plan, billed here from ``billed_from`` on."""
    return Subscription.objects.create(
        vendor=company.vendor,
        company=company,
        location=location,
        plan=plan,
        anchor_day=billed_from.day,
        starts_on=date(2019, 1, 1),
        billed_from=billed_from,
        billed_through=billed_from,
    )


def make_user(
    *, email: str = "", name: str = "", language: str = "en", password: str | None = None, also: Sequence[str] = ()
) -> User:
    """Make a login; without a password, as everybody's is before the first “forgot password”."""
    user = User.objects.create_user(
        email=email or f"person-{next(_numbers)}@example.com", name=name, language=language, password=password
    )
    LoginAddress.objects.bulk_create(LoginAddress(user=user, address=address) for address in also)
    return user


def make_member(*, company: Company, user: User | None = None, role: str = "owner") -> User:
    """Let a person act for a company."""
    user = user or make_user()
    Member.objects.create(company=company, user=user, role=role)
    return user


def make_staff(*, vendor: Vendor, user: User | None = None, role: str = "manager") -> User:
    """Put a person on a vendor's billing team."""
    user = user or make_user()
    StaffMember.objects.create(vendor=vendor, user=user, role=role)
    return user


@transaction.atomic
def _request(*, vendor: Vendor, through: date, issue_date: date) -> int:
    return request_bill_run(vendor_id=vendor.id, through=through, issue_date=issue_date, actor=TESTS)


def issue_invoices(*, vendor: Vendor, through: date = date(2020, 10, 1), issue_date: date = TODAY) -> list[Invoice]:
    """Take a bill run from request to issue as the worker does; return its invoices in the order of their ids."""
    run_id = _request(vendor=vendor, through=through, issue_date=issue_date)
    divide(run_id=run_id)
    plan_parts(run_id=run_id, now=NOW)
    with transaction.atomic():
        approve_bill_run(run_id=run_id, today=issue_date, actor=TESTS, now=NOW)
    issue_parts(run_id=run_id, now=NOW)
    return list(Invoice.objects.filter(batch__run_id=run_id).order_by("id"))
