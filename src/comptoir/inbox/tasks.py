"""What the worker does for messages."""

from procrastinate.contrib.django import app

from comptoir.kit.clocks import wall_now

from .keeping import forget_what_is_old


@app.periodic(cron="29 * * * *")
@app.task(name="inbox.forget_what_is_old", queueing_lock="inbox.forget_what_is_old")
def forget(timestamp: int) -> None:
    """Delete the files that were kept for a form that nobody sent again, once an hour."""
    forget_what_is_old(now=wall_now())
