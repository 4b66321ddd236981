"""What a company takes, changed as a page does it."""

from datetime import date

from django.db import transaction

from comptoir.catalog.models import Plan
from comptoir.subscriptions import operations
from comptoir.subscriptions.operations import Taken
from comptoir.tenancy.models import Company
from tests.factories import TESTS

OCTOBER, MID_OCTOBER, NOVEMBER = date(2020, 10, 1), date(2020, 10, 16), date(2020, 11, 1)
# Each in a transaction of its own, as a page does it.
start = transaction.atomic(operations.start)
stop = transaction.atomic(operations.stop)
change_plan = transaction.atomic(operations.change_plan)
change_quantity = transaction.atomic(operations.change_quantity)
close_store = transaction.atomic(operations.close_store)
WHY = {"reason": "the owner called", "actor": TESTS}


def begin(company: Company, plan: Plan, *, on: date = OCTOBER, quantity: int = 1) -> list[int]:
    return start(company_id=company.id, taken=Taken(plan_id=plan.id), starts_on=on, quantity=quantity, actor=TESTS)
