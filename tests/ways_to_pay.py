"""How the companies of the tests' world pay: methods, payments, consents, checks."""

import hashlib
from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

from django.db import transaction

from comptoir.catalog.models import Product
from comptoir.identity.models import User
from comptoir.invoicing.models import Invoice
from comptoir.invoicing.operations import apply_payment, release, reserve
from comptoir.payments.beginning import begin
from comptoir.payments.checks.deciding import apply_check
from comptoir.payments.checks.deposits import TypedCheck, add_check, close_deposit, open_deposit
from comptoir.payments.checks.posting import carry_out_decision, post_deposit
from comptoir.payments.disputes.answering import submit_answer
from comptoir.payments.disputes.following import note_dispute
from comptoir.payments.gateways import Dispute as ToldDispute
from comptoir.payments.gateways import Refund as ToldRefund
from comptoir.payments.models import (
    Authorisation,
    AutopayInstruction,
    AutopayLimit,
    BankFile,
    BankVerification,
    CheckDecision,
    DebitNotice,
    Dispute,
    ExpiryReminder,
    GatewayAccount,
    GatewayCustomer,
    MethodRelease,
    Payment,
    PaymentItem,
    PaymentMethod,
    PaymentPolicy,
    PlannedRetry,
    ReceivedCheck,
    RecordedConsent,
    Refund,
    ReturnFee,
    SetupSession,
)
from comptoir.payments.refunds.requesting import Why, request_payment_refund
from comptoir.payments.refunds.sending import apply as apply_told
from comptoir.payments.refunds.sending import take_from_books
from comptoir.payments.second_word import Asker
from comptoir.subscriptions.models import OneOffCharge
from comptoir.tenancy.audit import Actor
from comptoir.tenancy.models import Company
from tests.factories import (
    NOW,
    TESTS,
    TODAY,
    make_user,
)


def way_to_pay(company: Company, *, owner: User) -> tuple[PaymentMethod, SetupSession]:
    GatewayAccount.objects.get_or_create(vendor=company.vendor, defaults={"account_id": f"acct_{company.vendor.slug}"})
    GatewayCustomer.objects.create(company=company, customer_id=f"cus_{company.id}")
    method = PaymentMethod.objects.create(
        company=company,
        gateway_id=f"pm_{company.id}",
        kind="us_bank_account",
        brand=f"{company.name} BANK",
        last4="6789",
        saved_at=NOW,
    )
    consent = Authorisation.objects.create(
        company=company,
        method=method,
        text=f"{company.name} agrees.",
        text_version="1",
        text_sha256=hashlib.sha256(company.name.encode()).hexdigest(),
        given_by=owner,
        given_at=NOW,
        active_since=NOW,
    )
    setup = SetupSession.objects.create(
        company=company,
        kind="us_bank_account",
        authorisation=consent,
        session_id=f"cs_{company.id}",
        status="completed",
        method=method,
        started_at=NOW,
    )
    PaymentMethod.objects.filter(id=method.id).update(unusable_reason="R02")
    MethodRelease.objects.create(
        method=method, refused_code="R02", released_by=owner, released_by_label=owner.email, released_at=NOW
    )
    return method, setup


def words_on_autopay(company: Company, *, invoice: Invoice, owner: User) -> None:
    """Ask first above an amount, and call one invoice off after it was announced."""
    AutopayLimit.objects.create(company=company, limit_minor=500_000, set_by=owner, set_at=NOW)
    about = {"company": company, "invoice": invoice, "amount_minor": 9_900}
    DebitNotice.objects.create(
        **about, kind="invoice", debit_on=date(2020, 10, 1), sent_to=owner.email, sent_on=TODAY, sent_at=NOW
    )
    AutopayInstruction.objects.create(**about, kind="call_off", given_by=owner, given_at=NOW)


def refused_debit(company: Company, *, invoice: Invoice, method: PaymentMethod) -> None:
    """Have the bank refuse a debit that the vendor's policy presents again."""
    PaymentPolicy.objects.get_or_create(vendor=company.vendor)
    with transaction.atomic():
        payment = begin(
            company_id=company.id,
            origin="autopay",
            kind=method.kind,
            method=method,
            currency=invoice.currency,
            amounts={invoice.id: 1_000},
            today=TODAY,
            now=NOW,
            return_fee_minor=2_500,
        )
    with transaction.atomic():
        release({invoice.id: 1_000})
        payment.status, payment.failure_code, payment.ended_at, payment.refused_on = "failed", "R01", NOW, TODAY
        payment.save()
        PlannedRetry.objects.create(after=payment, planned_on=date(2020, 10, 1))
        charge = OneOffCharge.objects.create(
            company=company,
            product=Product.objects.filter(vendor=company.vendor).earliest("id"),
            description=f"Fee of {company.name}",
            amount_minor=2_500,
            charge_on=date(2021, 1, 1),
        )
        ReturnFee.objects.create(payment=payment, charge=charge, amount_minor=2_500, charged_on=TODAY)


def agree(payment: Payment, *, by: User | None = None) -> None:
    """Agree to one bank debit, as whoever makes it in the portal does. Must run in the transaction that begins it."""
    by = by or make_user()
    text = f"{payment.company.name} agrees to payment {payment.confirmation}."
    Authorisation.objects.create(
        company=payment.company,
        payment=payment,
        text=text,
        text_version="1",
        text_language="en",
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        return_fee_minor=payment.return_fee_minor,
        given_by=by,
        given_by_label=by.name or by.email,
        given_at=NOW,
        ip_address="192.0.2.7",
    )


def part_payment(company: Company, *, invoice: Invoice, method: PaymentMethod) -> Payment:
    """Pay a small part of the invoice, so that something is applied to it and something is open."""
    amounts = {invoice.id: 1_000}
    with transaction.atomic():
        reserve(amounts)
        payment = Payment.objects.create(
            company=company,
            origin="one_time",
            kind=method.kind,
            method=method,
            method_label=f"{method.brand} ••{method.last4}",
            currency=invoice.currency,
            amount_minor=1_000,
            confirmation=uuid4().hex[:12].upper(),
            initiated_on=TODAY,
            created_at=NOW,
        )
        PaymentItem.objects.create(payment=payment, invoice=invoice, amount_minor=1_000)
        agree(payment, by=Authorisation.objects.filter(company=company).earliest("id").given_by)
    with transaction.atomic():
        payment.status, payment.succeeded_at, payment.succeeded_on = "succeeded", NOW, TODAY
        payment.save()
        apply_payment(
            payment_public_id=payment.public_id, company_id=company.id, amounts=amounts, posted_on=TODAY, now=NOW
        )
    return payment


def consents(company: Company, *, method: PaymentMethod, setup: SetupSession, staff: User) -> None:
    """Pay in advance on the company's behalf, wait for a bank account to be verified, remind of a card."""
    with transaction.atomic():
        advance = Payment.objects.create(
            company=company,
            origin="on_behalf",
            kind=method.kind,
            method=method,
            currency=company.vendor.currency,
            amount_minor=500,
            on_account_minor=500,
            confirmation=uuid4().hex[:12].upper(),
            initiated_on=TODAY,
            created_at=NOW,
        )
        RecordedConsent.objects.create(
            payment=advance,
            company=company,
            channel="phone",
            given_by=f"Somebody of {company.name}",
            given_on=TODAY,
            words="Please take it.",
            text=f"{company.name} agreed.",
            text_sha256="0" * 64,
            recorded_by=staff,
            recorded_by_label=staff.name,
            recorded_at=NOW,
        )
    BankVerification.objects.create(
        company=company, setup=setup, kind="amounts", url="https://pay.example/v", arrives_on=TODAY, asked_at=NOW
    )
    card = PaymentMethod.objects.create(
        company=company,
        gateway_id=f"pm_card_{company.id}",
        kind="card",
        brand=f"{company.name} CARD",
        last4="4242",
        expires_on=date(2020, 11, 1),
        saved_at=NOW,
    )
    ExpiryReminder.objects.create(method=card, expires_on=date(2020, 11, 1), days_before=30, told_on=TODAY)


def a_check(company: Company) -> ReceivedCheck:
    """Receive two checks: a person gave one to the company, as credit; the other waits."""
    checks = [TypedCheck(amount_minor=500, number=number, payer=f"{company.name} Holding") for number in ("1", "2")]
    deposit_id, (given, waiting) = deposited(checks, vendor_id=company.vendor_id)
    with transaction.atomic():
        post_deposit(deposit_id=deposit_id, now=NOW)
    with transaction.atomic():
        where = {"vendor_id": company.vendor_id, "actor": TESTS, "today": TODAY}
        apply_check(**where, public_id=given, company=company.public_id, amounts={})
        carry_out_decision(decision_id=CheckDecision.objects.latest("id").id, now=NOW)
    return ReceivedCheck.objects.get(public_id=waiting)


def deposited(checks: Sequence[TypedCheck], *, vendor_id: int, on: date = TODAY) -> tuple[int, list[UUID]]:
    """Type checks and close their deposit; return its number, and theirs. The worker has not posted it yet."""
    total_minor = sum(check.amount_minor for check in checks)
    with transaction.atomic():
        deposit_id = open_deposit(
            vendor_id=vendor_id, currency="USD", deposited_on=on, control_minor=total_minor,
            control_count=len(checks), actor=TESTS, today=on, now=NOW,
        )  # fmt: skip
        typed = [add_check(vendor_id=vendor_id, deposit_id=deposit_id, check=check) for check in checks]
        close_deposit(vendor_id=vendor_id, deposit_id=deposit_id, actor=TESTS)
    return deposit_id, typed


def money_back(company: Company, *, invoice: Invoice, method: PaymentMethod, staff: User) -> tuple[UUID, UUID]:
    """Refund a payment, out of credit and off its invoice, and have another disputed, and answered."""
    payment = part_payment(company, invoice=invoice, method=method)
    asked_by = Actor(kind="staff", label=staff.name, user_id=staff.id)
    asker = Asker(user_id=staff.id, actor=asked_by, role="admin", vendor_id=company.vendor_id, today=TODAY, now=NOW)
    with transaction.atomic():
        request_payment_refund(
            payment.public_id,
            amount_minor=1_000,
            invoices=[invoice.public_id],
            why=Why(reason="goodwill", explanation=f"{company.name} was patient"),
            asker=asker,
        )
    refund = Refund.objects.get(payment=payment)
    with transaction.atomic():
        take_from_books(Refund.objects.select_for_update().get(id=refund.id), now=NOW)
        apply_told(
            refund_id=refund.id,
            told=ToldRefund(
                id=f"re_{company.id}", reference=str(refund.public_id), status="succeeded", failure_code=""
            ),
            now=NOW,
        )
    dispute = disputed(part_payment(company, invoice=invoice, method=method))
    with transaction.atomic():
        submit_answer(dispute.public_id, text=f"{company.name} agreed.", asker=asker)
    return refund.public_id, dispute.public_id


def disputed(payment: Payment) -> Dispute:
    """Have the bank take back what was paid, since the holder of the card says that it was fraud."""
    told = ToldDispute(
        id=f"dp_{payment.id}",
        status="needs_response",
        code="10.4",
        reason="fraudulent",
        amount_minor=payment.amount_minor,
        fee_minor=1_500,
        respond_by=NOW,
        is_of_card=True,
    )
    with transaction.atomic():
        note_dispute(payment, told, on=TODAY, now=NOW)
        Payment.objects.filter(id=payment.id).update(status="disputed")
    return Dispute.objects.get(payment=payment)


def bank_file_of(company: Company) -> BankFile:
    return BankFile.objects.create(
        vendor=company.vendor, filename=f"{company.name}.bai", sha256=f"{company.id:064}", uploaded_by="Nobody"
    )
