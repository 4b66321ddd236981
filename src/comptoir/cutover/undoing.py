"""Undoing an import: what it brought is taken away again, as long as nothing was built upon it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.customers.imports import take_stores_and_contacts_away
from comptoir.customers.models import Location
from comptoir.documents.operations import take_papers_away
from comptoir.kit.events import emit
from comptoir.kit.taking_away import take_away
from comptoir.subscriptions.imports import take_subscriptions_away
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.audit import Actor, record, system
from comptoir.tenancy.imports import take_companies_away
from comptoir.tenancy.models import Company

from .comparison.models import LegacyInvoice
from .errors import ImportNotFound, UnableToUndo
from .models import ImportKind, ImportStatus, ImportUndo, LegacyCompany, LegacyImport, UndoStatus
from .obstacles import Obstacle, obstacles_to
from .old_papers import reference_of
from .taking_turns import import_alone
from .telling import tell_customers_imported


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """What would go if an import was undone, counted by what it is, and what is in the way of it."""

    goes: Mapping[str, int]
    obstacles: tuple[Obstacle, ...]


def undo_plan(*, vendor_id: int, import_id: int) -> UndoPlan:
    """Return what undoing an import would take away, and what stands in the way. Raises ImportNotFound."""
    row = _import(vendor_id=vendor_id, import_id=import_id)
    return UndoPlan(goes=_goes(row), obstacles=tuple(obstacles_to(row)))


def request_undo(*, vendor_id: int, import_id: int, reason: str, actor: Actor) -> None:
    """Ask the worker to take away what an import brought. In the billing team's door, for a manager.

    Raises ImportNotFound; UnableToUndo where something is in the way already, or it was asked for before.
    """
    row = _import(vendor_id=vendor_id, import_id=import_id)
    _refuse(obstacles_to(row))
    if actor.user_id is None:
        raise UnableToUndo(_("An import is undone by a manager, who says why."))
    try:
        with transaction.atomic():
            undo = ImportUndo.objects.create(
                read=row, reason=reason, requested_by_id=actor.user_id, requested_by_name=actor.label
            )
    except IntegrityError as error:
        raise UnableToUndo(_("This import is being undone already, or you may not undo it.")) from error
    record(
        actor=actor,
        action="undo of import requested",
        subject=f"legacy_import:{row.id}",
        vendor_id=vendor_id,
        reason=reason,
    )
    emit(
        name="import_undo_requested",
        topic=f"legacy_imports:{vendor_id}",
        vendor_id=vendor_id,
        data={"undo": undo.id, "language": get_language() or "en"},
    )


def carry_out_undo(*, undo_id: int, now: datetime) -> None:
    """Take away what an import brought, all of it or nothing, in the caller's transaction; done again, nothing new.

    What is in the way by now is kept as the reason why not.
    """
    undo = ImportUndo.objects.select_for_update(of=("self",)).select_related("read").get(id=undo_id)
    if undo.status != UndoStatus.REQUESTED:
        return
    row, actor = undo.read, system(f"undo asked for by {undo.requested_by_name}")
    import_alone(vendor_id=row.vendor_id)
    try:
        gone = _take_away(row)
    except UnableToUndo as error:
        _finish(undo, UndoStatus.REFUSED, {"reason": str(error)}, now=now)
        return
    _finish(undo, UndoStatus.DONE, {"gone": gone}, now=now)
    record(
        actor=actor,
        action="import undone",
        subject=f"legacy_import:{row.id}",
        vendor_id=row.vendor_id,
        before=gone,
        reason=undo.reason,
    )
    if row.kind == ImportKind.CUSTOMERS:
        tell_customers_imported(row.vendor_id)


def _import(*, vendor_id: int, import_id: int) -> LegacyImport:
    found = LegacyImport.objects.filter(vendor_id=vendor_id, id=import_id, status=ImportStatus.DONE, is_trial=False)
    row = found.defer("content", "profile").first()
    if row is None:
        raise ImportNotFound(_("There is no such import that has taken anything; the list of imports shows them."))
    return row


def _goes(row: LegacyImport) -> dict[str, int]:
    if row.kind == ImportKind.INVOICES:
        return {"invoices": LegacyInvoice.objects.filter(imported_by=row).count()}
    if row.kind == ImportKind.PAPERS:
        return {"papers": len((row.report or {}).get("kept", ()))}
    companies = Company.objects.filter(legacycompany__imported_by=row)
    return {
        "companies": companies.count(),
        "stores": Location.objects.filter(ownerships__company__in=companies).distinct().count(),
        "services": Subscription.objects.filter(company__in=companies).count(),
    }


def _take_away(row: LegacyImport) -> dict[str, int]:
    """Take it away in a savepoint, held to every foreign key before it is said to be done. Raises UnableToUndo."""
    companies = Company.objects.filter(vendor_id=row.vendor_id).order_by("id").select_for_update()
    list(companies.values_list("id", flat=True))  # whoever is about to build on one of them waits
    _refuse(obstacles_to(row))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            gone = _TAKERS[ImportKind(row.kind)](row)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except IntegrityError as error:
        raise UnableToUndo(
            _("Something was built upon what this import brought at this very moment, so nothing was taken away.")
        ) from error
    return gone


def _take_customers(row: LegacyImport) -> dict[str, int]:
    brought = LegacyCompany.objects.filter(imported_by=row)
    company_ids = list(brought.values_list("company_id", flat=True))
    take_away(table="cutover_comparison", column="company_id", ids=company_ids)
    gone = {"services": take_subscriptions_away(company_ids), "stores": take_stores_and_contacts_away(company_ids)}
    gone["companies"] = take_companies_away(company_ids)
    take_away(table="cutover_legacycompany", column="company_id", ids=company_ids)
    return gone


def _take_invoices(row: LegacyImport) -> dict[str, int]:
    brought = list(LegacyInvoice.objects.filter(imported_by=row).values_list("id", flat=True))
    take_away(table="cutover_comparison", column="old_invoice_id", ids=brought)
    return {"invoices": take_away(table="cutover_legacyinvoice", column="id", ids=brought)}


def _take_papers(row: LegacyImport) -> dict[str, int]:
    return {"papers": take_papers_away([reference_of(invoice_id) for invoice_id in (row.report or {})["kept"]])}


_TAKERS = {
    ImportKind.CUSTOMERS: _take_customers,
    ImportKind.INVOICES: _take_invoices,
    ImportKind.PAPERS: _take_papers,
}


def _refuse(obstacles: Iterator[Obstacle]) -> None:
    if found := list(obstacles):
        raise UnableToUndo(
            _("This import cannot be undone: %(why)s") % {"why": " ".join(str(one) for one in found[:5])}
        )


def _finish(undo: ImportUndo, status: UndoStatus, report: Mapping[str, Any], *, now: datetime) -> None:
    undo.status, undo.report, undo.finished_at = status, dict(report), now
    undo.save(update_fields=["status", "report", "finished_at"])
