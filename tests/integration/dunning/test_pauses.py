"""What holds reminders and suspension up by itself, cause by cause, and what follows once it is over."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pytest
from django.db import transaction

from comptoir.dunning.models import NoticeItem, Pause, Policy
from comptoir.dunning.pausing import hold, note_promise, release
from comptoir.inbox.operations import close_thread, open_thread
from comptoir.invoicing.models import Invoice
from comptoir.invoicing.queries import InvoiceRow
from comptoir.payments import planning
from comptoir.payments.models import AutopayInstruction, DebitNotice, Payment, PaymentMethod, PlannedRetry
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.models import Company
from comptoir.tenancy.queries import vendor as vendor_row
from tests.factories import NOW, TESTS, issue_invoices, make_plan, make_subscription, make_user
from tests.integration.dunning.conftest import DUE, Work, live, notices_of, state_of
from tests.integration.notices.conftest import World, bank_disputes, bank_says, make_payment, save_method

SAM = Actor(kind="customer", label="Sam", user_id=1)


def after(days: int) -> date:
    return DUE + timedelta(days=days)


def begin_all(
    world: World, companies: dict[str, Company], *, september: Invoice, october: dict[int, Invoice], today: date
) -> Callable[[], None]:
    """Let each cause begin, and return what ends them all."""
    vendor_id, at = world.vendor.id, {"today": today, "now": NOW, "actor": TESTS}
    under_way = make_payment([october[companies["payment"].id]])
    bank_says(under_way, "processing")
    refused = make_payment([october[companies["retry"].id]])
    bank_says(refused, "waiting", failed="R01")
    retry = PlannedRetry.objects.create(after=refused, planned_on=today + timedelta(days=9))
    disputed = Payment.objects.get(items__invoice=september)
    bank_disputes(disputed, status="needs_response")
    thread = open_thread(
        vendor=vendor_row(vendor_id), company_id=companies["message"].id, topic="other_urgent", subject="Help",
        text="My store burnt down.", urgent=True, actor=SAM, now=NOW,
    )  # fmt: skip
    until, owed = today + timedelta(days=60), october[companies["promise"].id].total_minor
    note_promise(
        vendor_id=vendor_id, company_id=companies["promise"].id, amount_minor=owed, until=until, reason="Told us", **at
    )
    hold(vendor_id=vendor_id, company_id=companies["hold"].id, until=until, reason="Moving", **at)

    def end() -> None:
        bank_says(under_way, "waiting", failed="R02")
        PlannedRetry.objects.filter(id=retry.id).update(dropped_at=NOW, dropped_why="called_off")
        bank_disputes(disputed, status="won")
        with transaction.atomic():
            close_thread(thread_public_id=thread, actor=TESTS, now=NOW)
        for pause in Pause.objects.all():
            release(vendor_id=vendor_id, public_id=pause.public_id, actor=TESTS, reason="over", now=NOW)

    return end


@pytest.fixture
def companies(world: World) -> dict[str, Company]:
    """A company for each cause, and one without any; the one that will dispute has a payment of September to."""
    names = ("none", "payment", "retry", "dispute", "message", "promise", "hold")
    made = {name: world.company(f"{name} LLC", email=f"{name}@example.com") for name in names}
    earlier = make_plan(vendor=world.vendor, name="Xformity")
    make_subscription(company=made["dispute"], plan=earlier, billed_from=date(2020, 9, 1))
    for name in ("payment", "retry", "dispute"):
        save_method(made[name], autopay=False)
    return made


def bill(world: World) -> tuple[Invoice, dict[int, Invoice]]:
    """Issue September's one invoice, which is paid, and October's, by company."""
    (september,) = issue_invoices(vendor=world.vendor, through=date(2020, 9, 1))
    bank_says(make_payment([september]), "succeeded")
    return september, {invoice.company_id: invoice for invoice in issue_invoices(vendor=world.vendor)}


def reminded(companies: dict[str, Company]) -> dict[str, str]:
    """Return the last that each was written."""
    return {name: notices_of(company)[-1][0] for name, company in companies.items()}


def test_each_cause_holds_reminders_up_until_it_is_over(
    world: World, work: Work, companies: dict[str, Company]
) -> None:
    september, october = bill(world)
    live(world, after(5), work=work)
    assert set(reminded(companies).values()) == {"reminder"}

    end = begin_all(world, companies, september=september, october=october, today=after(5))
    work()
    live(world, after(20), work=work)
    assert reminded(companies) == dict.fromkeys(companies, "reminder") | {"none": "final_notice"}

    end()
    work()
    live(world, after(21), work=work)
    assert reminded(companies) == dict.fromkeys(companies, "firm_reminder") | {"none": "final_notice"}


def test_each_cause_holds_suspension_up_until_it_is_over_and_a_persons_word_lets_in(
    world: World, work: Work, companies: dict[str, Company]
) -> None:
    Policy.objects.filter(vendor=world.vendor).update(most_percent=100)  # the brake is another story
    september, october = bill(world)
    live(world, after(18), work=work)
    assert {name: state_of(company) for name, company in companies.items()} == dict.fromkeys(companies, "warned")

    end = begin_all(world, companies, september=september, october=october, today=after(18))
    work()
    live(world, after(30), work=work)
    assert {name: state_of(company) for name, company in companies.items()} == {
        "none": "suspended", "payment": "good", "retry": "warned", "dispute": "warned", "message": "warned",
        "promise": "good", "hold": "good",
    }  # fmt: skip

    end()
    work()
    live(world, after(32), work=work)
    assert {name: state_of(company) for name, company in companies.items()} == dict.fromkeys(companies, "suspended")


def test_whom_automatic_payment_has_not_debited_nobody_reminds_and_all_others_are(world: World, work: Work) -> None:
    """Whatever kept the debit from being begun, banks' days of rest included, is no fault of the company's."""
    on_autopay, by_check = (world.company(name, email=f"{name}@example.com") for name in ("autopay", "check"))
    method = save_method(on_autopay)
    issue_invoices(vendor=world.vendor)
    live(world, after(30), work=work)
    assert notices_of(on_autopay) == []
    assert (state_of(on_autopay), state_of(by_check)) == ("good", "suspended")
    PaymentMethod.objects.filter(id=method.id).update(unusable_reason="R02")
    live(world, after(31), work=work)
    assert notices_of(on_autopay) == [("reminder", after(31))]


def test_whom_a_debit_of_another_amount_was_told_nobody_reminds_before_its_day(world: World, work: Work) -> None:
    """Ten days pass between the telling and the debit: what is due meanwhile is no fault of the company's."""
    told, not_told = (
        world.company(f"{name} LLC", email=email) for name, email in (("told", "a@example.com"), ("not", ""))
    )
    earlier = make_plan(vendor=world.vendor, name="Xformity")
    for company in (told, not_told):
        make_subscription(company=company, plan=earlier, billed_from=date(2020, 9, 1))
        save_method(company)
    for invoice in issue_invoices(vendor=world.vendor, through=date(2020, 9, 1)):
        bank_says(make_payment([invoice], origin="autopay"), "succeeded")
    live(world, DUE, work=work)
    invoices = issue_invoices(vendor=world.vendor, issue_date=DUE)
    assert {invoice.due_date for invoice in invoices} == {DUE}
    work()
    notice = DebitNotice.objects.get(invoice__in=invoices)
    assert (notice.company_id, notice.sent_on, notice.debit_on) == (told.id, DUE, date(2020, 10, 13))

    live(world, after(11), work=work)
    assert notices_of(told) == []
    assert state_of(told) == "good"
    assert [kind for kind, _day in notices_of(not_told)] == ["reminder", "firm_reminder"], "put off from day to day"


def test_what_is_debited_soon_hides_nothing_that_is_overdue_longer(world: World, work: Work) -> None:
    company = world.company("Arches LLC")
    make_subscription(
        company=company, plan=make_plan(vendor=world.vendor, name="Xformity"), billed_from=date(2020, 9, 1)
    )
    save_method(company)
    (september,) = issue_invoices(vendor=world.vendor, through=date(2020, 9, 1))
    AutopayInstruction.objects.create(
        company=company, invoice=september, kind="call_off", amount_minor=september.total_minor, given_by=make_user(),
        given_at=NOW,
    )  # fmt: skip
    (october,) = issue_invoices(vendor=world.vendor)
    live(world, after(20), work=work)
    assert [kind for kind, day in notices_of(company) if day > DUE] == ["final_notice"]
    assert set(NoticeItem.objects.values_list("invoice_id", flat=True)) == {september.id}
    assert october.due_date == DUE


def test_of_whom_nobody_can_tell_what_is_debited_is_left_in_peace_and_let_in_when_it_pays(
    world: World, work: Work, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    Policy.objects.filter(vendor=world.vendor).update(most_percent=100)  # the brake is another story
    broken, closed, other = (world.company(f"{name} LLC", email=f"{name}@example.com") for name in ("a", "b", "c"))
    of_company = {invoice.company_id: invoice for invoice in issue_invoices(vendor=world.vendor)}
    plans = planning.plans

    def fails_for_some(rows: Sequence[InvoiceRow], *, today: date) -> list[planning.Plan]:
        if any(row.company_id in failing for row in rows):
            raise ArithmeticError("a plan that nobody foresaw")
        return plans(rows, today=today)

    monkeypatch.setattr(planning, "plans", fails_for_some)
    failing = {broken.id}
    live(world, after(30), work=work)
    assert [kind for kind, _day in notices_of(broken)] == ["due_soon"], "before it was to be debited"
    assert [state_of(each) for each in (broken, closed, other)] == ["good", "suspended", "suspended"]
    assert f"automatic payment takes of company {broken.id}" in caplog.text

    failing |= {closed.id}
    save_method(closed, autopay=False)
    invoice = of_company[closed.id]
    all_but_a_cent = make_payment([invoice], amounts={invoice.id: invoice.total_minor - 1})
    bank_says(all_but_a_cent, "processing")
    work()
    assert (state_of(closed), state_of(other)) == ("good", "suspended")
