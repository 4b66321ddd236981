"""The plain records that an old system's export is read into. Nothing here knows of a database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple, Protocol

from django.utils.translation import gettext as _

PaymentKind = Literal["ach", "card", "check", "other"]
Severity = Literal["warning", "refusal"]


class LegacyAddress(NamedTuple):
    """A postal address; what the file does not say is an empty text. `country` is an ISO code."""

    street: str
    city: str
    state: str
    zip: str
    country: str
    county: str = ""


class PaysByBefore(NamedTuple):
    """How the old system was paid: the kind, and `label`, the old system's own word for it."""

    kind: PaymentKind
    label: str


class LastInvoice(NamedTuple):
    """The last invoice that the old system made, as far as the customers' file tells."""

    number: str
    issued_on: date | None
    total_minor: int | None


class LegacyStore(NamedTuple):
    """A location, by the number the old system knows it under."""

    number: str
    name: str
    brand: str
    address: LegacyAddress
    opened_on: date | None


class LegacySubscription(NamedTuple):
    """A plan taken for a store, or for the company itself (`store_number` is None).

    `billed_through` and `minimum_term_ends_on` are half-open: the first day not billed, the first not bound.
    """

    store_number: str | None
    product_code: str
    plan_code: str
    cadence: str
    anchor_day: int
    price_minor: int
    starts_on: date
    billed_through: date
    minimum_term_ends_on: date | None


class LegacyCompany(NamedTuple):
    """A customer of the old system; the order of stores and subscriptions does not depend on the file's.

    Amounts are in minor units of `currency`. `balance_minor` is what the company owed (negative: was owed);
    `charged_to_date_minor` what it was ever charged, None if the file does not say.
    """

    number: str
    name: str
    language: str
    currency: str
    owner_email: str
    billing_email: str
    phone: str
    address: LegacyAddress
    pays_by_before: PaysByBefore
    balance_minor: int
    charged_to_date_minor: int | None
    last_invoice: LastInvoice | None
    stores: tuple[LegacyStore, ...] = ()
    subscriptions: tuple[LegacySubscription, ...] = ()
    lines: tuple[int, ...] = ()

    @property
    def content_hash(self) -> str:
        """The same for the same content, wherever in the file it stands: tells "unchanged" from "updated"."""
        content = self._asdict()
        del content["lines"]
        return _hash(content)


class LegacyInvoiceLine(NamedTuple):
    """A line of an old invoice; the service period is half-open. ``amount_minor`` is without ``tax_minor``."""

    store_number: str | None
    product_code: str
    plan_code: str
    description: str
    starts_on: date
    ends_on: date
    amount_minor: int
    tax_minor: int = 0


class LegacyInvoice(NamedTuple):
    """An invoice of the old system, kept for comparison; it is no document of Comptoir's books.

    ``open_minor`` is what is still owed on it. ``line`` is where in the file it begins.
    """

    company_number: str
    number: str
    issued_on: date
    total_minor: int
    lines: tuple[LegacyInvoiceLine, ...]
    open_minor: int = 0
    line: int = 0

    @property
    def content_hash(self) -> str:
        """The same for the same content, wherever in the file it stands."""
        content = self._asdict()
        del content["line"]
        return _hash(content)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should see: a warning (read all the same) or a refusal (left out)."""

    severity: Severity
    line: int
    number: str
    column: str
    value: str
    reason: str
    done: str

    def __str__(self) -> str:
        head = _("Refused") if self.severity == "refusal" else _("Warning")
        where = _("%(head)s: line %(line)d, customer %(number)s") % {
            "head": head,
            "line": self.line,
            "number": self.number or "?",
        }
        if self.column:
            where += _(", column %(column)s (%(value)s)") % {"column": self.column, "value": repr(self.value)}
        return f"{where}: {self.reason} {self.done}"


class LegacyCompanies(Protocol):
    """Customers in the order in which a file names them first, one at a time or by number."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[LegacyCompany]: ...

    def __getitem__(self, number: str) -> LegacyCompany: ...


@dataclass(frozen=True, slots=True)
class Export:
    """A customers' file, read: `read` customers in `rows` lines, `refused` of them left out whole."""

    companies: LegacyCompanies
    findings: tuple[Finding, ...]
    rows: int
    read: int
    refused: int
    control_total: str

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    @property
    def refusals(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "refusal")


@dataclass(frozen=True, slots=True)
class InvoiceExport:
    """An old invoices' file, read: `read` invoices in `rows` lines, `refused` of them left out whole."""

    invoices: tuple[LegacyInvoice, ...]
    findings: tuple[Finding, ...]
    rows: int
    read: int
    refused: int
    control_total: str


def _hash(content: dict[str, Any]) -> str:
    return hashlib.sha256(_AS_JSON.encode(content).encode()).hexdigest()


_AS_JSON = json.JSONEncoder(default=date.isoformat)
