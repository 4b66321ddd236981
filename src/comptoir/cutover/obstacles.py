"""What stands in the way of undoing an import: whatever was built upon what it brought, table by table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, ForeignObjectRel, Model, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comptoir.customers.models import Contact, Location, Ownership
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.models import AuditEntry, Company

from .comparison.models import Comparison, ComparisonSignature, LegacyInvoice
from .models import HoldOut, ImportKind, LegacyCompany, LegacyImport, Move
from .old_papers import papers_kept

BROUGHT: tuple[type[Model], ...] = (Contact, Ownership, Subscription, Comparison, LegacyCompany)
# Whatever points at a company, a store or a service, in the words of whoever has to look at it.
WORDS: dict[str, Promise] = {
    "access": gettext_lazy("Access to products"),
    "customers": gettext_lazy("Logins, invitations and answers of customers"),
    "cutover": gettext_lazy("Notes, signatures and moves"),
    "documents": gettext_lazy("Documents kept for them"),
    "dunning": gettext_lazy("Reminders and what was agreed about them"),
    "inbox": gettext_lazy("Secure messages"),
    "invoicing": gettext_lazy("Invoices, credits and bill runs"),
    "ledger": gettext_lazy("Entries in the books"),
    "mailer": gettext_lazy("Mail that was written to them"),
    "payments": gettext_lazy("Payments and payment methods"),
    "subscriptions": gettext_lazy("Charges, discounts and billing preferences"),
    "taxes": gettext_lazy("Exemption certificates"),
    "tenancy": gettext_lazy("Acts of the team about them, on record"),
    "transfers": gettext_lazy("Changes of owner"),
    "work": gettext_lazy("Work for the team"),
}
OWN_WORDS: dict[type[Model], Promise] = {
    AuditEntry: gettext_lazy("Acts of the team about them, on record"),
    HoldOut: gettext_lazy("Held out of a wave"),
    LegacyInvoice: gettext_lazy("Old invoices; undo their import first"),
    Move: gettext_lazy("In a wave; take them out first, if it was not sent"),
}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that was built upon an import: what it is, and how many there are of it."""

    words: str
    count: int

    def __str__(self) -> str:
        return f"{self.words} ({self.count})." if self.count else self.words


def obstacles_to(row: LegacyImport) -> Iterator[Obstacle]:
    """Yield what stands in the way of taking away what an import brought; nothing where nothing does."""
    counts = (row.report or {}).get("counts", {})
    if row.undos.exclude(status="refused").exclude(status="requested").exists():
        yield Obstacle(_("It is undone already."), 0)
        return
    if counts.get("updated"):
        yield Obstacle(
            _("It changed what was here before. Hand the earlier file over again, which puts back what it says."),
            counts["updated"],
        )
    if row.kind == ImportKind.PAPERS:
        if "kept" not in (row.report or {}):
            yield Obstacle(_("It is not on record which PDFs it brought."), 0)
    elif row.kind == ImportKind.INVOICES:
        yield from _upon_invoices(row, brought=counts["created"])
    else:
        yield from _upon_customers(row, brought=counts["created"])


def _upon_customers(row: LegacyImport, *, brought: int) -> Iterator[Obstacle]:
    companies = Company.objects.filter(legacycompany__imported_by=row)
    if missing := brought - companies.count():
        yield _changed_since(missing)
    if billed := companies.exclude(billed_since=None).count():
        yield Obstacle(_("Billed here already"), billed)
    owned = Ownership.objects.filter(company__in=companies)
    if taken := Ownership.objects.filter(location__in=owned.values("location")).exclude(company__in=companies).count():
        yield Obstacle(_("Stores that were another customer's before"), taken)
    if started := Subscription.objects.filter(company__in=companies, legacy_key="").count():
        yield Obstacle(_("Services that were started here"), started)
    services = Subscription.objects.filter(company__in=companies)
    found: dict[str, int] = {}
    for origin, wanted in ((Company, companies), (Location, owned.values("location")), (Subscription, services)):
        for relation in pointing_at(origin):
            if count := relation.related_model.objects.filter(**{f"{relation.field.name}__in": wanted}).count():
                words = words_for(relation.related_model)
                found[words] = found.get(words, 0) + count
    yield from (Obstacle(words, count) for words, count in found.items())


def _upon_invoices(row: LegacyImport, *, brought: int) -> Iterator[Obstacle]:
    invoices = LegacyInvoice.objects.filter(imported_by=row)
    ids = list(invoices.values_list("id", flat=True))
    if missing := brought - len(ids):
        yield _changed_since(missing)
    of_them = Q(Exists(invoices.filter(company_id=OuterRef("id"))))
    if billed := Company.objects.filter(of_them).exclude(billed_since=None).count():
        yield Obstacle(_("Customers who moved after their invoice was compared"), billed)
    signed = ComparisonSignature.objects.filter(withdrawn_at=None, company__in=invoices.values("company"))
    if count := signed.count():
        yield Obstacle(_("Differences that were signed; withdraw the signatures first"), count)
    if papers := len(papers_kept(ids)):
        yield Obstacle(_("PDFs kept with them; undo their import first"), papers)


def pointing_at(origin: type[Model]) -> Iterator[Any]:
    """Yield the relations by which other tables point at one, but for what an import itself brings."""
    for relation in origin._meta.related_objects:
        if isinstance(relation, ForeignObjectRel) and relation.related_model not in BROUGHT:
            yield relation


def words_for(model: type[Model]) -> str:
    """Say what rows of a table are, to whoever has to look at them."""
    return str(OWN_WORDS.get(model) or WORDS[model._meta.app_label])


def _changed_since(count: int) -> Obstacle:
    return Obstacle(
        ngettext("A later import has changed one of them", "Later imports have changed some of them", count), count
    )
