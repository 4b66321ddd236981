"""What each entry of “who did what” is about: its name in the reader's language, and its page, if there is one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.catalog.queries import named_plans, named_products
from comptoir.customers.queries import named_people, named_stores
from comptoir.inbox.queries import named_threads
from comptoir.invoicing.naming import NamedPaper, named_credit_notes, named_invoices
from comptoir.kit.lookups import Ids, Texts, Uuids
from comptoir.kit.money import format_money
from comptoir.kit.together import Asked, ask_together
from comptoir.payments.naming import (
    NamedMethod,
    NamedPayment,
    named_disputes,
    named_methods,
    named_payments,
    named_refunds,
)
from comptoir.subscriptions.queries import NamedSubscription, named_subscriptions
from comptoir.tenancy.queries import AuditRow
from comptoir.transfers.queries import named_transfers

from .shell import Visit

# A name, and the view of the portal that shows it with its arguments beside the company; or no view.
Said = tuple[str, str, Mapping[str, Any]]


class Kind(NamedTuple):
    """How things of a kind are asked for, all of a page at once, and what is said of one by its name in the trail."""

    ask: Callable[[Iterable[str], Visit], Asked[Any]]
    say: Callable[[str, Any], Said]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry with what it is about: nothing where that is the company itself; ``href`` is empty without a page."""

    row: AuditRow
    about: str = ""
    href: str = ""


def told(rows: Iterable[AuditRow], *, visit: Visit) -> list[Entry]:
    """Return the entries of a company's trail, each with what it is about. Must run in the company's door."""
    entries = list(rows)
    names: dict[str, set[str]] = {}
    for row in entries:
        kind, _colon, name = row.subject.partition(":")
        names.setdefault(kind, set()).add(name)
    asked = {kind: known.ask(names[kind], visit) for kind, known in KINDS.items() if kind in names}
    if asked:
        ask_together(*asked.values())
    found = {kind: {str(name): thing for name, thing in one.read().items()} for kind, one in asked.items()}
    return [_entry(row, found, visit=visit) for row in entries]


def _entry(row: AuditRow, found: Mapping[str, Mapping[str, Any]], *, visit: Visit) -> Entry:
    kind, _colon, name = row.subject.partition(":")
    thing = found.get(kind, {}).get(name)
    if thing is None:  # the company itself, or what its owner is not shown
        return Entry(row, str(row.after.get("email") or row.before.get("email") or row.after.get("name") or ""))
    label, view, arguments = KINDS[kind].say(name, thing)
    return Entry(row, label, reverse(view, kwargs={"company": visit.company.public_id, **arguments}) if view else "")


def _payment(_name: str, found: NamedPayment) -> Said:
    return _of_payment(_("Payment %(confirmation)s, %(amount)s"), found)


def _refund(_name: str, found: NamedPayment) -> Said:
    return _of_payment(_("Refund %(confirmation)s, %(amount)s"), found)


def _of_payment(words: str, found: NamedPayment) -> Said:
    amount = format_money(amount_minor=found.amount_minor, currency=found.currency, language=get_language() or "en")
    label = words % {"confirmation": found.confirmation, "amount": amount}
    if found.payment_public_id is None:
        return label, "", {}
    return label, "portal:payment", {"payment": found.payment_public_id}


def _method(_name: str, found: NamedMethod) -> Said:
    return found.label, "" if found.is_removed else "portal:methods", {}


def _invoice(_name: str, found: NamedPaper) -> Said:
    return _("Invoice %(number)s") % {"number": found.number}, "portal:invoice", {"invoice": found.invoice_public_id}


def _credit_note(_name: str, found: NamedPaper) -> Said:
    label = _("Credit note %(number)s") % {"number": found.number}
    return label, "portal:invoice", {"invoice": found.invoice_public_id}


def _subscription(_name: str, found: NamedSubscription) -> Said:
    return ", ".join(filter(None, found)), "", {}


def _transfer(name: str, found: tuple[str, str]) -> Said:
    seller, buyer = found
    return f"{seller} → {buyer}", "portal:transfer", {"transfer": name}


KINDS: dict[str, Kind] = {
    "payment": Kind(lambda names, _visit: named_payments(public_ids=_uuids(names)), _payment),
    "dispute": Kind(lambda names, _visit: named_disputes(public_ids=_uuids(names)), _payment),
    "refund": Kind(lambda names, _visit: named_refunds(public_ids=_uuids(names)), _refund),
    "payment_method": Kind(lambda names, _visit: named_methods(public_ids=_uuids(names)), _method),
    "invoice": Kind(lambda names, _visit: named_invoices(public_ids=_uuids(names)), _invoice),
    "credit_note": Kind(lambda names, _visit: named_credit_notes(ids=_ids(names)), _credit_note),
    "plan": Kind(
        lambda names, visit: named_plans(vendor_id=visit.vendor.id, codes=Texts(names)),
        lambda _name, label: (label, "", {}),
    ),
    "subscription": Kind(lambda names, _visit: named_subscriptions(ids=_ids(names)), _subscription),
    "transfer": Kind(lambda names, _visit: named_transfers(public_ids=_uuids(names)), _transfer),
    "thread": Kind(
        lambda names, _visit: named_threads(public_ids=_uuids(names)),
        lambda name, subject: (subject, "portal:message", {"thread": name}),
    ),
    "store": Kind(
        lambda _names, visit: named_stores(company_id=visit.company.id),
        lambda _name, label: (label, "portal:stores", {}),
    ),
    "user": Kind(lambda _names, visit: named_people(company_id=visit.company.id), lambda _name, email: (email, "", {})),
    "product": Kind(
        lambda names, _visit: named_products(ids=_ids(names)), lambda _name, label: (label, "portal:access", {})
    ),
}


def _ids(names: Iterable[str]) -> Ids:
    return Ids(map(int, names))


def _uuids(names: Iterable[str]) -> Uuids:
    return Uuids(map(UUID, names))
