"""What the worker does for imports and waves."""

from django.utils import translation
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.types import JSONDict

from comptoir.kit.clocks import wall_now
from comptoir.kit.events import Happened
from comptoir.kit.request_id import current_request_id, under_request_id

from .comparison import tasks as comparison_tasks  # noqa: F401  the queue finds its jobs here
from .importing import run_requested
from .sending import move_ids_to_tell, tell_company


def run_import(event: Happened) -> None:
    """Do an import that was asked for; its findings are in the language of who asked."""
    with translation.override(event.data["language"]):
        run_requested(import_id=event.data["import"], now=wall_now())


def send_letters(event: Happened) -> None:
    """Have every company of a sent wave told, one job each, so that workers share them."""
    jobs: list[JSONDict] = [
        {"move_id": move_id, "request_id": current_request_id()} for move_id in move_ids_to_tell(event.data["wave"])
    ]
    send_letter.batch_defer(*jobs)


@app.task(name="cutover.send_letter", retry=RetryStrategy(max_attempts=6, exponential_wait=4))
@under_request_id
def send_letter(move_id: int) -> None:
    """Tell one company that it has moved."""
    tell_company(move_id=move_id, now=wall_now())
