"""Importing an old system's files: all of one in one transaction, and the same file again changes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _

from comptoir.kit.collecting import no_collecting
from comptoir.kit.toml_section import ProfileInvalid
from comptoir.tenancy.audit import Actor, record, system
from comptoir.tenancy.errors import VendorNotFound
from comptoir.tenancy.operations import create_vendor
from comptoir.tenancy.queries import VendorRow, business_today, vendor, vendor_by_slug

from .changes import noting_changes, set_aside
from .errors import ImportRefused
from .keeping import keep_file
from .legacy.errors import ExportUnreadable
from .legacy.invoices import read_invoices
from .legacy.profile import Profile, parse_profile
from .legacy.reader import read_export
from .legacy.records import Finding
from .legacy.table import count_lines
from .models import ImportKind, ImportStatus, ImportStep, LegacyImport
from .old_invoices import take_invoices
from .old_papers import take_papers
from .staging import stage
from .taking_over import write
from .taking_turns import import_alone
from .telling import Tell, tell_customers_imported, tell_nobody, telling


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of an import: read = created + updated + unchanged + refused, findings in the order of lines.

    ``control_total`` is the sum of the profile's control column over all rows, written as a decimal; of PDFs
    how many are kept, and ``kept`` are the old invoices whose PDF is new.
    """

    import_id: int
    read: int
    created: int
    updated: int
    unchanged: int
    refused: int
    control_total: str
    findings: tuple[Finding, ...]
    kept: tuple[int, ...] = ()

    @property
    def counts(self) -> dict[str, int | str]:
        """The counts and the control total, by name."""
        return {
            "read": self.read,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "control_total": self.control_total,
        }

    @property
    def plain(self) -> dict[str, Any]:
        """The report as it is kept with the import."""
        findings = [asdict(finding) for finding in self.findings]
        return {"counts": self.counts, "findings": findings, "kept": list(self.kept)}


def import_export(
    *,
    vendor_slug: str,
    profile_text: str,
    profile_name: str,
    content: bytes,
    filename: str,
    actor: Actor,
    now: datetime,
    kind: str = ImportKind.CUSTOMERS,
    is_trial: bool = False,
    tell: Tell = tell_nobody,
) -> ImportReport:
    """Import a file of customers, or of old invoices, through its profile; a missing vendor is made from the profile.

    One transaction: where anything fails, nothing was taken. A customer or invoice with anything wrong is refused whole
    and the others go on. A trial takes nothing, makes no vendor either, and reports what would be. ``tell`` is told
    how far it has come. Raises ProfileInvalid, ExportUnreadable, ImportRefused.
    """
    profile = parse_profile(text=profile_text, source=profile_name)
    with transaction.atomic():
        seller, is_new = _vendor(slug=vendor_slug, profile=profile, actor=actor)
        import_id = keep_file(
            vendor_id=seller.id,
            kind=kind,
            is_trial=is_trial,
            profile_name=profile_name,
            profile_text=profile_text,
            filename=filename,
            content=content,
            actor=actor,
        )
        row = LegacyImport.objects.defer("content").get(id=import_id)
        row.content = content
        report = _apply(row=row, seller=seller, profile=profile, actor=actor, now=now, tell=tell)
        transaction.set_rollback(is_trial and is_new)
    return report


def run_requested(*, import_id: int, now: datetime) -> ImportReport | None:
    """Do an import that was requested, in the caller's transaction; return None if it was done before, or refused.

    What is wrong with the file or its profile as a whole is kept as the reason of its refusal. A trial does all that an
    import does, keeps the report, and takes the rest back.
    """
    row = LegacyImport.objects.select_for_update(no_key=True).get(id=import_id)
    if row.status != ImportStatus.REQUESTED:
        return None
    actor = system(f"import asked for by {row.requested_by}")
    try:
        profile = parse_profile(text=row.profile, source=row.profile_name)
        seller = vendor(row.vendor_id)
        _refuse_other_currency(seller=seller, profile=profile)
        with telling(import_id) as tell:
            return _apply(row=row, seller=seller, profile=profile, actor=actor, now=now, tell=tell)
    except (ProfileInvalid, ExportUnreadable, ImportRefused) as error:
        _finish(row, status=ImportStatus.REFUSED, report={"reason": str(error)}, now=now)
        return None


def _apply(
    *, row: LegacyImport, seller: VendorRow, profile: Profile, actor: Actor, now: datetime, tell: Tell
) -> ImportReport:
    import_alone(vendor_id=seller.id)
    with set_aside() as aside, no_collecting(), transaction.atomic():
        if row.kind == ImportKind.PAPERS:
            report = _take_papers(row=row, seller=seller)
        elif row.kind == ImportKind.INVOICES:
            report = _take_invoices(row=row, seller=seller, profile=profile, tell=tell)
        else:
            report = _take_customers(
                row=row, seller=seller, profile=profile, actor=actor, now=now, aside=aside, tell=tell
            )
        transaction.set_rollback(row.is_trial)
    _finish(row, status=ImportStatus.DONE, report=report.plain, now=now)
    if not row.is_trial:
        record(
            actor=actor,
            action=f"{row.kind} imported",
            subject=f"legacy_import:{row.id}",
            vendor_id=seller.id,
            after=report.counts,
        )
        if row.kind == ImportKind.CUSTOMERS and report.created + report.updated:
            tell_customers_imported(seller.id)
    return report


def _take_customers(
    *,
    row: LegacyImport,
    seller: VendorRow,
    profile: Profile,
    actor: Actor,
    now: datetime,
    aside: IO[bytes],
    tell: Tell,
) -> ImportReport:
    content = bytes(row.content)
    export = read_export(profile=profile, content=content, tell=_of_lines(content, tell=tell))
    staged = stage(vendor_id=seller.id, export=export)
    changed = [staged.present[claim.number].id for claim in staged.changed]
    with noting_changes(changed, read_id=row.id, aside=aside):
        write(
            staged=staged,
            vendor_id=seller.id,
            plans=profile.plans,
            import_id=row.id,
            actor=actor,
            today=business_today(seller, now=now),
            now=now,
            tell=tell,
        )
    findings = sorted([*export.findings, *staged.findings], key=lambda finding: finding.line)
    return ImportReport(
        import_id=row.id,
        read=export.read,
        created=len(staged.new),
        updated=len(staged.changed),
        unchanged=staged.unchanged,
        refused=export.refused + staged.refused,
        control_total=export.control_total,
        findings=tuple(findings),
    )


def _take_invoices(*, row: LegacyImport, seller: VendorRow, profile: Profile, tell: Tell) -> ImportReport:
    content = bytes(row.content)
    export = read_invoices(profile=profile, content=content, tell=_of_lines(content, tell=tell))
    taken = take_invoices(vendor_id=seller.id, export=export, import_id=row.id)
    return ImportReport(
        import_id=row.id,
        read=export.read,
        created=taken.created,
        updated=taken.updated,
        unchanged=taken.unchanged,
        refused=export.refused + taken.refused,
        control_total=export.control_total,
        findings=tuple(sorted([*export.findings, *taken.findings], key=lambda finding: finding.line)),
    )


def _take_papers(*, row: LegacyImport, seller: VendorRow) -> ImportReport:
    taken = take_papers(vendor_id=seller.id, content=bytes(row.content))
    return ImportReport(
        import_id=row.id,
        read=taken.created + taken.unchanged + taken.refused,
        created=taken.created,
        updated=0,
        unchanged=taken.unchanged,
        refused=taken.refused,
        control_total=str(taken.created + taken.unchanged),
        findings=tuple(taken.findings),
        kept=tuple(taken.kept),
    )


def _of_lines(content: bytes, *, tell: Tell) -> Callable[[int], None]:
    """What tells how many lines of a file are read."""
    total = count_lines(content)
    return lambda line: tell(ImportStep.READING, line, total)


def _vendor(*, slug: str, profile: Profile, actor: Actor) -> tuple[VendorRow, bool]:
    """The vendor, and whether it was made just now."""
    try:
        seller = vendor_by_slug(slug)
    except VendorNotFound:
        return _vendor_of_profile(slug=slug, profile=profile, actor=actor), True
    _refuse_other_currency(seller=seller, profile=profile)
    return seller, False


def _vendor_of_profile(*, slug: str, profile: Profile, actor: Actor) -> VendorRow:
    wanted = profile.vendor
    if slug != wanted.slug:
        raise ImportRefused(
            _(
                "There is no vendor “%(slug)s”, and %(profile)s is for “%(wanted)s”. Make the vendor with"
                " “comptoir vendor create”, or name the profile's own."
            )
            % {"slug": slug, "profile": profile.source, "wanted": wanted.slug}
        )
    vendor_id = create_vendor(
        slug=slug,
        name=wanted.name,
        legal_name=wanted.name,
        currency=wanted.currency,
        time_zone=wanted.time_zone,
        language=wanted.language,
        email=f"billing@{slug}.invalid",
        actor=actor,
    )
    return vendor(vendor_id)


def _refuse_other_currency(*, seller: VendorRow, profile: Profile) -> None:
    if seller.currency != profile.vendor.currency:
        raise ImportRefused(
            _("%(vendor)s bills in %(currency)s, and %(profile)s reads %(other)s; amounts are not converted.")
            % {
                "vendor": seller.name,
                "currency": seller.currency,
                "profile": profile.source,
                "other": profile.vendor.currency,
            }
        )


def _finish(row: LegacyImport, *, status: ImportStatus, report: Mapping[str, Any], now: datetime) -> None:
    row.status, row.report, row.finished_at = status, dict(report), now
    row.save(update_fields=["status", "report", "finished_at"])
