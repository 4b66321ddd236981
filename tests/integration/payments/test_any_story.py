"""Whatever happens to money, in whatever order: the books hold, and every cent is where it should be.

The stories are the same in each run. ``--hypothesis-profile=deep`` plays many more, longer, and others each time.
"""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from comptoir.identity.models import User
from tests.factories import make_staff, make_user
from tests.integration.stripe_sandbox.conftest import Sandbox
from tests.web import WebClient

from .conftest import Mailbox, Shop, open_shop
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
