"""A billing team that moves its customers here, and the worker that does what it asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.customers.models import Contact
from comptoir.cutover import planning, running
from comptoir.cutover.comparison.models import LegacyInvoice
from comptoir.cutover.funnel import Moved, moved_companies
from comptoir.cutover.models import LegacyImport
from comptoir.cutover.moving import move_company, move_ids_to_carry_out
from comptoir.cutover.reminding import send_notice
from comptoir.cutover.tasks import remind_those_who_moved
from comptoir.cutover.writing import note_printed
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next
from comptoir.payments.models import Dispute, Payment
from comptoir.tenancy import doors
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.models import Company
from tests.databases import Database
from tests.factories import (
    NOW,
    TODAY,
    make_company,
    make_location,
    make_plan,
    make_staff,
    make_subscription,
    make_vendor,
)
from tests.ways_to_pay import disputed

OCTOBER = date(2020, 10, 1)
DEADLINE = date(2020, 9, 28)


class Office:
    """A vendor, one of its billing team, and two companies that the old system still bills."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.vendor = make_vendor(name="Northwind")
        self.nora = make_staff(vendor=self.vendor)
        self.actor = Actor(kind="staff", label="Nora", user_id=self.nora.id)
        plan = make_plan(vendor=self.vendor, scope="location")
        self.arches, self.bistro = (self._company(name, plan=plan) for name in ("Arches", "Bistro"))

    def _company(self, name: str, *, plan: object) -> Company:
        company = make_company(
            vendor=self.vendor, name=name, billed_since=None, billing_email=f"books@{name.lower()}.example"
        )
        Contact.objects.create(company=company, role="owner", email=f"owner@{name.lower()}.example")
        make_subscription(company=company, plan=plan, location=make_location(company=company))  # type: ignore[arg-type]
        return company

    @contextmanager
    def door(self) -> Iterator[None]:
        with self.database.as_web(), doors.staff(user_id=self.nora.id, vendor_id=self.vendor.id):
            yield

    def plan_wave(self, *companies: Company, name: str = "October") -> int:
        with self.door():
            wave_id = planning.create_wave(
                vendor_id=self.vendor.id,
                name=name,
                first_invoice_month=OCTOBER,
                deadline=DEADLINE,
                actor=self.actor,
                today=TODAY,
            )
            planning.add_companies(
                vendor_id=self.vendor.id,
                wave_id=wave_id,
                company_public_ids=[company.public_id for company in companies],
                actor=self.actor,
            )
        return wave_id

    def send(self, wave_id: int) -> int:
        with self.door():
            return running.send_wave(vendor_id=self.vendor.id, wave_id=wave_id, actor=self.actor, today=TODAY, now=NOW)


def move_all(wave_id: int) -> None:
    for move_id in move_ids_to_carry_out(wave_id):
        move_company(move_id=move_id, now=NOW)


def funnel(office: Office, wave_id: int | None = None) -> dict[str, Moved]:
    with office.door():
        rows = moved_companies(vendor_id=office.vendor.id, wave_id=wave_id, today=TODAY)
    return {row.name: row for row in rows}


def put_on_paper(office: Office, *companies: Company) -> None:
    """Have what waits for the printer put together, of some companies."""
    found = funnel(office)
    with office.door():
        note_printed([found[company.name] for company in companies], now=NOW)


def pass_deadline(office: Office) -> None:
    """Have the worker tell at the deadline who pays by check; each is asked for twice, as after a crash."""
    remind_those_who_moved(vendor_id=office.vendor.id, on=DEADLINE)
    jobs = list(ProcrastinateJob.objects.filter(task_name="cutover.send_move_notice", status="todo"))
    for job in [*jobs, *jobs]:
        send_notice(notice_id=job.args["notice_id"], move_id=job.args["move_id"], on=DEADLINE, now=NOW)


def sent_wave(office: Office, *companies: Company) -> int:
    wave_id = office.plan_wave(*(companies or (office.arches, office.bistro)))
    office.send(wave_id)
    return wave_id


def work() -> None:
    while deliver_next(now=wall_now()):
        pass


def an_old_invoice_comes_in(company: Company, *, open_minor: int = 0) -> None:
    """Bring an invoice of the old system that nobody has compared yet."""
    read = LegacyImport.objects.create(
        vendor=company.vendor,
        profile_name="p",
        profile="p",
        filename="f",
        content=b"",
        sha256="0" * 64,
        requested_by="me",
    )
    LegacyInvoice.objects.create(
        company=company,
        number="L-1",
        issued_on=TODAY,
        lines=[],
        net_minor=100,
        tax_minor=0,
        total_minor=100,
        open_minor=open_minor,
        content_hash="0" * 64,
        imported_by=read,
    )


@transaction.atomic
def a_payment_is_disputed(company: Company) -> Dispute:
    """Have a bank take a card payment back that the company made on account."""
    payment = Payment.objects.create(
        company=company,
        origin="one_time",
        kind="card",
        currency="USD",
        amount_minor=100,
        on_account_minor=100,
        confirmation=f"D-{company.id}",
        initiated_on=TODAY,
        created_at=NOW,
    )
    Payment.objects.filter(id=payment.id).update(status="succeeded", succeeded_at=NOW, succeeded_on=TODAY)
    return disputed(payment)
