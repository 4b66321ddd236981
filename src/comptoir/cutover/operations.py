"""Asking for an import; making, filling and sending waves. All of it runs in the billing team's door."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.customers.queries import billing_emails
from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.models import Company

from .comparison.deciding import may_not_move
from .errors import WaveNotFound, WaveRefused
from .legacy.profile import parse_profile
from .models import ImportKind, LegacyImport, Move, Wave, WaveStatus


def request_import(
    *,
    vendor_id: int,
    profile_name: str,
    profile_text: str,
    filename: str,
    content: bytes,
    actor: Actor,
    kind: str = ImportKind.CUSTOMERS,
    is_trial: bool = False,
) -> int:
    """Ask the worker to import a file of customers, or of old invoices, through a profile; return the import's id.

    A trial takes nothing, and reports what would be. Raises ProfileInvalid;
    what is wrong with the file is told by the import's report.
    """
    parse_profile(text=profile_text, source=profile_name)
    row = LegacyImport.objects.create(
        vendor_id=vendor_id,
        kind=kind,
        is_trial=is_trial,
        profile_name=profile_name,
        profile=profile_text,
        filename=filename,
        content=content,
        sha256=sha256(content).hexdigest(),
        requested_by=actor.label,
    )
    record(
        actor=actor,
        action="trial of import requested" if is_trial else "import requested",
        subject=f"legacy_import:{row.id}",
        vendor_id=vendor_id,
        after={"filename": filename, "sha256": row.sha256},
    )
    emit(
        name="import_requested",
        topic=f"legacy_imports:{vendor_id}",
        vendor_id=vendor_id,
        data={"import": row.id, "language": get_language() or "en"},
    )
    return row.id


def create_wave(
    *, vendor_id: int, name: str, first_invoice_month: date, deadline: date, actor: Actor, today: date
) -> int:
    """Plan a wave whose companies get their first invoice here for the month of ``first_invoice_month``.

    ``deadline`` is the day until which owners are asked to save a payment method. Raises WaveRefused.
    """
    month = first_invoice_month.replace(day=1)
    if month < today.replace(day=1):
        raise WaveRefused(_("The first month to be billed here lies in the past; choose this month or a later one."))
    if deadline < today:
        raise WaveRefused(_("The deadline lies in the past; leave the owners some days to answer."))
    try:
        with transaction.atomic():
            wave = Wave.objects.create(vendor_id=vendor_id, name=name, first_invoice_month=month, deadline=deadline)
    except IntegrityError as error:
        raise WaveRefused(_("There is a wave of this name already; choose another.")) from error
    record(
        actor=actor,
        action="wave planned",
        subject=f"wave:{wave.id}",
        vendor_id=vendor_id,
        after={"name": name, "first_invoice_month": str(month), "deadline": str(deadline)},
    )
    return wave.id


def add_companies(*, vendor_id: int, wave_id: int, company_public_ids: Iterable[UUID], actor: Actor) -> int:
    """Put companies into a planned wave; return how many. Raises WaveNotFound, WaveRefused.

    A company moves once: one that is in a wave already, or billed here already, refuses them all.
    """
    wave = _planned(vendor_id=vendor_id, wave_id=wave_id)
    companies = list(Company.objects.filter(vendor_id=vendor_id, public_id__in=list(company_public_ids)))
    taken = Move.objects.filter(company__in=companies).values_list("company_id", flat=True)
    _refuse_moved([company for company in companies if company.billed_since or company.id in set(taken)])
    Move.objects.bulk_create(Move(wave=wave, company=company) for company in companies)
    record(
        actor=actor,
        action="companies put into wave",
        subject=f"wave:{wave.id}",
        vendor_id=vendor_id,
        after={"companies": sorted(company.number for company in companies)},
    )
    return len(companies)


def take_out(*, vendor_id: int, wave_id: int, company_public_id: UUID, actor: Actor) -> None:
    """Take a company out of a planned wave, so that another wave may take it. Raises WaveNotFound, WaveRefused."""
    wave = _planned(vendor_id=vendor_id, wave_id=wave_id)
    move = Move.objects.filter(wave=wave, company__public_id=company_public_id).select_related("company").first()
    if move is None:
        return
    number = move.company.number
    move.delete()
    record(
        actor=actor,
        action="company taken out of wave",
        subject=f"wave:{wave.id}",
        vendor_id=vendor_id,
        before={"companies": [number]},
    )


def send_wave(*, vendor_id: int, wave_id: int, actor: Actor, today: date, now: datetime) -> int:
    """Move a wave's companies: from ``today`` they are billed here, and the worker sends their letters.

    Returns how many companies moved. Raises WaveNotFound, WaveRefused. All of the wave moves, or none of it.
    """
    wave = _planned(vendor_id=vendor_id, wave_id=wave_id)
    moves = list(Move.objects.filter(wave=wave).select_related("company").order_by("company_id"))
    if not moves:
        raise WaveRefused(_("There is no company in this wave yet; choose some first."))
    companies = [move.company for move in moves]
    _refuse_moved([company for company in companies if company.billed_since])
    _refuse_unexplained(companies)
    emails = billing_emails([company.id for company in companies])
    for move in moves:
        move.letter_to = emails.get(move.company_id, "")
    Move.objects.bulk_update(moves, ["letter_to"], batch_size=500)
    moved = Company.objects.filter(id__in=[company.id for company in companies], billed_since=None)
    if moved.update(billed_since=today) != len(companies):
        raise WaveRefused(_("A company of this wave was moved meanwhile; reload the page."))
    Wave.objects.filter(id=wave.id).update(status=WaveStatus.SENT, sent_at=now, sent_on=today)
    for company in companies:
        record(
            actor=actor,
            action="company moved",
            subject=f"wave:{wave.id}",
            vendor_id=vendor_id,
            company_id=company.id,
            before={"billed_since": None},
            after={"billed_since": str(today)},
        )
    emit(name="wave_sent", topic=f"wave:{wave.id}", vendor_id=vendor_id, data={"wave": wave.id})
    return len(companies)


def note_portal_opened(*, company_id: int, now: datetime) -> None:
    """Note that someone of a moved company has opened its portal; the first time counts. For the customer's door."""
    Move.objects.filter(company_id=company_id, portal_opened_at=None).update(portal_opened_at=now)


def _planned(*, vendor_id: int, wave_id: int) -> Wave:
    """Hold a wave that is not sent yet until the transaction ends."""
    wave = Wave.objects.select_for_update().filter(id=wave_id, vendor_id=vendor_id).first()
    if wave is None:
        raise WaveNotFound(_("There is no such wave; the list of waves shows those there are."))
    if wave.status == WaveStatus.SENT:
        raise WaveRefused(_("This wave has been sent; its companies stay as they are."))
    return wave


def _refuse_unexplained(companies: Sequence[Company]) -> None:
    held = may_not_move([company.id for company in companies])
    if held:
        named = [str(company) for company in companies if company.id in held]
        raise WaveRefused(
            _(
                "Of %(companies)s the next invoice differs from the old system's last, and nobody can say why yet."
                " Have it compared, explained or signed, or take it out of the wave."
            )
            % {"companies": ", ".join(named[:10])}
        )


def _refuse_moved(companies: Sequence[Company]) -> None:
    if companies:
        raise WaveRefused(
            _("A company moves once; these are in a wave, or billed here, already: %(companies)s.")
            % {"companies": ", ".join(str(company) for company in companies[:10])}
        )
