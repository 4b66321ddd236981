"""What belongs to a company of the tests' world: a row in every table that a page may look into."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from comptoir.access.clients import register_client
from comptoir.access.models import ApiKey
from comptoir.access.operations import set_standing
from comptoir.access.programs import make_key, set_news_address
from comptoir.access.reasons import Reason
from comptoir.access.signing import rotate_if_old
from comptoir.answers.models import AnswerEdition
from comptoir.catalog.models import Product
from comptoir.customers.email_changes import ask_for_change
from comptoir.customers.inviting import invite
from comptoir.customers.models import (
    ExtraRecipient,
    Location,
    MemberInvitation,
    PaperWish,
    StoreDifference,
    StoreVerification,
)
from comptoir.customers.recipients import ask_recipient
from comptoir.cutover.comparison.models import (
    Comparison,
    ComparisonNote,
    ComparisonRun,
    ComparisonSignature,
    LegacyInvoice,
)
from comptoir.cutover.models import (
    DeadlinePaper,
    Handover,
    HoldOut,
    ImportChange,
    ImportProgress,
    ImportSignOff,
    ImportUndo,
    LegacyCompany,
    LegacyImport,
    Letter,
    LetterText,
    Move,
    Wave,
    WaveNotice,
)
from comptoir.documents import operations as documents
from comptoir.documents.models import PrintBatch
from comptoir.documents.printing import keep_part
from comptoir.identity.models import User
from comptoir.inbox.files import NewFile
from comptoir.inbox.keeping import Keeper, keep
from comptoir.inbox.models import AnswerPromise
from comptoir.inbox.models import Attachment as InboxAttachment
from comptoir.inbox.operations import open_thread, write_message, write_note
from comptoir.invoicing.corrections import carry_out, request_credit, request_write_off
from comptoir.invoicing.models import ApprovalLimit, Correction, CreditNote, CreditReason, Invoice
from comptoir.invoicing.recognition import recognise
from comptoir.kit.events import emit
from comptoir.ledger.models import BookClosing, LedgerAccount
from comptoir.mailer.models import Attachment, MarkedAddress, Message
from comptoir.payments.models import (
    Authorisation,
    Difference,
    ProcessorMovement,
    ProcessorPayout,
    ReconciledDay,
)
from comptoir.subscriptions.models import BillingPreferences, ChargeWithdrawal, Discount, OneOffCharge
from comptoir.taxes.models import ExemptionCertificate, Jurisdiction, Registration, TaxRate
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.models import Company
from comptoir.tenancy.once import take_reference
from comptoir.tenancy.queries import company_row
from comptoir.tenancy.queries import vendor as vendor_row
from comptoir.transfers.documents import add_documents
from comptoir.transfers.models import Document, NewCompany, Transfer
from comptoir.transfers.starting import OtherSide, Papers, start_sale
from comptoir.work.models import WorkItem
from comptoir.work.operations import open_work
from tests.factories import (
    NOW,
    TESTS,
    TODAY,
    issue_invoices,
)
from tests.not_paying import does_not_pay
from tests.ways_to_pay import (
    a_check,
    bank_file_of,
    consents,
    money_back,
    part_payment,
    refused_debit,
    way_to_pay,
    words_on_autopay,
)

PDF = b"%PDF-1.7 of "


@dataclass(frozen=True)
class Belongings:
    """What an address may name of a company and its vendor, by the names that addresses use."""

    company: UUID
    vendor: str
    invoice: UUID
    payment: UUID
    method: UUID
    setup: UUID
    store: UUID
    number: int
    wave: int
    run: int
    member: int
    subscription: int
    plan: int
    note: UUID
    correction: int
    account: int
    authorisation: UUID
    check: UUID
    deposit: int
    bank_file: int
    message: int
    address: int
    thread: UUID
    file: UUID
    difference_id: UUID
    transfer: UUID
    paper: UUID
    person: int
    item: int
    batch: int
    part: int
    refund: UUID
    dispute: UUID
    api_key: int
    client: str
    day: date
    payout_id: str
    books_difference: UUID
    recipient: UUID
    pause: UUID
    stop: UUID
    policy: UUID
    notice: UUID
    invitation: UUID
    old_invoice: int


def furnish(company: Company, *, invoice: Invoice, owner: User, staff: User) -> Belongings:
    """Put a row of the company's own, or of its vendor's, into every table that a page may look into."""
    vendor, store = company.vendor, Location.objects.get(ownerships__company=company)
    StoreVerification.objects.create(
        company=company, location=store, answer="right", answered_by=owner, answered_at=NOW
    )
    with transaction.atomic():
        record(actor=TESTS, action="furnished", subject="test", vendor_id=vendor.id, company_id=company.id)
        emit(name="payment_succeeded", topic=f"t:{company.id}", vendor_id=vendor.id, company_id=company.id)
    open_work(vendor_id=vendor.id, company_id=company.id, kind="mail_failed", subject=f"message:{company.id}", now=NOW)
    documents.store(
        vendor_id=vendor.id,
        company_id=company.id,
        reference=f"invoice:{invoice.public_id}",
        filename="invoice.pdf",
        content=PDF + company.name.encode(),
    )
    message = Message.objects.create(
        vendor=vendor,
        company=company,
        key=f"m:{company.id}",
        to=owner.email,
        sender_name=vendor.name,
        reply_to=vendor.email,
        subject=company.name,
        text=company.name,
        html=company.name,
    )
    Attachment.objects.create(message=message, filename="a.pdf", media_type="application/pdf", content=b"a")
    mark = MarkedAddress.objects.create(
        vendor=vendor,
        address=f"{company.number.lower()}@example.com",
        reason="bounced",
        detail="no such mailbox",
        message=message,
        marked_at=NOW,
    )
    _terms(company)
    _taxes(company)
    method, setup = way_to_pay(company, owner=owner)
    _corrections(company, store=store)
    payment = part_payment(company, invoice=invoice, method=method)
    consents(company, method=method, setup=setup, staff=staff)
    refund, dispute = money_back(company, invoice=invoice, method=method, staff=staff)
    check = a_check(company)
    words_on_autopay(company, invoice=invoice, owner=owner)
    refused_debit(company, invoice=invoice, method=method)
    read, wave = _move(company, staff=staff)
    thread = _messages(company, owner=owner, staff=staff)
    with transaction.atomic():
        ask_for_change(
            company_id=company.id,
            vendor_id=vendor.id,
            new_email=f"new-{company.id}@example.com",
            user_id=owner.id,
            actor=TESTS,
            now=NOW,
        )
    AnswerEdition.objects.create(
        vendor=vendor, language="en", key="furnished", question=f"What of {company.name}?", body="Nothing.", position=1,
        is_shown=True, written_by=staff.name, written_by_id=staff.id,
    )  # fmt: skip
    BookClosing.objects.get_or_create(
        vendor=vendor, closed_through=date(2019, 12, 31), defaults={"closed_by": "Nobody", "reason": "the first year"}
    )
    taken = company.subscriptions.get()
    set_standing(
        company_id=company.id, product_id=taken.plan.product_id, state="suspended", reason=Reason.BY_TEAM, facts={},
        until=None, at=NOW, by=TESTS,
    )  # fmt: skip
    make_key(vendor_id=vendor.id, name=company.name, actor=TESTS, now=NOW)
    set_news_address(vendor_id=vendor.id, url=f"https://{vendor.slug}.example/news", actor=TESTS, now=NOW)
    rotate_if_old(now=NOW)
    client = register_client(
        vendor_id=vendor.id, product_code=taken.plan.product.code, actor=TESTS,
        redirect_uris=[f"https://{vendor.slug}.example/back"],
    )  # fmt: skip
    note = CreditNote.objects.filter(company=company).earliest("id")
    asked = Correction.objects.filter(invoice__company=company).earliest("id")
    return Belongings(
        company=company.public_id,
        vendor=vendor.slug,
        invoice=invoice.public_id,
        payment=payment.public_id,
        method=method.public_id,
        setup=setup.public_id,
        store=store.public_id,
        number=read.id,
        wave=wave.id,
        run=invoice.batch.run_id or 0,
        member=staff.staff_of.get().id,
        subscription=taken.id,
        plan=taken.plan_id,
        note=note.public_id,
        correction=asked.id,
        message=message.id,
        address=mark.id,
        account=LedgerAccount.objects.filter(vendor=vendor).earliest("id").id,
        authorisation=Authorisation.objects.filter(company=company).earliest("id").public_id,
        check=check.public_id,
        deposit=check.deposit_id,
        bank_file=bank_file_of(company).id,
        thread=thread,
        person=owner.id,
        difference_id=StoreDifference.objects.create(
            vendor=vendor,
            company=company,
            kind="missing",
            ours={},
            theirs={"name": f"{company.name} Two"},
            said_by=owner,
            said_at=NOW,
        ).public_id,
        **_sale(company, store=store, owner=owner, staff=staff),
        file=InboxAttachment.objects.get(message__thread__public_id=thread).public_id,
        item=WorkItem.objects.get(company=company, kind="mail_failed").id,
        batch=_printed(company),
        part=1,
        api_key=ApiKey.objects.filter(vendor=vendor).latest("id").id,
        client=client.client_id,
        refund=refund,
        dispute=dispute,
        recipient=_asks_for_bills(company, owner=owner),
        invitation=_invites(company, owner=owner),
        old_invoice=LegacyInvoice.objects.get(company=company).id,
        **_processors_books(company),
        **does_not_pay(company, invoice=invoice, store=store),
    )


def _processors_books(company: Company) -> dict[str, Any]:
    """Let a day be compared with the processor's books, with a payout and a difference."""
    day, name = TODAY + timedelta(days=company.id), str(company.id)  # an address names it
    what = {"vendor": company.vendor, "currency": company.vendor.currency}
    payout = ProcessorPayout.objects.create(
        **what, gateway_id=f"po_{name}", amount_minor=500, status="on_its_way", sent_on=day, arrives_on=day
    )
    ProcessorMovement.objects.create(
        **what,
        gateway_id=f"txn_{name}",
        kind="payment",
        amount_minor=500,
        fee_minor=0,
        moved_at=NOW,
        moved_on=day,
        payout=payout,
    )
    nothing = dict.fromkeys(("back", "fees", "paid_out", "clearing", "balance", "on_its_way", "differing"), 0)
    ReconciledDay.objects.create(
        **what,
        day=day,
        came_minor=500,
        payments=1,
        compared_at=NOW,
        **{f"{figure}_minor": minor for figure, minor in nothing.items()},
    )
    found = Difference.objects.create(
        **what, kind="state", subject=f"pi_{name}", ours="processing", theirs="succeeded", found_on=day
    )
    return {"day": day, "payout_id": payout.gateway_id, "books_difference": found.public_id}


def _asks_for_bills(company: Company, *, owner: User) -> UUID:
    """Let the owner have the bills sent to somebody else, too, on paper as well."""
    with transaction.atomic():
        ask_recipient(
            company_id=company.id,
            vendor_id=company.vendor_id,
            email=f"bookkeeper-{company.id}@example.com",
            user_id=owner.id,
            actor=TESTS,
            now=NOW,
        )
    PaperWish.objects.create(company=company, invoices_by="both")
    return ExtraRecipient.objects.get(company=company).public_id


def _invites(company: Company, *, owner: User) -> UUID:
    """Let the owner invite somebody."""
    with transaction.atomic():
        invite(
            company_id=company.id,
            vendor_id=company.vendor_id,
            email=f"clerk-{company.id}@example.com",
            role="viewer",
            user_id=owner.id,
            actor=TESTS,
            now=NOW,
        )
    return MemberInvitation.objects.get(company=company).public_id


def _sale(company: Company, *, store: Location, owner: User, staff: User) -> dict[str, UUID]:
    """Let the owner sell the store to somebody who accepts, with a paper; and let the team add one."""
    selling = Actor(kind="customer", label=owner.email, user_id=owner.id)
    with transaction.atomic():
        transfer = start_sale(
            seller=company_row(company),
            store_ids=[store.public_id],
            on=date(2020, 12, 1),
            buyer=OtherSide(email=f"buyer-{company.id}@example.com", name=f"Buyer of {company.name}"),
            papers=Papers(note=f"{company.name} sells", files=[NewFile(name="bill of sale.pdf", content=PDF)]),
            actor=selling,
            today=TODAY,
            now=NOW,
        )
        made = Transfer.objects.get(public_id=transfer)
        NewCompany.objects.create(
            transfer=made,
            name=f"Buyer of {company.name}",
            person="B",
            language="en",
            address_lines=["1 Main Street"],
            given_at=NOW,
        )
        Transfer.objects.filter(id=made.id).update(
            status="accepted", buyer_accepted_at=NOW, buyer_accepted_by=made.buyer_email
        )
        team = Actor(kind="staff", label=staff.name, user_id=staff.id)
        add_documents(
            public_id=transfer, company_id=None, files=[NewFile(name="note.pdf", content=PDF)], actor=team, now=NOW
        )
    return {"transfer": transfer, "paper": Document.objects.filter(company=company).get().public_id}


def _printed(company: Company) -> int:
    """Have a paper put together for the printer."""
    batch = PrintBatch.objects.create(
        vendor=company.vendor, title=company.name, sheets=[], requested_by="test", requested_on=NOW
    )
    keep_part(batch_id=batch.id, position=1, filename="part.pdf", content=PDF + company.name.encode())
    return batch.id


def _messages(company: Company, *, owner: User, staff: User) -> UUID:
    """Let the owner write, with a file, the team note something and answer, and each keep a file for a form."""
    seller = vendor_row(company.vendor_id)
    asking = Actor(kind="customer", label=owner.email, user_id=owner.id)
    answering = Actor(kind="staff", label=staff.name, user_id=staff.id)
    AnswerPromise.objects.get_or_create(
        vendor=company.vendor,
        defaults={"weekdays": "12345", "opens_at": "08:00", "closes_at": "18:00", "hours": 10, "urgent_hours": 1},
    )
    with transaction.atomic():
        thread = open_thread(
            vendor=seller,
            company_id=company.id,
            topic="other",
            subject=f"{company.name} asks",
            text=f"{company.name} has a question.",
            attached=[NewFile(name=f"{company.name}.pdf", content=PDF)],
            actor=asking,
            now=NOW,
        )
        write_note(thread_public_id=thread, vendor=seller, text="A note.", actor=answering, now=NOW)
        write_message(thread_public_id=thread, vendor=seller, text="An answer.", actor=answering, now=NOW)
        for keeper in (
            Keeper(user_id=owner.id, company_id=company.id),
            Keeper(user_id=staff.id, vendor_id=company.vendor_id),
        ):
            keep([NewFile(name=f"draft of {company.name}.pdf", content=PDF)], keeper=keeper, now=NOW)
    return thread


def _taxes(company: Company) -> None:
    """Let the vendor collect Illinois' tax, and the company be exempt from it next year."""
    illinois, _made = Jurisdiction.objects.get_or_create(
        code="US-IL", defaults={"name": "Illinois sales tax", "level": "state", "country": "US", "state": "IL"}
    )
    TaxRate.objects.get_or_create(
        jurisdiction=illinois, category="software", valid_from=date(2020, 1, 1), defaults={"rate": Decimal("0.0625")}
    )
    Registration.objects.get_or_create(vendor=company.vendor, jurisdiction=illinois, since=date(2020, 1, 1))
    ExemptionCertificate.objects.create(
        company=company, jurisdiction=illinois, number=company.number, reason="resale", valid_from=date(2021, 1, 1)
    )


def _corrections(company: Company, *, store: Location) -> None:
    """Bill a charge with its tax, give part of it back, give up the rest, and give back once more: that is credit."""
    charge = OneOffCharge.objects.create(
        company=company,
        location=store,
        product=Product.objects.filter(vendor=company.vendor).earliest("id"),
        description=f"Cables for {company.name}",
        amount_minor=10_000,
        charge_on=date(2020, 10, 1),
    )
    (invoice,) = issue_invoices(vendor=company.vendor)
    assert invoice.lines.get().charge_id == charge.id
    ApprovalLimit.objects.get_or_create(vendor=company.vendor, role="clerk", defaults={"limit_minor": 100_000})
    recognise(vendor_id=company.vendor_id, until=date(2020, 9, 1))
    back = {"invoice_id": invoice.id, "explanation": "test", "actor": TESTS, "role": "manager"}
    with transaction.atomic():
        for ask in (
            lambda: request_credit(amounts={1: 1_000}, reason=CreditReason.GOODWILL, **back),  # type: ignore[arg-type]
            lambda: request_write_off(**back),  # type: ignore[arg-type]
            lambda: request_credit(amounts={1: 500}, reason=CreditReason.GOODWILL, **back),  # type: ignore[arg-type]
        ):
            carry_out(correction_id=ask().id, now=NOW)


def _terms(company: Company) -> None:
    """Agree on a discount, two charges, of which one is withdrawn, and how the company is billed."""
    taken = company.subscriptions.select_related("plan").get()
    Discount.objects.create(subscription=taken, kind="percent", basis_points=1_000, starts_on=date(2021, 1, 1))
    charge = {"company": company, "product_id": taken.plan.product_id, "amount_minor": 25_000}
    for what in ("Cabling", "Training"):
        made = OneOffCharge.objects.create(
            **charge, description=f"{what} for {company.name}", charge_on=date(2021, 1, 1)
        )
    ChargeWithdrawal.objects.create(charge=made, reason="never held")
    take_reference(vendor_id=company.vendor_id, reference=str(uuid4()))
    BillingPreferences.objects.create(company=company, purchase_order=f"PO {company.name}")


def _move(company: Company, *, staff: User) -> tuple[LegacyImport, Wave]:
    vendor = company.vendor
    read = LegacyImport.objects.create(
        vendor=vendor,
        profile_name=f"{company.name} profile",
        filename=f"{company.name}.csv",
        content=b"",
        sha256="0" * 64,
        requested_by="Nobody",
    )
    taken = LegacyImport.objects.create(
        vendor=vendor,
        profile_name=f"{company.name} profile",
        filename=f"{company.name} taken.csv",
        content=b"",
        sha256="0" * 64,
        requested_by="Nobody",
        status="done",
        finished_at=NOW,
        report={"counts": {"control_total": "1", "updated": 0}, "findings": []},
    )
    ImportSignOff.objects.create(
        read=taken, control_total="1", signed_by=staff, signed_by_name=company.name, signed_at=NOW
    )
    ImportUndo.objects.create(read=taken, reason=company.name, requested_by=staff, requested_by_name=company.name)
    LegacyCompany.objects.create(
        company=company,
        content_hash="0" * 64,
        paid_by="check",
        paid_by_words="Check",
        balance_minor=0,
        imported_by=read,
    )
    ImportProgress.objects.create(read=read, step="reading", done=1, total=2)
    ImportChange.objects.create(
        read=read, number=company.number, field="company_name", before="Old", after=company.name
    )
    _compared(company, read=read, staff=staff)
    wave = Wave.objects.create(
        vendor=vendor, name=f"{company.name} first", first_invoice_month=TODAY.replace(month=10, day=1), deadline=TODAY
    )
    WaveNotice.objects.create(wave=wave, kind="reminder", due_on=TODAY)
    HoldOut.objects.create(wave=wave, company=company, reason=f"{company.name} asks for time", by="Nobody")
    move = Move.objects.create(
        wave=wave,
        company=company,
        letter_to=f"books-{company.id}@example.com",
        moved_on=company.billed_since,
        moved_at=NOW,
        reached_by="email",
    )
    taken = company.subscriptions.get()
    Handover.objects.create(move=move, subscription=taken, billed_through=taken.billed_from)
    Letter.objects.create(
        move=move, reference=f"cutover-letter:{company.public_id}:9", to=move.letter_to, why="first", written_at=NOW
    )
    DeadlinePaper.objects.create(move=move, written_at=NOW)
    LetterText.objects.create(
        vendor=vendor,
        kind="letter",
        language="en",
        subject=f"{company.name} moves",
        body=f"{company.name}: {{email}} {{deadline}}",
        written_by="Nobody",
    )
    return read, wave


def _compared(company: Company, *, read: LegacyImport, staff: User) -> None:
    old = LegacyInvoice.objects.create(
        company=company,
        number=f"OLD {company.name}",
        issued_on=TODAY,
        lines=[],
        net_minor=100,
        tax_minor=0,
        total_minor=100,
        open_minor=0,
        content_hash="0" * 64,
        imported_by=read,
    )
    run = ComparisonRun.objects.create(
        vendor=company.vendor, tolerance_minor=0, requested_by=company.name, companies=1, finished_at=NOW
    )
    Comparison.objects.create(
        company=company,
        run=run,
        old_invoice=old,
        verdict="unexplained",
        old_minor=100,
        new_minor=0,
        difference_minor=-100,
        unexplained_minor=100,
        lines=[],
        fingerprint="0" * 64,
        compared_at=NOW,
    )
    by = {"company": company, "written_by": staff, "written_by_name": company.name}
    ComparisonNote.objects.create(**by, text=f"{company.name} differs.", written_at=NOW)
    ComparisonSignature.objects.create(
        company=company,
        fingerprint="0" * 64,
        reason=f"{company.name} agreed.",
        signed_by=staff,
        signed_by_name=company.name,
        signed_at=NOW,
    )
