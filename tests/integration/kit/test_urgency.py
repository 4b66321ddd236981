"""What somebody waits for does not wait for what is done in bulk."""

from uuid import uuid4

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from comptoir.access.tasks import tell_products
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import Happened, deliver_next, emit
from comptoir.payments.tasks import handle_webhook, submit_requested

HERE = "tests.integration.kit.test_urgency"
told: list[str] = []


def mail(event: Happened) -> None:
    told.append(f"mail {event.topic}")


def let_in(event: Happened) -> None:
    told.append(f"let in {event.topic}")


@pytest.mark.django_db
def test_who_waits_to_be_let_in_is_before_all_mail_and_in_order(settings: Settings) -> None:
    settings.EVENT_LISTENERS = {"payment_succeeded": [f"{HERE}.mail", f"{HERE}.let_in"]}
    settings.DELIVERED_FIRST = (f"{HERE}.let_in",)
    told.clear()
    for payment in ("1", "2"):
        with transaction.atomic():
            emit(name="payment_succeeded", topic=payment, vendor_id=None)

    while deliver_next(now=wall_now()):
        pass

    assert told == ["let in 1", "let in 2", "mail 1", "mail 2"]


@pytest.mark.django_db
def test_what_lets_in_and_out_is_done_before_jobs_of_earlier() -> None:
    about = {"vendor_id": None, "company_id": None, "topic": "t", "id": 1, "name": "n"}
    handle_webhook(Happened(**about, data={"event": "evt_1"}))
    submit_requested(Happened(**about, data={"payment": str(uuid4())}))
    tell_products(Happened(**about, data={"sign_ons": [1]}))
    assert set(ProcrastinateJob.objects.values_list("task_name", "priority")) == {
        ("payments.look_at", 10), ("payments.submit_payment", 10), ("access.tell_of_logout", 10),
    }  # fmt: skip
