"""What the worker does for logins."""

from procrastinate.contrib.django import app

from comptoir.kit.clocks import wall_now

from .activity import forget_what_is_old


@app.periodic(cron="41 4 * * *")
@app.task(name="identity.forget_what_is_old", queueing_lock="identity.forget_what_is_old")
def forget(timestamp: int) -> None:
    """Forget what is too old to be shown, once a day."""
    forget_what_is_old(now=wall_now())
