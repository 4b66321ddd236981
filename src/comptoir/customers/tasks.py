"""What the worker does when something happened to a company's stores."""

from comptoir.kit.clocks import wall_now
from comptoir.kit.events import Happened
from comptoir.tenancy.audit import system
from comptoir.tenancy.queries import company
from comptoir.work.operations import close_work, open_work

from .models import StoreDifference


def follow_differences(event: Happened) -> None:
    """Have a company on the team's list for as long as something that it said of its stores is not settled."""
    assert event.company_id is not None  # noqa: S101  stores are a company's
    found = company(event.company_id)
    subject, vendor_id, now = f"company:{found.public_id}", found.vendor_id, wall_now()
    if StoreDifference.objects.filter(company_id=found.id, settled_at=None).exists():
        open_work(vendor_id=vendor_id, company_id=found.id, kind="stores_differ", subject=subject, now=now)
    else:
        close_work(vendor_id=vendor_id, kind="stores_differ", subject=subject, actor=system("stores"), now=now)
