"""An old system's customers, from the file's bytes to the commit, beside the fastest way to write the same rows."""

import resource
import time
from datetime import date

from comptoir.cutover.importing import import_export
from comptoir.kit.clocks import wall_now
from comptoir.tenancy.audit import system

from .companies import make_vendor
from .limit import guarded, limit, marks, written_since
from .scratch import scratch_database, twin_of

# What an import writes, parents before what points at them; and the import itself, with its file.
WRITTEN = dict.fromkeys(
    (
        "catalog_product",
        "catalog_plan",
        "catalog_price",
        "tenancy_company",
        "customers_contact",
        "customers_location",
        "customers_ownership",
        "subscriptions_subscription",
        "cutover_legacycompany",
    ),
    "id",
)
IMPORT = {"cutover_legacyimport": "id"}
PLANS = ("office", "insight", "till")
PROFILE = "\n".join(
    [
        '[vendor]\nslug = "bench"\nname = "Bench"\ncurrency = "USD"\ntime_zone = "America/New_York"\nlanguage = "en"',
        *(
            f'[[products]]\ncode = "{plan}"\nname = "{plan.title()}"\n[[products.plans]]\ncode = "{plan}"\n'
            f'name = "{plan.title()}"\ncadences = ["monthly"]'
            for plan in PLANS
        ),
        '[customers]\ncontrol_column = "price"\n[customers.columns]',
        *(
            f'{name} = "{name}"'
            for name in (
                "customer_number",
                "company_name",
                "owner_email",
                "billing_email",
                "address",
                "city",
                "state",
                "zip",
                "store_number",
                "store_name",
                "store_address",
                "store_city",
                "store_state",
                "store_zip",
                "product",
                "price",
                "billed_through",
                "starts_on",
            )
        ),
        '[customers.defaults]\ncountry = "US"\ncadence = "monthly"\npayment_method = "check"\n',
    ]
)
HEADER = PROFILE.split("[customers.columns]")[1].split("[customers.defaults]")[0]
TODAY = date(2020, 9, 16)


def run(*, companies: int) -> dict[str, float | int]:
    """Measure the import of ``companies`` customers with a store and three subscriptions each; return the figures.

    ``seconds`` are from the file's bytes to the commit; the other side is COPY of the rows that were written, into
    tables with primary keys alone, and into the real ones, which says what their guarantees alone cost.
    """
    content = _export(companies)
    with scratch_database() as url:
        make_vendor(today=TODAY)
        with twin_of(url) as twin:
            before = marks(WRITTEN | IMPORT)
            resident = _peak_mb()
            started = time.perf_counter()
            _import(content, companies=companies)
            seconds = time.perf_counter() - started
            peak = _peak_mb()
            rows, upon = written_since(before, WRITTEN), written_since(before, IMPORT)
            limit_seconds, _indexed = limit(url, rows=rows)
            guarded_seconds = guarded(url, rows=rows, upon=upon, twin=twin)
    return {
        "companies": companies,
        "subscriptions": companies * len(PLANS),
        "seconds": round(seconds, 3),
        "limit_seconds": round(limit_seconds, 3),
        "ratio_to_copy": round(seconds / limit_seconds, 2),
        "guarded_seconds": round(guarded_seconds, 3),
        "ratio_to_guarded_copy": round(seconds / guarded_seconds, 2),
        "peak_rss_mb": peak,
        "growth_mb": peak - resident,
    }


def _import(content: bytes, *, companies: int) -> None:
    report = import_export(
        vendor_slug="bench",
        profile_text=PROFILE,
        profile_name="bench.toml",
        content=content,
        filename="customers.csv",
        actor=system("bench"),
        now=wall_now(),
    )
    if (report.created, report.refused) != (companies, 0):
        raise RuntimeError(f"the import took {report.counts}")


def _export(companies: int) -> bytes:
    """A made-up export, one line for each subscription; every second company pays a price of its own."""
    columns = [line.split(" = ")[0] for line in HEADER.strip().splitlines()]
    lines = [",".join(columns)]
    for number in range(companies):
        place = f"{number} Elm Street,Springfield,IL,62703"
        head = f"C{number:07},Company {number},owner{number}@example.com,books{number}@example.com,{place}"
        for position, plan in enumerate(PLANS):
            price = f"{30 + (number * 7 + position) % 90}.00" if number % 2 else "49.00"
            lines.append(f"{head},S{number:07},Store {number},{place},{plan},{price},2020-10-01,2019-01-01")
    return "\n".join(lines).encode()


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
