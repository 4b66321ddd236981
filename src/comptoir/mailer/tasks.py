"""What the worker does for mail."""

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from comptoir.kit.clocks import wall_now
from comptoir.kit.events import Happened
from comptoir.kit.request_id import under_request_id

from . import handing_over, operations, reports
from .errors import UnableToDeliver

LAST_ATTEMPT = 10  # 3, 9, 27 … seconds apart: a day after the first


@app.task(
    name="mailer.deliver",
    pass_context=True,
    retry=RetryStrategy(max_attempts=LAST_ATTEMPT, exponential_wait=3, retry_exceptions=[UnableToDeliver]),
)
@under_request_id
def deliver(context: JobContext, message_id: int) -> None:
    """Hand a message to the mail server, again and again for a day if need be."""
    try:
        handing_over.hand_over(message_id=message_id, now=wall_now())
    except UnableToDeliver as error:
        if context.job.attempts < LAST_ATTEMPT:
            raise
        handing_over.give_up(message_id=message_id, reason=str(error), now=wall_now())
    except Exception as error:
        # Trying again would not help; the team must see that it was not sent, and the log why.
        handing_over.give_up(message_id=message_id, reason=f"{type(error).__name__}: {error}", now=wall_now())
        raise


def take_in_report(event: Happened) -> None:
    """Take in what a provider or mail server reported of a message."""
    reports.take_in(event_id=event.data["event"], now=wall_now())


def carry_out_decision(event: Happened) -> None:
    """Do what a person decided of a message."""
    assert event.vendor_id is not None  # noqa: S101  only a vendor's team decides
    operations.carry_out(
        vendor_id=event.vendor_id,
        message_id=event.data["message"],
        decision=event.data["decision"],
        by=event.data["by"],
        now=wall_now(),
    )
