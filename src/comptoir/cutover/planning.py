"""Planning waves: their dates, their companies, and who is held out. All of it runs in the billing team's door."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.models import Company
from comptoir.work.operations import close_work

from .errors import WaveChanged, WaveNotFound, WaveRefused
from .models import HoldOut, Move, NoticeKind, Wave, WaveNotice, WaveStatus


def create_wave(
    *,
    vendor_id: int,
    name: str,
    first_invoice_month: date,
    deadline: date,
    actor: Actor,
    today: date,
    letter_on: date | None = None,
    reminders: Sequence[date] = (),
    brings_balances: bool = False,
) -> int:
    """Plan a wave whose companies get their first invoice here for the month of ``first_invoice_month``.

    ``deadline`` is the day until which owners are asked to save a payment method; on ``reminders`` those are told again
    who have not finished. With ``brings_balances``, what its companies owe in the old system is collected here from
    their move on. Raises WaveRefused.
    """
    dates = _dates(first_invoice_month, letter_on=letter_on, reminders=reminders, deadline=deadline, today=today)
    try:
        with transaction.atomic():
            wave = Wave.objects.create(vendor_id=vendor_id, name=name, brings_balances=brings_balances, **dates)
    except IntegrityError as error:
        raise _name_taken() from error
    _write_notices(wave, reminders=reminders)
    _record(wave, actor=actor, action="wave planned", after=_plan(wave, reminders=reminders))
    return wave.id


def change_plan(
    *,
    vendor_id: int,
    wave_id: int,
    version: int,
    name: str,
    first_invoice_month: date,
    deadline: date,
    letter_on: date | None,
    reminders: Sequence[date],
    actor: Actor,
    today: date,
    now: datetime,
    brings_balances: bool = False,
) -> None:
    """Change the name and the dates of a wave that is not sent, and whether it brings balances.

    Raises WaveNotFound, WaveRefused, WaveChanged.
    """
    wave = held_plan(vendor_id=vendor_id, wave_id=wave_id, version=version)
    dates = _dates(first_invoice_month, letter_on=letter_on, reminders=reminders, deadline=deadline, today=today)
    told = wave.notices.filter(kind=NoticeKind.REMINDER).order_by("due_on")
    before = _plan(wave, reminders=list(told.values_list("due_on", flat=True)))
    try:
        with transaction.atomic():
            changed = {"name": name, "brings_balances": brings_balances, **dates}
            Wave.objects.filter(id=wave.id).update(version=F("version") + 1, **changed)
    except IntegrityError as error:
        raise _name_taken() from error
    wave.refresh_from_db()
    wave.notices.all().delete()
    _write_notices(wave, reminders=reminders)
    if letter_on is None or letter_on > today:
        settle_letters(wave, actor=actor, now=now)
    after = _plan(wave, reminders=sorted(set(reminders)))
    _record(wave, actor=actor, action="wave changed", before=before, after=after)


def add_companies(
    *,
    vendor_id: int,
    wave_id: int,
    company_public_ids: Iterable[UUID],
    actor: Actor,
    criteria: Mapping[str, str] | None = None,
) -> int:
    """Put companies into a planned wave; return how many. Raises WaveNotFound, WaveRefused.

    With ``criteria``, those are kept as what the wave is for, and whom it holds out stays out. A company moves once:
    one that is in a wave already, or billed here already, refuses them all; so does one that another wave takes at the
    same moment, which is waited for.
    """
    wave = held_plan(vendor_id=vendor_id, wave_id=wave_id)
    companies = Company.objects.filter(vendor_id=vendor_id, public_id__in=list(company_public_ids))
    held_out = HoldOut.objects.filter(wave=wave)
    if criteria is None:
        held_out.filter(company__in=companies).delete()
    else:
        companies = companies.exclude(id__in=held_out.values("company_id"))
    chosen = list(companies.order_by("id"))  # two waves that take the same ones wait in the same order
    taken = set(Move.objects.filter(company__in=chosen, taken_back_at=None).values_list("company_id", flat=True))
    refuse_moved([company for company in chosen if company.billed_since or company.id in taken])
    Move.objects.bulk_create([Move(wave=wave, company=company) for company in chosen], ignore_conflicts=True)
    put_in = set(Move.objects.filter(wave=wave, company__in=chosen).values_list("company_id", flat=True))
    refuse_moved([company for company in chosen if company.id not in put_in])
    kept = {} if criteria is None else {"criteria": {name: value for name, value in criteria.items() if value}}
    Wave.objects.filter(id=wave.id).update(version=F("version") + 1, **kept)
    _record(
        wave,
        actor=actor,
        action="companies put into wave",
        after={**kept, "companies": sorted(company.number for company in chosen)},
    )
    return len(chosen)


def take_out(*, vendor_id: int, wave_id: int, company_public_id: UUID, actor: Actor, reason: str = "") -> None:
    """Take a company out of a planned wave, so that another wave may take it. Raises WaveNotFound, WaveRefused.

    With a ``reason`` it is held out: filling the wave by its criteria leaves it out from now on.
    """
    wave = held_plan(vendor_id=vendor_id, wave_id=wave_id)
    move = Move.objects.filter(wave=wave, company__public_id=company_public_id).select_related("company").first()
    if move is None:
        return
    company = move.company
    move.delete()
    if reason:
        HoldOut.objects.create(wave=wave, company=company, reason=reason, by=actor.label)
    Wave.objects.filter(id=wave.id).update(version=F("version") + 1)
    record(
        actor=actor,
        action="company held out of wave" if reason else "company taken out of wave",
        subject=f"wave:{wave.id}",
        vendor_id=vendor_id,
        company_id=company.id,
        before={"companies": [company.number]},
        reason=reason,
    )


def settle_letters(wave: Wave, *, actor: Actor, now: datetime) -> None:
    """Take a wave off the team's list whose letters were due: they go out, or are due later."""
    close_work(vendor_id=wave.vendor_id, kind="wave_to_send", subject=subject_of_wave(wave.id), actor=actor, now=now)


def subject_of_wave(wave_id: int) -> str:
    """Return what the work is about that has somebody send a wave."""
    return f"wave:{wave_id}"


def held_plan(*, vendor_id: int, wave_id: int, version: int | None = None) -> Wave:
    """Hold a wave that is not sent yet until the transaction ends. Raises WaveNotFound, WaveRefused.

    With the ``version`` that somebody decided on, raises WaveChanged where it is another one by now.
    """
    wave = held_wave(vendor_id=vendor_id, wave_id=wave_id)
    if wave.status == WaveStatus.SENT:
        raise WaveRefused(_("This wave has been sent; its companies stay as they are."))
    if version is not None and version != wave.version:
        raise WaveChanged(
            _("Somebody has changed this wave since you opened the page; look at it as it is now, then decide again.")
        )
    return wave


def held_wave(*, vendor_id: int, wave_id: int) -> Wave:
    """Hold a wave until the transaction ends. Raises WaveNotFound."""
    wave = Wave.objects.select_for_update().filter(id=wave_id, vendor_id=vendor_id).first()
    if wave is None:
        raise WaveNotFound(_("There is no such wave; the list of waves shows those there are."))
    return wave


def refuse_moved(companies: Sequence[Company]) -> None:
    """Raise WaveRefused with the names and the waves that have them, if there are any companies."""
    if companies:
        taken = Move.objects.filter(company__in=companies[:10], taken_back_at=None)
        waves = dict(taken.values_list("company_id", "wave__name"))
        raise WaveRefused(
            _("A company moves once; these are in a wave, or billed here, already: %(companies)s.")
            % {"companies": "; ".join(_in_words(company, wave=waves.get(company.id)) for company in companies[:10])}
        )


def _in_words(company: Company, *, wave: str | None) -> str:
    if wave is None:
        return str(company)
    return _("%(company)s, in wave “%(wave)s”") % {"company": company, "wave": wave}


def _dates(
    first_invoice_month: date, *, letter_on: date | None, reminders: Sequence[date], deadline: date, today: date
) -> dict[str, date | None]:
    month = first_invoice_month.replace(day=1)
    if month < today.replace(day=1):
        raise WaveRefused(_("The first month to be billed here lies in the past; choose this month or a later one."))
    if deadline < today:
        raise WaveRefused(_("The deadline lies in the past; leave the owners some days to answer."))
    if letter_on and not today <= letter_on <= deadline:
        raise WaveRefused(_("The letters go out today or later, and before the deadline."))
    if not all((letter_on or today) < day < deadline for day in reminders):
        raise WaveRefused(_("Reminders go out after the letters and before the deadline."))
    return {"first_invoice_month": month, "letter_on": letter_on, "deadline": deadline}


def _write_notices(wave: Wave, *, reminders: Sequence[date]) -> None:
    WaveNotice.objects.bulk_create(
        [
            *(WaveNotice(wave=wave, kind=NoticeKind.REMINDER, due_on=day) for day in sorted(set(reminders))),
            WaveNotice(wave=wave, kind=NoticeKind.DEADLINE, due_on=wave.deadline),
        ]
    )


def _plan(wave: Wave, *, reminders: Sequence[date]) -> dict[str, object]:
    return {
        "name": wave.name,
        "first_invoice_month": str(wave.first_invoice_month),
        "letter_on": str(wave.letter_on or ""),
        "reminders": [str(day) for day in reminders],
        "deadline": str(wave.deadline),
        "brings_balances": wave.brings_balances,
    }


def _record(
    wave: Wave,
    *,
    actor: Actor,
    action: str,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    record(actor=actor, action=action, subject=f"wave:{wave.id}", vendor_id=wave.vendor_id, before=before, after=after)


def _name_taken() -> WaveRefused:
    return WaveRefused(_("There is a wave of this name already; choose another."))
