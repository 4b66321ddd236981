"""One id leads from a click of the billing team through the events and jobs to the worker's log lines."""

import logging
from datetime import date

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.invoicing.models import BillRun
from comptoir.kit.request_id import RequestIdFilter
from comptoir.tenancy.models import AuditEntry, Vendor
from tests.factories import make_company, make_plan, make_staff, make_subscription
from tests.running import work
from tests.web import WebClient


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log, each line with the request that it belongs to."""
    caplog.set_level(logging.INFO, logger="comptoir")
    caplog.handler.addFilter(RequestIdFilter())
    return caplog


def test_the_click_that_approves_a_bill_run_is_on_the_line_that_says_the_mail_is_sent(
    web: WebClient, vendor: Vendor, lines: pytest.LogCaptureFixture
) -> None:
    company = make_company(vendor=vendor, name="Arches Burgers LLC", billing_email="books@arches.example")
    make_subscription(company=company, plan=make_plan(vendor=vendor))
    manager = make_staff(vendor=vendor, role="manager")
    TOTP.activate(manager, "JBSWY3DPEHPK3PXP")
    web.force_login(manager)
    web.post("/console/northwind/bill-runs/", {"through": date(2020, 10, 1)}, headers={"X-Request-ID": "click-to-plan"})
    work()
    run = BillRun.objects.get()
    lines.clear()

    web.post(f"/console/northwind/bill-runs/{run.id}/approve/", headers={"X-Request-ID": "click-to-issue"})
    work()

    asked = {job.task_name: job.args["request_id"] for job in ProcrastinateJob.objects.order_by("id")}
    assert asked == {
        "invoicing.plan_run": "click-to-plan",
        "invoicing.issue_run": "click-to-issue",
        "notices.send_slice": "click-to-issue",
        "mailer.deliver": "click-to-issue",
    }
    ours = [record for record in lines.records if record.name.startswith("comptoir")]
    said = {record.name: record.request_id for record in ours}  # type: ignore[attr-defined]
    assert said == {"comptoir.web": "click-to-issue", "comptoir.mailer.handing_over": "click-to-issue"}
    assert set(AuditEntry.objects.filter(subject=f"bill_run:{run.id}").values_list("request_id", flat=True)) == {
        "click-to-plan",
        "click-to-issue",
    }
