"""A vendor with many companies, each with three years of invoices, loaded by COPY.

The rules that check an invoice against the books are off while it is loaded, since there are no books here: what is
measured reads invoices and balances alone. Nothing else ever loads invoices like this.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction

from comptoir.catalog.models import Plan, Price, Product
from comptoir.customers.queries import memberships
from comptoir.kit.clocks import wall_now
from comptoir.kit.copying import copy_rows, take_ids
from comptoir.subscriptions.calculation.periods import add_months

from .companies import load_companies, make_vendor

MONTHS = 36
STORES = 3
PAYMENTS = 6
LAST_ISSUE = date(2020, 9, 16)
TODAY = date(2020, 9, 20)
PRICE_MINOR = 19_800
BULK = (
    "invoicing_invoicebatch",
    "invoicing_invoice",
    "invoicing_invoicebalance",
    "invoicing_invoicenumber",
    "invoicing_numberseries",
    "payments_payment",
    "payments_paymentitem",
    "payments_authorisation",
    "customers_member",
)


def load(*, companies: int) -> None:
    """Load them: an owner and three stores each, the last invoice open; two of five on autopay."""
    with transaction.atomic(), _without_triggers():
        vendor_id, company_ids, user_ids, _store_ids = load_owners_with_stores(companies=companies)
        first_invoice = _invoices(vendor_id=vendor_id, company_ids=company_ids)
        _ways_to_pay(company_ids=company_ids, user_ids=user_ids)
        _payments(company_ids=company_ids, first_invoice=first_invoice)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def load_owners_with_stores(*, companies: int) -> tuple[int, list[int], list[int], list[int]]:
    """Load a vendor, its companies with an owner and three stores each. Stores are numbered by their ids."""
    vendor_id = make_vendor(today=TODAY)
    company_ids = take_ids(table="tenancy_company", count=companies)
    user_ids = take_ids(table="identity_user", count=companies)
    _companies(vendor_id=vendor_id, company_ids=company_ids, user_ids=user_ids)
    return vendor_id, company_ids, user_ids, _stores(vendor_id=vendor_id, company_ids=company_ids)


def log_in_some(*, count: int) -> list[tuple[str, str]]:
    """Log people in, of companies all over the table; return each company's public id and the session's key."""
    people = get_user_model()._default_manager.order_by("id")
    step = max(people.count() // count, 1)
    found = []
    for user in people[::step][:count]:
        session = SessionStore()
        session["_auth_user_id"] = str(user.pk)
        session["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
        session["_auth_user_hash"] = user.get_session_auth_hash()
        session["account_authentication_methods"] = [{"method": "password", "at": wall_now().timestamp()}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.create()
        (own,) = memberships(user_id=user.id).read()
        found.append((str(own.company.public_id), str(session.session_key)))
    return found


@contextmanager
def _without_triggers() -> Iterator[None]:
    with connection.cursor() as cursor:
        for table in BULK:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in BULK:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _companies(*, vendor_id: int, company_ids: list[int], user_ids: list[int]) -> None:
    load_companies(vendor_id=vendor_id, company_ids=company_ids, billed_since=date(2017, 10, 1))
    copy_rows(
        table="identity_user",
        columns=["id", "email", "name", "language", "password", "is_active"],
        rows=((i, f"owner-{i}@bench.example", f"Owner {i}", "en", "!", True) for i in user_ids),
    )
    copy_rows(
        table="customers_member",
        columns=["company_id", "user_id", "role"],
        rows=((company, user, "owner") for company, user in zip(company_ids, user_ids, strict=True)),
    )
    copy_rows(
        table="customers_contact",
        columns=["company_id", "role", "name", "email"],
        rows=((company, "owner", "", f"owner-{company}@bench.example") for company in company_ids),
    )


def _stores(*, vendor_id: int, company_ids: list[int]) -> list[int]:
    product = Product.objects.create(vendor_id=vendor_id, code="erestaurant", name="eRestaurant")
    plan = Plan.objects.create(
        product=product,
        vendor_id=vendor_id,
        code="erestaurant",
        name="eRestaurant",
        cadence="monthly",
        scope="location",
    )
    Price.objects.create(plan=plan, valid_from=date(2010, 1, 1), amount_minor=PRICE_MINOR // STORES)
    store_ids = take_ids(table="customers_location", count=len(company_ids) * STORES)
    copy_rows(
        table="customers_location",
        columns=["id", "public_id", "vendor_id", "number", "name", "address", "city", "county", "state", "postal_code",
                 "country"],
        rows=(
            (i, uuid4(), vendor_id, str(i), f"Store {i}", "1 Main St", "City", "", "IL", "62703", "US")
            for i in store_ids
        ),
    )  # fmt: skip
    owners = [company for company in company_ids for _store in range(STORES)]
    copy_rows(
        table="customers_ownership",
        columns=["company_id", "location_id", "period"],
        rows=((company, store, "[2015-01-01,)") for company, store in zip(owners, store_ids, strict=True)),
    )
    copy_rows(
        table="subscriptions_subscription",
        columns=["vendor_id", "company_id", "location_id", "plan_id", "legacy_key", "anchor_day", "starts_on",
                 "billed_from", "billed_through"],
        rows=(
            (vendor_id, company, store, plan.id, "", 1, date(2015, 1, 1), date(2020, 11, 1), date(2020, 11, 1))
            for company, store in zip(owners, store_ids, strict=True)
        ),
    )  # fmt: skip
    return store_ids


def _invoices(*, vendor_id: int, company_ids: list[int]) -> int:
    """Write each company's invoices, month by month as they were issued; return the first one's id."""
    months = [add_months(LAST_ISSUE, months=back, anchor_day=16) for back in range(1 - MONTHS, 1)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO invoicing_invoicebatch (vendor_id, closed) VALUES (%s, true) RETURNING id", [vendor_id]
        )
        (batch_id,) = cursor.fetchone() or (0,)
        cursor.execute(
            "INSERT INTO invoicing_numberseries (vendor_id, kind, prefix, next_number)"
            " VALUES (%s, 'invoice', 'BEN', %s) RETURNING id",
            [vendor_id, len(company_ids) * MONTHS + 1],
        )
        (series_id,) = cursor.fetchone() or (0,)
    first = 1
    bill_to = '{"name": "Company", "address_lines": ["1 Main St"]}'
    copy_rows(
        table="invoicing_invoice",
        columns=["id", "public_id", "batch_id", "vendor_id", "company_id", "issue_date", "due_date", "currency",
                 "language", "bill_to", "net_minor", "tax_minor", "total_minor"],
        rows=(
            (first + number, uuid4(), batch_id, vendor_id, company, issued, issued + timedelta(days=15), "USD", "en",
             bill_to, PRICE_MINOR, 0, PRICE_MINOR)
            for number, (issued, company) in enumerate((day, one) for day in months for one in company_ids)
        ),
    )  # fmt: skip
    count, open_from = len(company_ids) * MONTHS, len(company_ids) * (MONTHS - 1)
    settled = wall_now()
    copy_rows(
        table="invoicing_invoicebalance",
        columns=["invoice_id", "open_minor", "in_flight_minor", "settled_at"],
        rows=(
            (first + number, 0 if number < open_from else PRICE_MINOR, 0, settled if number < open_from else None)
            for number in range(count)
        ),
    )
    copy_rows(
        table="invoicing_invoicenumber",
        columns=["invoice_id", "series_id", "number"],
        rows=((first + number, series_id, number + 1) for number in range(count)),
    )
    return first


def _ways_to_pay(*, company_ids: list[int], user_ids: list[int]) -> None:
    now = wall_now()
    payers = [(company, user) for company, user in zip(company_ids, user_ids, strict=True) if company % 5 < 3]
    method_ids = take_ids(table="payments_paymentmethod", count=len(payers))
    copy_rows(
        table="payments_paymentmethod",
        columns=["id", "public_id", "company_id", "gateway_id", "kind", "brand", "last4", "saved_at", "holder_type",
                 "unusable_reason"],
        rows=(
            (i, uuid4(), company, f"pm_{i}", "us_bank_account", "BANK", "6789", now, "company", "")
            for i, (company, _user) in zip(method_ids, payers, strict=True)
        ),
    )  # fmt: skip
    copy_rows(
        table="payments_authorisation",
        columns=["public_id", "company_id", "method_id", "text", "text_version", "text_sha256", "given_by_id",
                 "given_at", "active_since", "user_agent", "ended_reason"],
        rows=(
            (uuid4(), company, i, "I agree.", "1", "0" * 64, user, now, now, "", "")
            for i, (company, user) in zip(method_ids, payers, strict=True)
            if company % 5 < 2
        ),
    )  # fmt: skip


def _payments(*, company_ids: list[int], first_invoice: int) -> None:
    """Let each company have paid its last invoices but one, each by itself."""
    now = wall_now()
    payment_ids = take_ids(table="payments_payment", count=len(company_ids) * PAYMENTS)
    made = [(back, place) for back in range(PAYMENTS, 0, -1) for place in range(len(company_ids))]
    copy_rows(
        table="payments_payment",
        columns=["id", "public_id", "company_id", "origin", "kind", "method_label", "currency", "amount_minor",
                 "confirmation", "status", "failure_code", "initiated_on", "created_at", "succeeded_at",
                 "succeeded_on"],
        rows=(
            (i, uuid4(), company_ids[place], "one_time", "us_bank_account", "BANK ••6789", "USD", PRICE_MINOR,
             f"B{i:09}", "succeeded", "", paid_on, now, now, paid_on)
            for i, (back, place) in zip(payment_ids, made, strict=True)
            for paid_on in [add_months(LAST_ISSUE, months=1 - back, anchor_day=16)]
        ),
    )  # fmt: skip
    copy_rows(
        table="payments_paymentitem",
        columns=["payment_id", "invoice_id", "amount_minor"],
        rows=(
            (i, first_invoice + (MONTHS - 1 - back) * len(company_ids) + place, PRICE_MINOR)
            for i, (back, place) in zip(payment_ids, made, strict=True)
        ),
    )
