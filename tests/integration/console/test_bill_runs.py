"""The billing team plans a run, looks at who cannot be billed, and is told when it cannot have another."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils.html import strip_tags
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.catalog.models import Plan
from comptoir.console import bill_runs as pages
from comptoir.identity.models import User
from comptoir.invoicing.bill_runs import (
    approve_bill_run,
    divide,
    issue_next_part,
    issue_parts,
    plan_next_part,
    plan_parts,
)
from comptoir.invoicing.models import BillRun, Invoice
from comptoir.invoicing.tasks import resume_runs
from comptoir.kit.clocks import wall_now
from comptoir.tenancy.models import Company, Vendor
from tests.factories import TESTS, make_company, make_plan, make_subscription
from tests.web import WebClient

Staff = Callable[[str], User]
RUNS = "/console/northwind/bill-runs/"


def text(web: WebClient, path: str) -> str:
    return " ".join(strip_tags(web.get(path).content.decode()).split())


def test_a_run_shows_who_cannot_be_billed_and_why_page_by_page(
    web: WebClient, staff: Staff, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make_plan(vendor=vendor)
    unpriced = Plan.objects.create(product=plan.product, vendor=vendor, code="new", name="New", cadence="monthly")
    for company, taken in (("Arches", plan), ("Bluebird", plan), ("Cedar", unpriced)):
        make_subscription(company=make_company(vendor=vendor, name=company), plan=taken)
    monkeypatch.setattr(pages, "COMPANIES_A_PAGE", 2)
    web.force_login(staff("clerk"))
    asked = web.post(RUNS, {"through": "2020-10-01"})
    run_id = BillRun.objects.get().id
    assert asked.headers["Location"] == f"{RUNS}{run_id}/"
    divide(run_id=run_id)
    plan_parts(run_id=run_id, now=wall_now())

    first, second = text(web, f"{RUNS}{run_id}/"), text(web, f"{RUNS}{run_id}/?page=2")

    assert [name in first for name in ("Cedar", "Arches", "Bluebird")] == [True, True, False]
    assert [name in second for name in ("Cedar", "Arches", "Bluebird")] == [False, False, True]
    shown = web.get(f"{RUNS}{run_id}/").content.decode()
    look = re.search(r'href="(/console/northwind/companies/[^"]+/next-invoices/[^"]+)"', shown)
    assert look
    assert "Due on Oct 1, 2020." in text(web, look[1])
    assert "Total$99.00" in text(web, look[1])
    assert not Invoice.objects.exists(), "nothing is left behind"
    cedar = Company.objects.get(name="Cedar").public_id
    assert "New has no price on Oct 1, 2020" in text(web, f"/console/northwind/companies/{cedar}/next-invoices/")
    alone = text(web, f"{RUNS}{run_id}/?status=exception")
    assert "Companies that cannot be billed" in alone
    assert "New has no price on Oct 1, 2020" in alone
    assert "Arches" not in alone

    with transaction.atomic():
        approve_bill_run(run_id=run_id, today=BillRun.objects.get().issue_date, actor=TESTS, now=wall_now())
    issue_parts(run_id=run_id, now=wall_now())
    assert "NOR-000001" in text(web, f"{RUNS}{run_id}/"), "what it made is a click away"
    idle = Company.objects.get(name="Arches").public_id
    assert "Nothing falls due" in text(web, f"/console/northwind/companies/{idle}/next-invoices/?through=2020-10-01")


def test_the_page_follows_the_parts_that_are_planned_and_issued(web: WebClient, staff: Staff, vendor: Vendor) -> None:
    plan = make_plan(vendor=vendor)
    for _each in range(5):
        make_subscription(company=make_company(vendor=vendor), plan=plan)
    web.force_login(staff("manager"))
    web.post(RUNS, {"through": "2020-10-01"})
    run_id = BillRun.objects.get().id

    def page() -> str:
        return web.get(f"{RUNS}{run_id}/", headers={"HX-Request": "true"}).content.decode()

    asks_again = 'hx-trigger="every 1s"'
    assert asks_again in page()
    assert "<progress" not in page(), "nobody knows yet how many they are"
    divide(run_id=run_id, size=2)
    plan_next_part(run_id=run_id, now=wall_now())
    assert 'value="2" max="5" aria-label="Companies planned"' in page()
    assert asks_again in page()
    plan_parts(run_id=run_id, now=wall_now())
    assert "<progress" not in page()
    assert asks_again not in page(), "now it waits for a person"

    web.post(f"{RUNS}{run_id}/approve/")
    assert 'value="0" max="5" aria-label="Invoices issued"' in page()
    for _part in range(2):
        issue_next_part(run_id=run_id, now=wall_now())
    assert 'value="4" max="5" aria-label="Invoices issued"' in page()
    assert asks_again in page()
    issue_parts(run_id=run_id, now=wall_now())
    assert "<progress" not in page()
    assert asks_again not in page()


def test_a_plan_of_more_than_a_week_ago_is_canceled_and_not_approved(
    web: WebClient, staff: Staff, vendor: Vendor
) -> None:
    make_subscription(company=make_company(vendor=vendor), plan=make_plan(vendor=vendor))
    web.force_login(staff("manager"))
    web.post(RUNS, {"through": "2020-10-01"})
    run = BillRun.objects.get()
    divide(run_id=run.id)
    plan_parts(run_id=run.id, now=wall_now())
    Vendor.objects.update(business_date=run.issue_date + timedelta(days=8))

    refused = web.post(f"{RUNS}{run.id}/approve/")

    assert refused.status_code == 409
    assert "planned more than 7 days ago" in refused.content.decode()
    web.post(f"{RUNS}{run.id}/cancel/")
    run.refresh_from_db()
    assert run.status == "canceled"
    assert not Invoice.objects.exists()


def test_a_second_run_is_refused_on_the_form(web: WebClient, staff: Staff, vendor: Vendor) -> None:
    web.force_login(staff("clerk"))
    web.post(RUNS, {"through": "2020-10-01"})
    again = web.post(RUNS, {"through": "2020-10-01"})
    assert again.status_code == 200
    assert "Another bill run is under way" in again.content.decode()
    assert "more than a year ahead" in web.post(RUNS, {"through": "2200-10-01"}).content.decode()


def test_a_run_whose_jobs_are_gone_is_taken_up_again_once(web: WebClient, staff: Staff, vendor: Vendor) -> None:
    make_subscription(company=make_company(vendor=vendor), plan=make_plan(vendor=vendor))
    web.force_login(staff("clerk"))
    web.post(RUNS, {"through": "2020-10-01"})

    resume_runs(timestamp=0)
    resume_runs(timestamp=0)

    (job,) = ProcrastinateJob.objects.filter(task_name="invoicing.plan_run")
    assert job.args["run_id"] == BillRun.objects.get().id
    assert BillRun.objects.get().parts.count() == 1
