"""What brings money: saved methods and pages, automatic payment, days that go by, checks; and new invoices."""

from datetime import date, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from comptoir.invoicing.models import Invoice
from comptoir.kit.clocks import wall_now
from comptoir.notices.debits import announce_debits
from comptoir.payments.checks.deciding import apply_check, return_check, undo_check
from comptoir.payments.checks.deposits import TypedCheck, add_check, close_deposit, open_deposit
from comptoir.payments.errors import MethodUnusable
from comptoir.payments.gateways.least import least_minor
from comptoir.payments.models import Authorisation, Payment, PaymentMethod, ReceivedCheck
from comptoir.payments.ordering import Order
from comptoir.payments.paying import leave_payment_page, pay_with_saved_method, start_one_time_payment
from comptoir.payments.return_codes import way_back
from comptoir.payments.saving import release_method, start_saving, turn_autopay_off, turn_autopay_on
from comptoir.payments.tasks import submit_due_autopay, submit_due_retries
from tests.factories import TESTS, issue_invoices

from .conftest import CARD, CLOSED, COMES_BACK_LATER, DECLINES_LATER, NO_MONEY, NOT_AUTHORISED_LATER, WORKS
from .plain_books import Paid
from .story import Story, pick
from .test_disputes import DISPUTED
from .test_refunds import BANK_REFUND_FAILS, CARD_REFUND_FAILS, REFUND_WAITS

DECLINED = "4000000000000002"
SAVED = [CARD, WORKS, NO_MONEY, COMES_BACK_LATER, NOT_AUTHORISED_LATER, CLOSED, DISPUTED, DECLINES_LATER]
SAVED += [REFUND_WAITS, CARD_REFUND_FAILS, BANK_REFUND_FAILS]
SHARES = st.sampled_from(["all", "all", "part", "over"])
CHOSEN = st.sets(st.integers(0, 3), max_size=2)
WHICH = st.integers(0, 9)
NEVER_AGAIN = timedelta(days=180)


def kind_of(number: str) -> str:
    """Return what kind of method a number is."""
    return "card" if len(number) == 16 else "us_bank_account"


class MoneyIn(Story):
    """What customers, the vendor's bank and the calendar do."""

    @rule(number=st.sampled_from(SAVED), chosen=CHOSEN, share=SHARES, twice=st.booleans())
    def pays_with_saved_method(self, number: str, chosen: set[int], share: str, twice: bool) -> None:
        """A customer pays with what is saved, and may click twice."""
        method = self._method(number)
        made, reference = self._ordered(chosen, share), uuid4()
        if method is None or made is None:
            return
        try:
            for _ in range(1 + twice):
                pay_with_saved_method(
                    payer=self.shop.payer,
                    order=self.shop.agreed(made[0], method=method),
                    method_public_id=method.public_id,
                    reference=reference,
                )
        except MethodUnusable:
            assert method.unusable_reason
            self.settle()
            return
        self.plain.begin(str(reference), Paid(items=made[1], on_account=made[0].on_account_minor))
        self.settle(str(reference))

    @rule(number=st.sampled_from([*SAVED, DECLINED]), chosen=CHOSEN, share=SHARES, types=st.booleans())
    def pays_on_a_page(self, number: str, chosen: set[int], share: str, types: bool) -> None:
        """A customer pays once on the processor's page, or leaves it open."""
        made = self._ordered(chosen, share)
        if made is None:
            return
        order = self.shop.agreed(made[0])
        url = start_one_time_payment(payer=self.shop.payer, order=order, kind=kind_of(number), pages=self.shop.pages)
        reference = str(Payment.objects.filter(company=self.shop.company).latest("id").public_id)
        self.plain.begin(reference, Paid(items=made[1], on_account=made[0].on_account_minor, status="action_required"))
        if types:
            self.shop.fill(url, number)
        self.settle()

    def _ordered(self, chosen: set[int], share: str) -> tuple[Order, dict[int, int]] | None:
        """What someone wants to pay, as a page shows it; pages left open that hold the same invoices are given up."""
        bills = self.plain.bills
        ids = [number for place, number in enumerate(bills) if place in chosen and bills[number].payable]
        for reference, payment in self.plain.payments.items():
            page = self.truth.pages.get(reference)
            is_left = page is not None and page.status != "complete" and payment.status == "action_required"
            if is_left and (not ids or set(ids) & set(payment.items)):
                leave_payment_page(payer=self.shop.payer, payment_public_id=UUID(reference))
                self.plain.end(payment, "canceled")
                page.status = "expired"
        payable = sum(bills[number].payable for number in ids or bills)
        amount = {"all": payable, "part": payable // 3, "over": payable + 2_500}[share]
        if amount < least_minor("USD"):
            return None
        items, on_account = self.plain.share(amount, ids or list(bills))
        rows = Invoice.objects.filter(id__in=ids).values_list("public_id", flat=True)
        return Order(invoices=list(rows), amount_minor=amount, on_account_minor=on_account), items

    def _open_pages(self) -> list[str]:
        pages = self.truth.pages
        return [each for each in self.plain.payments if each in pages and pages[each].status == "open"]

    @precondition(lambda self: self._open_pages())
    @rule(which=WHICH, number=st.sampled_from([CARD, WORKS, DECLINED, NO_MONEY]))
    def comes_back_to_a_page(self, which: int, number: str) -> None:
        """A page that was left open is filled in after all; another kind of number it does not take."""
        self.shop.fill(self.truth.pages[pick(self._open_pages(), which)].url, number)
        self.settle()

    @precondition(lambda self: self._open_pages())
    @rule(which=WHICH)
    def leaves_a_page(self, which: int) -> None:
        """A customer comes back from a page without having paid."""
        reference = pick(self._open_pages(), which)
        leave_payment_page(payer=self.shop.payer, payment_public_id=UUID(reference))
        self.settle(reference)

    def _method(self, number: str) -> PaymentMethod | None:
        """The method of a number, saved the first time; none while news is held back, and this too."""
        saved = PaymentMethod.objects.filter(company=self.shop.company, last4=number[-4:])
        if not saved.exists() and not self.shop.mailbox.held_back:
            url = start_saving(payer=self.shop.payer, kind=kind_of(number), consent=None, pages=self.shop.pages)
            assert self.shop.fill(url, number).status == 303
            self.settle()
        return saved.first()

    @rule(number=st.sampled_from(SAVED))
    def turns_autopay_on(self, number: str) -> None:
        """A customer agrees to be debited, in place of any other method."""
        method = self._method(number)
        if method is not None and not method.unusable_reason:
            with transaction.atomic():
                consent = self.shop.consent(kind=method.kind)
                turn_autopay_on(payer=self.shop.payer, method_public_id=method.public_id, consent=consent)

    @precondition(lambda self: self._active())
    @rule()
    def turns_autopay_off(self) -> None:
        """A customer agrees no more."""
        for method in PaymentMethod.objects.filter(company=self.shop.company):
            with transaction.atomic():
                turn_autopay_off(payer=self.shop.payer, method_public_id=method.public_id)

    def _refused(self) -> list[PaymentMethod]:
        refused = PaymentMethod.objects.filter(company=self.shop.company).exclude(unusable_reason="")
        return [method for method in refused if way_back(method.unusable_reason) != "by_another"]

    @precondition(lambda self: self._refused())
    @rule()
    def puts_right_what_a_bank_refuses(self) -> None:
        """A customer has a bank allow debits again, and agrees anew where that was void."""
        for method in self._refused():
            anew = way_back(method.unusable_reason) == "by_consent"
            consent = self.shop.consent(kind=method.kind) if anew else None
            with transaction.atomic():
                release_method(payer=self.shop.payer, method_public_id=method.public_id, consent=consent)
        self.settle()

    @rule(days=st.sampled_from([1, 2, 4, 6, 6, 8, 15, 31, 61]))
    def days_go_by(self, days: int) -> None:
        """Banks settle and take back, pages expire; what falls due is debited, what was refused presented again."""
        day = self.today + timedelta(days=days)
        self.shop.move_clocks(day)
        self.settle()
        announce_debits(vendor_id=self.shop.vendor.id, on=day, now=wall_now())
        submit_due_autopay(vendor_id=self.shop.vendor.id, on=day)
        submit_due_retries(vendor_id=self.shop.vendor.id, on=day)
        self.settle(*self._adopt_payments())

    def _adopt_payments(self) -> list[str]:
        """Take over what the worker began by itself, if it was right to; return its references."""
        rows = Payment.objects.filter(company=self.shop.company, origin="autopay").order_by("id")
        new = [row for row in rows if str(row.public_id) not in self.plain.payments]
        for row in new:
            assert row.on_account_minor == 0
            items = dict(row.items.values_list("invoice_id", "amount_minor"))
            self.plain.begin(str(row.public_id), Paid(items=items, on_account=0))
            first = row.re_presents
            if first is not None and row.kind == "us_bank_account":
                before = [first, *rows.filter(re_presents=first, id__lt=row.id).exclude(status="canceled")]
                assert len(before) <= 2, "at most two more"
                assert {each.failure_code for each in before} <= {"R01", "R09"}
                assert {each.amount_minor for each in before} == {row.amount_minor}
                assert row.initiated_on <= first.initiated_on + NEVER_AGAIN
        return [str(row.public_id) for row in new]

    def _active(self) -> bool:
        return Authorisation.objects.filter(company=self.shop.company, ended_at=None).exists()

    @precondition(lambda self: len(self.plain.bills) < 4)
    @rule()
    def another_month_is_billed(self) -> None:
        """The next invoice uses the company's credit, and so may older ones."""
        month = 10 + len(self.plain.bills)
        issue_invoices(
            vendor=self.shop.vendor,
            through=date(2020 + (month - 1) // 12, (month - 1) % 12 + 1, 1),
            issue_date=self.today,
        )
        if self.adopt_bills():
            self.plain.use_credit()

    @precondition(lambda self: not self._checks("waiting"))
    @rule(share=st.sampled_from([5_000, 14_800, 20_000]))
    def a_check_comes(self, share: int) -> None:
        """A check without a name on it waits in suspense."""
        where = {"vendor_id": self.shop.vendor.id, "actor": TESTS}
        with transaction.atomic():
            deposit_id = open_deposit(
                **where,  # type: ignore[arg-type]
                currency="USD",
                deposited_on=self.today,
                control_minor=share,
                control_count=1,
                today=self.today,
                now=wall_now(),
            )
            add_check(vendor_id=self.shop.vendor.id, deposit_id=deposit_id, check=TypedCheck(amount_minor=share))
            close_deposit(**where, deposit_id=deposit_id)  # type: ignore[arg-type]
        self.plain.suspense += share
        self.settle()

    def _checks(self, *statuses: str) -> list[ReceivedCheck]:
        rows = ReceivedCheck.objects.filter(vendor=self.shop.vendor, status__in=statuses)
        return list(rows.select_related("payment").order_by("id"))

    @precondition(lambda self: self._checks("waiting"))
    @rule(which=WHICH, chosen=CHOSEN)
    def a_check_is_applied(self, which: int, chosen: set[int]) -> None:
        """A person says whose a check is, and what it pays; the rest is credit."""
        check = pick(self._checks("waiting"), which)
        bills = self.plain.bills
        ids = [number for place, number in enumerate(bills) if place in chosen and bills[number].payable]
        items, on_account = self.plain.share(check.amount_minor, ids)
        rows = {row.public_id: items[row.id] for row in Invoice.objects.filter(id__in=items)}
        with transaction.atomic():
            apply_check(
                vendor_id=self.shop.vendor.id,
                public_id=check.public_id,
                company=self.shop.company.public_id,
                amounts=rows,
                actor=TESTS,
                today=self.today,
            )
        self.settle()
        check.refresh_from_db()
        assert check.payment is not None
        paid = Paid(items=items, on_account=on_account)
        self.plain.begin(str(check.payment.public_id), paid)
        self.plain.arrive(paid)
        self.plain.suspense -= check.amount_minor

    @precondition(lambda self: self._checks("waiting", "applied"))
    @rule(which=WHICH, bounces=st.booleans())
    def a_check_goes_back(self, which: int, bounces: bool) -> None:
        """The bank sends a check back; or it was applied wrongly, and waits again."""
        check = pick(self._checks("waiting", "applied"), which)
        if check.payment is None and not bounces:
            return
        with transaction.atomic():
            (return_check if bounces else undo_check)(
                vendor_id=self.shop.vendor.id, public_id=check.public_id, actor=TESTS, today=self.today, note="so"
            )
        if check.payment is not None:
            self.plain.come_back(self.plain.payments[str(check.payment.public_id)], check.amount_minor)
            self.plain.suspense += 0 if bounces else check.amount_minor
        else:
            self.plain.suspense -= check.amount_minor
        self.settle()
