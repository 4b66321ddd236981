"""What is too little for the processor to take alone joins the company's next debit, and is said so meanwhile."""

from datetime import date, timedelta

from comptoir.dunning.calculation.standing import Facts, OpenInvoice, ProductRule, Terms, decide
from comptoir.invoicing.models import Invoice
from comptoir.kit.clocks import wall_now
from comptoir.payments.announcing import note_told, to_announce
from comptoir.payments.models import Payment, PlannedRetry
from comptoir.payments.tasks import submit_due_autopay, submit_due_retries
from tests.factories import issue_invoices

from .conftest import CARD, DECLINES_LATER, WORKS, Shop
from .test_instructing import DUE, NEXT_DUE, states

DECEMBER = date(2020, 12, 1)


def leave_30_cents(shop: Shop, invoice: Invoice) -> None:
    shop.pay_with(shop.save(CARD, autopay=False), invoice, amount_minor=14_770)


def test_it_joins_the_next_debit(shop: Shop) -> None:
    shop.save(WORKS)
    leave_30_cents(shop, shop.invoices[0])
    assert states(shop, DUE) == [("planned", NEXT_DUE), ("planned", NEXT_DUE)]
    shop.autopay(DUE)
    assert not Payment.objects.filter(origin="autopay").exists()
    shop.autopay(NEXT_DUE)
    assert shop.payment().amount_minor == 14_830


def test_it_joins_a_debit_that_differs_by_it_and_is_told_with_it(shop: Shop) -> None:
    shop.save(WORKS)
    shop.autopay(DUE)
    leave_30_cents(shop, shop.invoices[1])
    shop.autopay(NEXT_DUE)
    assert states(shop, NEXT_DUE) == [("too_small", None)]
    issue_invoices(vendor=shop.vendor, through=DECEMBER)
    early = DECEMBER - timedelta(days=12)
    told = to_announce(vendor_id=shop.vendor.id, on=early)
    assert [(row.on, row.varies_from_minor) for row in told] == [(DECEMBER, 14_800)] * 2
    for row, then in zip(reversed(told), (("too_small", None), ("planned", DECEMBER)), strict=True):
        note_told(row=row, kind="varying", sent_to="a@b.example", sent_on=early, sent_at=wall_now())
        assert states(shop, DECEMBER) == [then, ("planned", DECEMBER)], "untold, it waits for the next once more"
    shop.autopay(DECEMBER)
    assert shop.payment().amount_minor == 14_830


def test_its_pages_say_so_and_nobody_pays_it_alone(shop: Shop) -> None:
    shop.save(WORKS)
    leave_30_cents(shop, shop.invoices[0])
    shop.pay_with(shop.save(CARD, autopay=False), shop.invoices[1], amount_minor=14_800)
    assert states(shop, DUE) == [("too_small", None)]
    words = "It is too little to be taken alone: it is taken with your next payment."
    for page in (shop.page("autopay"), shop.page("home"), shop.page("invoice", invoice=shop.invoices[0].public_id)):
        assert words in shop.web.get(page).content.decode(), page
    chosen = f"{shop.page('pay_review')}?invoice={shop.invoices[0].public_id}&way=card"
    answer = shop.web.post(chosen, {"amount_minor": "30", "on_account_minor": "0"})
    assert answer.status_code == 409
    assert "The least that can be paid online is $0.50." in answer.content.decode()
    submit_due_autopay(vendor_id=shop.vendor.id, on=NEXT_DUE)
    assert not Payment.objects.filter(origin="autopay").exists()


def test_a_card_is_not_tried_again_for_it(shop: Shop) -> None:
    shop.save(DECLINES_LATER)
    shop.autopay(DUE)
    retry = PlannedRetry.objects.get()
    leave_30_cents(shop, shop.invoices[0])
    shop.live_until(retry.planned_on)
    submit_due_retries(vendor_id=shop.vendor.id, on=retry.planned_on)
    retry.refresh_from_db()
    assert (retry.made, retry.dropped_why) == (None, "too_small")


def test_nobody_is_dunned_for_what_nobody_can_pay() -> None:
    long_ago = DUE - timedelta(days=90)
    row = OpenInvoice(1, long_ago, 30, 0, {"final_notice": long_ago}, long_ago, long_ago)
    terms, rule = Terms(suspension_days=25, notice_days=7), ProductRule()
    for least, state in ((1, "suspended"), (50, "good")):
        facts = Facts([row], least_payable_minor=least)
        assert decide(facts, terms=terms, rule=rule, present="good", today=DUE).state == state
