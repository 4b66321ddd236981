"""Whatever happens to money, in whatever order: the books hold, and every cent is where it should be.

The stories are the same in each run. ``--hypothesis-profile=deep`` plays many more, longer, and others each time.
"""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from comptoir.identity.models import User
from tests.factories import make_staff, make_user
from tests.integration.stripe_sandbox.conftest import Sandbox
from tests.web import WebClient

from .conftest import CARD, WORKS, Mailbox, Shop, open_shop
from .money_out import MoneyOut

QUICK = {"max_examples": 6, "stateful_step_count": 14, "derandomize": True}
DEEP = {"max_examples": 150, "stateful_step_count": 40, "print_blob": True}


def staff_of(shop: Shop) -> tuple[User, User]:
    clerk, manager = (
        make_staff(vendor=shop.vendor, user=make_user(name=role), role=role) for role in ("clerk", "manager")
    )
    return clerk, manager


def test_any_story(shop: Shop, mailbox: Mailbox, sandbox: Sandbox, web: WebClient) -> None:
    is_deep = settings.get_current_profile_name() == "deep"
    run_state_machine_as_test(
        lambda: MoneyOut(lambda: open_shop(mailbox=mailbox, sandbox=sandbox, web=web), staff_of),
        settings=settings(**(DEEP if is_deep else QUICK), deadline=None, suppress_health_check=list(HealthCheck)),
    )


def test_credit_that_paid_invoices_goes_with_the_payment_that_left_it(
    shop: Shop, mailbox: Mailbox, sandbox: Sandbox, web: WebClient
) -> None:
    """Few stories of a usual run get as far as this, so this one is told each time."""
    story = MoneyOut(lambda: open_shop(mailbox=mailbox, sandbox=sandbox, web=web), staff_of)
    left, steps = 2 * 2_500, []
    for step in (
        lambda: story.some_money_came(numbers=[WORKS, CARD], share="over"),
        lambda: story.another_month_is_billed(),
        lambda: story.a_bank_takes_a_debit_back(which=0, code="R10"),
    ):
        step()
        story.books_hold()
        story.every_cent_is_where_it_should_be()
        story.every_state_is_what_the_processor_has_told()
        story.the_processor_has_our_money()
        steps.append((story.plain.credit, list(story.plain.uses.values())))
    assert steps == [(left, []), (0, [left]), (0, [left // 2])]
