"""A vendor with companies to tell things to, and a worker that does what is waiting."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
from django.db import transaction
from procrastinate import JobContext
from procrastinate.contrib.django import app as queue
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from comptoir.catalog.models import Plan
from comptoir.invoicing.models import Invoice
from comptoir.invoicing.queries import invoice
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next
from comptoir.payments.beginning import begin
from comptoir.payments.gateways import Dispute, Intent, IntentStatus
from comptoir.payments.models import Authorisation, MethodKind, Payment, PaymentMethod
from comptoir.payments.truth import Truth, apply
from comptoir.tenancy.models import Company, Vendor
from tests.factories import NOW, TODAY, make_company, make_plan, make_subscription, make_user, make_vendor
from tests.ways_to_pay import agree


@dataclass(frozen=True)
class World:
    """A vendor that sells one plan at 49.00."""

    vendor: Vendor
    plan: Plan

    def company(self, name: str, *, email: str = "sam@example.com", language: str = "en") -> Company:
        """Add a company that takes the plan from October 2020 on; without ``email`` nobody can be written to."""
        company = make_company(vendor=self.vendor, name=name, language=language, billing_email=email)
        make_subscription(company=company, plan=self.plan)
        return company


@pytest.fixture
def world(db: None) -> World:
    vendor = make_vendor(name="Harbor")
    return World(vendor=vendor, plan=make_plan(vendor=vendor, price_minor=4_900))


def save_method(company: Company, *, kind: str = MethodKind.BANK_ACCOUNT, autopay: bool = True) -> PaymentMethod:
    """Let a company have a saved method and, with ``autopay``, have agreed to be debited."""
    method = PaymentMethod.objects.create(
        company=company,
        gateway_id=f"pm_{company.id}",
        kind=kind,
        brand="STRIPE TEST BANK" if kind == MethodKind.BANK_ACCOUNT else "Visa",
        last4="6789",
        expires_on=None if kind == MethodKind.BANK_ACCOUNT else NOW.date().replace(year=2024),
        saved_at=NOW,
    )
    if autopay:
        Authorisation.objects.create(
            company=company,
            method=method,
            text="I agree.",
            text_version="1",
            text_sha256="0" * 64,
            given_by=make_user(),
            given_at=NOW,
            active_since=NOW,
        )
    return method


def make_payment(
    invoices: list[Invoice], *, origin: str = "one_time", amounts: Mapping[int, int] | None = None
) -> Payment:
    """Let a company pay invoices from its saved bank account, whole or by so much each; the bank has not answered."""
    with transaction.atomic():
        payment = begin(
            company_id=invoices[0].company_id,
            origin=origin,
            kind=MethodKind.BANK_ACCOUNT,
            method=PaymentMethod.objects.get(company_id=invoices[0].company_id),
            currency="USD",
            amounts=amounts or {invoice.id: invoice.total_minor for invoice in invoices},
            today=TODAY,
            now=NOW,
        )
        if origin == "one_time":
            agree(payment)
        return payment


def bank_says(payment: Payment, status: IntentStatus, *, failed: str = "", returned: str = "") -> None:
    """Let the processor say how a payment stands: with the code of its failure, or of its return."""
    lost = Dispute(
        id=f"dp_{payment.id}",
        status="lost",
        code=returned,
        reason="bank_cannot_process",
        amount_minor=payment.amount_minor,
        fee_minor=0,
        respond_by=None,
        is_of_card=False,
    )
    intent = Intent(
        id=f"pi_{payment.id}",
        status=status,
        reference=str(payment.public_id),
        failure_code=failed,
        method=None,
        dispute=lost if returned else None,
    )
    with transaction.atomic():
        apply(payment_id=payment.id, truth=Truth(page=None, intent=intent), now=NOW)


def bank_disputes(payment: Payment, *, status: str) -> None:
    """Let a card holder's bank say how a dispute stands."""
    told = Dispute(
        id=f"dp_{payment.id}", status=status, code="10.4", reason="fraudulent", amount_minor=payment.amount_minor,
        fee_minor=0, respond_by=None, is_of_card=True,
    )  # fmt: skip
    intent = Intent(
        id=f"pi_{payment.id}", status="succeeded", reference=str(payment.public_id), failure_code="", method=None,
        dispute=told,
    )  # fmt: skip
    with transaction.atomic():
        apply(payment_id=payment.id, truth=Truth(page=None, intent=intent), now=NOW)


def number_of(issued: Invoice) -> str:
    """Return an invoice's number as it is printed."""
    return invoice(issued.public_id).row.number


@pytest.fixture
def work() -> Callable[[], list[str]]:
    """Deliver what happened and run the jobs that wait, on the test's own connection, until nothing is left."""
    return _work_off


def _work_off() -> list[str]:
    failures: list[str] = []
    failed: set[int] = set()
    while True:
        delivered = deliver_next(now=wall_now())
        waiting = ProcrastinateJob.objects.filter(status="todo").exclude(id__in=failed).order_by("id")
        if not delivered and not waiting:
            return failures
        for job in waiting:
            try:
                _run(job)
            except Exception as error:  # noqa: BLE001  the test looks at what failed
                failed.add(job.id)
                failures.append(f"{job.task_name}: {error}")
            else:
                ProcrastinateJob.objects.filter(id=job.id).update(status="succeeded")


def _run(row: ProcrastinateJob) -> None:
    task = queue.tasks[row.task_name]
    if not task.pass_context:
        task(**row.args)
        return
    job = Job(
        id=row.id,
        queue=row.queue_name,
        lock=None,
        queueing_lock=None,
        task_name=row.task_name,
        task_kwargs=row.args,
        attempts=row.attempts,
    )
    task(JobContext(app=queue, job=job, start_timestamp=time.time(), abort_reason=lambda: None), **row.args)
