"""Who is let in again is so at once, whatever brings it about: not with the next business day."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from comptoir.access.queries import standings_of
from comptoir.dunning.calculation.standing import ProductRule
from comptoir.dunning.models import Notice
from comptoir.dunning.policies import add_policy, choose_policy, policies, set_policy
from comptoir.invoicing.corrections import request_write_off
from comptoir.invoicing.models import Invoice
from comptoir.mailer.handing_over import reference_of
from comptoir.mailer.reports import Report, put_down
from comptoir.payments.beginning import begin
from comptoir.payments.models import MethodKind, Payment, PaymentMethod
from tests.factories import NOW, TESTS, issue_invoices
from tests.integration.dunning.conftest import DUE, Work, live, state_of
from tests.integration.notices.conftest import World, bank_says, make_payment, save_method

Happening = Callable[[World, Invoice], None]


def its_notice_comes_back(_world: World, invoice: Invoice) -> None:
    notice = Notice.objects.select_related("message").get(company_id=invoice.company_id, kind="final_notice")
    assert notice.message is not None
    report = Report(
        event_id="later", kind="bounced", reference=reference_of(notice.message), address=notice.sent_to, detail="550"
    )
    assert put_down(report)


def its_address_was_marked_before(world: World, invoice: Invoice) -> None:
    """An earlier mail to the same address comes back first, and the address is marked by it."""
    earlier = Notice.objects.select_related("message").get(company_id=invoice.company_id, kind="firm_reminder")
    assert earlier.message is not None
    assert put_down(
        Report(
            event_id="earlier",
            kind="bounced",
            reference=reference_of(earlier.message),
            address=earlier.sent_to,
            detail="550",
        )
    )
    its_notice_comes_back(world, invoice)


def it_is_written_off(_world: World, invoice: Invoice) -> None:
    request_write_off(invoice_id=invoice.id, explanation="Closed for good.", actor=TESTS, role="admin")


def it_goes_by_another_policy(world: World, invoice: Invoice) -> None:
    made = add_policy(vendor_id=world.vendor.id, name="Exempt", actor=TESTS)
    row = next(row for row in policies(world.vendor.id) if row.public_id == made)
    set_policy(vendor_id=world.vendor.id, wanted=replace(row, steps=()), actor=TESTS)
    choose_policy(
        vendor_id=world.vendor.id, company_id=invoice.company_id, policy_id=row.id, actor=TESTS, reason="agreed"
    )


def its_policy_changes(world: World, _invoice: Invoice) -> None:
    (usual,) = policies(world.vendor.id)
    steps = tuple(step for step in usual.steps if step.kind not in ("suspension", "hand_over"))
    set_policy(vendor_id=world.vendor.id, wanted=replace(usual, steps=steps), actor=TESTS)


@pytest.mark.parametrize(
    "happens",
    [
        its_notice_comes_back,
        its_address_was_marked_before,
        it_is_written_off,
        it_goes_by_another_policy,
        its_policy_changes,
    ],
)
def test_who_is_suspended_gets_in_again_at_once_when(world: World, work: Work, happens: Happening) -> None:
    company = world.company("Fish & Chips LLC", email="bills@fish.example")
    (invoice,) = issue_invoices(vendor=world.vendor)
    live(world, DUE + timedelta(days=26), work=work)
    assert state_of(company) == "suspended"

    with transaction.atomic():
        happens(world, invoice)
    work()

    assert state_of(company) == "good"
    (standing,) = standings_of(company.id)
    unpaid = "An invoice of $49.00 has been due since Oct 1, 2020 and is not paid."
    assert standing.why == ("Nothing is overdue." if happens is it_is_written_off else unpaid), "nobody has paid"


def test_who_is_suspended_is_but_limited_at_once_when_the_policy_becomes_milder(world: World, work: Work) -> None:
    company = world.company("Fish & Chips LLC", email="bills@fish.example")
    issue_invoices(vendor=world.vendor)
    live(world, DUE + timedelta(days=26), work=work)
    (usual,) = policies(world.vendor.id)
    (product_id,) = (row.product_id for row in standings_of(company.id))
    rules = {product_id: ProductRule("limit", night_only=True)}
    with transaction.atomic():
        set_policy(vendor_id=world.vendor.id, wanted=replace(usual, rules=rules), actor=TESTS)
    work()
    assert state_of(company) == "limited", "it waits for no night"
    live(world, DUE + timedelta(days=28), work=work)
    assert state_of(company) == "limited"


def test_a_payment_that_the_processor_was_not_asked_for_lets_nobody_in(world: World, work: Work) -> None:
    company = world.company("Fish & Chips LLC", email="bills@fish.example")
    save_method(company, kind=MethodKind.CARD, autopay=False)
    (invoice,) = issue_invoices(vendor=world.vendor)
    live(world, DUE + timedelta(days=26), work=work)
    payment = pay_by_card(invoice)
    live(world, DUE + timedelta(days=27), work=work)
    assert state_of(company) == "suspended"
    bank_says(payment, "processing")
    work()
    assert state_of(company) == "good"


def pay_by_card(invoice: Invoice) -> Payment:
    """Pay an invoice with the saved card; its bank has not answered yet."""
    with transaction.atomic():
        return begin(
            company_id=invoice.company_id,
            origin="one_time",
            kind=MethodKind.CARD,
            method=PaymentMethod.objects.get(company_id=invoice.company_id),
            currency="USD",
            amounts={invoice.id: invoice.total_minor},
            today=DUE,
            now=NOW,
        )


def test_where_a_debit_waits_for_its_bank_a_card_does_not_and_every_word_says_so(
    world: World, work: Work, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    by_bank, by_card = (world.company(name, email=f"{name}@example.com") for name in ("bank", "card"))
    save_method(by_bank, autopay=False)
    save_method(by_card, kind=MethodKind.CARD, autopay=False)
    (usual,) = policies(world.vendor.id)
    with transaction.atomic():
        set_policy(vendor_id=world.vendor.id, wanted=replace(usual, debit_restores=False), actor=TESTS)
    invoices = {invoice.company_id: invoice for invoice in issue_invoices(vendor=world.vendor)}
    live(world, DUE + timedelta(days=26), work=work)
    assert (state_of(by_bank), state_of(by_card)) == ("suspended", "suspended")
    (standing,) = standings_of(by_bank.id)
    assert "once the bank has settled it" in standing.way_back
    for subject in ("Final notice", "Access restricted"):
        told = [mail.body for mail in mailoutbox if mail.subject.startswith(subject)]
        assert len(told) == 2
        assert all("once the bank has settled it, some days later" in " ".join(body.split()) for body in told)

    debit, card = make_payment([invoices[by_bank.id]]), pay_by_card(invoices[by_card.id])
    for payment in (debit, card):
        bank_says(payment, "processing")
    work()
    assert (state_of(by_bank), state_of(by_card)) == ("suspended", "good")
    bank_says(debit, "succeeded")
    work()
    assert state_of(by_bank) == "good"
