"""What a policy says: who is written to how and at what price, who is left out, and what is done with which product."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from comptoir.access.queries import standing_history, standings_of
from comptoir.catalog.models import Plan, Product
from comptoir.dunning.calculation.standing import ProductRule
from comptoir.dunning.models import Notice
from comptoir.dunning.policies import PolicyRow, StepRow, add_policy, choose_policy, policies, set_policy
from comptoir.dunning.texts import set_text
from comptoir.invoicing.models import InvoiceLine
from comptoir.subscriptions.models import OneOffCharge
from comptoir.tenancy.models import Company
from tests.factories import TESTS, issue_invoices, make_company, make_plan, make_subscription
from tests.integration.dunning.conftest import DUE, Work, live, notices_of
from tests.integration.notices.conftest import World, save_method

Outbox = list[EmailMultiAlternatives]


def after(days: int) -> date:
    return DUE + timedelta(days=days)


def usual(world: World) -> PolicyRow:
    return next(row for row in policies(world.vendor.id) if row.is_usual)


def set_steps(world: World, row: PolicyRow, *steps: StepRow) -> None:
    wanted = replace(row, steps=steps, fee_product_id=world.plan.product_id)
    set_policy(vendor_id=world.vendor.id, wanted=wanted, actor=TESTS)


def join(world: World, company: Company, name: str, *steps: StepRow) -> None:
    """Have a company go by a policy of its group."""
    made = add_policy(vendor_id=world.vendor.id, name=name, actor=TESTS)
    row = next(row for row in policies(world.vendor.id) if row.public_id == made)
    set_steps(world, row, *steps)
    choose_policy(vendor_id=world.vendor.id, company_id=company.id, policy_id=row.id, actor=TESTS, reason="agreed")


def test_each_group_has_its_own_steps_each_with_its_channel_its_words_and_its_fee(
    world: World, work: Work, mailoutbox: Outbox
) -> None:
    many, gentle, exempt, automatic = (
        world.company(f"{name} LLC", email=f"{name}@example.com") for name in ("many", "gentle", "exempt", "automatic")
    )
    save_method(automatic)
    set_steps(
        world,
        usual(world),
        StepRow(kind="due_soon", days=-5),
        StepRow(kind="reminder", days=3, fee_minor=500),
        StepRow(kind="firm_reminder", days=10, on_paper_too=True),
    )
    join(world, gentle, "Gentle", StepRow(kind="reminder", days=8))
    join(world, exempt, "Exempt")
    words = {"kind": "reminder", "language": "en", "subject": "Dear {company}", "words": "Please pay {amount}."}
    with transaction.atomic():
        policy_id = next(row.id for row in policies(world.vendor.id) if row.name == "Gentle")
        set_text(vendor_id=world.vendor.id, policy_id=policy_id, actor=TESTS, **words)  # type: ignore[arg-type]
    issue_invoices(vendor=world.vendor)
    work()
    mailoutbox.clear()

    live(world, after(10), work=work, times=2)

    assert notices_of(many) == [("due_soon", after(-5)), ("reminder", after(3)), ("firm_reminder", after(10))]
    assert notices_of(gentle) == [("reminder", after(8))]
    assert notices_of(exempt) == []
    assert ("due_soon", after(-5)) not in notices_of(automatic), "autopay tells of itself"
    (own_words,) = (mail for mail in mailoutbox if mail.to == ["gentle@example.com"])
    assert (own_words.subject, "Please pay $49.00." in own_words.body) == ("Dear gentle LLC", True)
    on_paper = Notice.objects.filter(company=many, has_paper=True)
    assert [(notice.kind, notice.sent_to) for notice in on_paper] == [("firm_reminder", "many@example.com")]
    assert not Notice.objects.filter(company=gentle, has_paper=True).exists()
    (charge,) = OneOffCharge.objects.filter(company=many)
    assert (charge.amount_minor, charge.charge_on, charge.notice.kind) == (500, after(3), "reminder")
    assert not OneOffCharge.objects.filter(company__in=[gentle, exempt]).exists()
    issued = issue_invoices(vendor=world.vendor, through=date(2020, 11, 1), issue_date=date(2020, 10, 17))
    fees = InvoiceLine.objects.filter(invoice__in=[i.id for i in issued if i.company_id == many.id], amount_minor=500)
    assert [line.description for line in fees] == ["Late fee of Oct 4, 2020"]


def test_a_final_notice_threatens_with_what_the_policy_does_and_with_nothing_that_never_comes(
    world: World, work: Work, mailoutbox: Outbox
) -> None:
    till_plan, harmless = (make_plan(vendor=world.vendor, name=name, price_minor=4_900) for name in ("NetPOS", "Mail"))
    Product.objects.filter(id=till_plan.product_id).update(code="netpos")

    def taking(name: str, *plans: Plan) -> Company:
        company = make_company(vendor=world.vendor, name=f"{name} LLC", billing_email=f"{name}@example.com")
        for plan in plans:
            make_subscription(company=company, plan=plan)
        return company

    unsuspended, ended = taking("unsuspended", world.plan), taking("ended", world.plan)
    till = taking("till", till_plan)
    taking("both", world.plan, till_plan)
    taking("untouched", harmless)
    rules = {harmless.product_id: ProductRule("never")}
    set_policy(vendor_id=world.vendor.id, wanted=replace(usual(world), rules=rules), actor=TESTS)
    join(world, unsuspended, "Never", StepRow(kind="final_notice", days=17), StepRow(kind="hand_over", days=60))
    with transaction.atomic():
        policy_id = next(row.id for row in policies(world.vendor.id) if row.name == "Never")
        set_text(
            vendor_id=world.vendor.id, policy_id=policy_id, kind="final_notice", language="en", actor=TESTS,
            subject="Pay before {until}", words="Or {products} are closed.",
        )  # fmt: skip
    issue_invoices(vendor=world.vendor)
    ended.subscriptions.update(ends_on=after(10))
    work()

    live(world, after(17), work=work)

    told = {mail.to[0].partition("@")[0]: mail for mail in mailoutbox if mail.subject.startswith("Final notice")}
    for name in ("unsuspended", "untouched", "ended"):
        assert told[name].subject == "Final notice: $49.00 is past due"
        assert "access" not in told[name].body
    assert told["till"].subject == "Final notice: access is limited on Oct 26, 2020 unless $49.00 is paid"
    assert "access to NetPOS may be limited from Oct 26, 2020 on." in " ".join(told["till"].body.split())
    assert told["both"].subject.startswith("Final notice: access ends on Oct 26, 2020 unless $")
    assert "access to Enterprise Office, NetPOS may end, or be limited, from" in " ".join(told["both"].body.split())

    live(world, after(27), work=work)
    assert {company.name: {row.state for row in standings_of(company.id)} for company in (unsuspended, till)} == {
        "unsuspended LLC": set(), "till LLC": {"limited"},
    }  # fmt: skip
    later = next(row for row in policies(world.vendor.id) if row.name == "Never")
    set_steps(world, later, StepRow(kind="final_notice", days=17), StepRow(kind="suspension", days=25))
    live(world, after(40), work=work)
    assert standings_of(unsuspended.id) == [], "it was told of no suspension"


def test_one_product_goes_first_one_later_one_never_and_a_till_is_limited_at_night(world: World, work: Work) -> None:
    company = world.company("Fish & Chips LLC", email="bills@fish.example")
    later, never, till = (make_plan(vendor=world.vendor, name=name) for name in ("Xformity", "Mail", "NetPOS"))
    for plan in (later, never, till):
        make_subscription(company=company, plan=plan)
    Product.objects.filter(id=till.product_id).update(code="netpos")
    rules = {
        later.product_id: ProductRule(extra_days=5),
        never.product_id: ProductRule("never"),
        till.product_id: ProductRule("limit", night_only=False),
    }
    set_policy(vendor_id=world.vendor.id, wanted=replace(usual(world), rules=rules), actor=TESTS)
    issue_invoices(vendor=world.vendor)

    live(world, after(40), work=work)

    closed = {
        change.product_name: (change.state, change.at)
        for change in standing_history(company.id)
        if change.state in ("limited", "suspended")
    }
    assert closed == {
        "Enterprise Office": ("suspended", datetime(2020, 10, 27, 5, tzinfo=UTC)),
        "NetPOS": ("limited", datetime(2020, 10, 27, 5, tzinfo=UTC)),
        "Xformity": ("suspended", datetime(2020, 11, 1, 4, tzinfo=UTC)),
    }, "one o'clock at night for the till, whatever a policy says, and for what goes with it; else midnight in New York"
