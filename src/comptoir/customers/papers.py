"""How invoices reach a company: by e-mail, by post, or both; and in which language it is written to."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from comptoir.kit.lookups import Ids
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.queries import CompanyRow

from .errors import PaperRefused
from .models import PaperChoice, PaperWish


def invoices_by(company_id: int) -> str:
    """Return how a company wants its invoices: email, both or post."""
    return ways_of([company_id])[company_id]


def ways_of(company_ids: Iterable[int]) -> dict[int, str]:
    """Return how each of the companies wants its invoices: email, both or post."""
    answers: dict[int, str] = dict.fromkeys(company_ids, PaperChoice.EMAIL.value)
    wishes = PaperWish.objects.filter(company_id__any=Ids(answers))
    return answers | dict(wishes.values_list("company_id", "invoices_by"))


def want_invoices_by(*, company: CompanyRow, way: str, actor: Actor) -> None:
    """Have a company's invoices come by e-mail, by post, or both. Raises PaperRefused without a postal address."""
    if way not in PaperChoice.values:
        raise PaperRefused(_("Invoices come by e-mail, by post, or both; choose one of these."))
    if way != PaperChoice.EMAIL and not company.address_lines:
        raise PaperRefused(_("We have no postal address of yours. Write us a message with it, then choose this again."))
    before = invoices_by(company.id)
    if way == before:
        return
    PaperWish.objects.update_or_create(company_id=company.id, defaults={"invoices_by": way})
    record(
        actor=actor,
        action="paper wish set",
        subject=f"company:{company.id}",
        vendor_id=company.vendor_id,
        company_id=company.id,
        before={"invoices_by": before},
        after={"invoices_by": way},
    )
