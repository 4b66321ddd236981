"""The worker."""

from procrastinate import App


def on_app_ready(app: App) -> None:
    """Take note of the queue."""
