"""The mapping profile, in TOML: what the columns of an old system's files mean. See `profiles/demo.toml`."""

from __future__ import annotations

import codecs
import re
import string
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from django.utils.translation import gettext as _

from comptoir.cutover.legacy import fields
from comptoir.kit.cells import AmountFormat
from comptoir.kit.toml_section import ProfileInvalid, Section

NUL = re.compile(r"\\u0000|\\U00000000")
# Python's, for other ends: what they make of a file may be no text at all.
NOT_OF_FILES = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"})


@dataclass(frozen=True, slots=True)
class VendorDefaults:
    """The vendor that the customers belong to, and how it is created if it does not exist."""

    slug: str
    name: str
    currency: str
    time_zone: str
    language: str


@dataclass(frozen=True, slots=True)
class PlanDefaults:
    """A plan that the profile's subscriptions may take, created if it does not exist."""

    code: str
    name: str
    product_code: str
    product_name: str
    cadences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileMapping:
    """How one file is written and which column is which field.

    `defaults` are templates ("Customer {customer_number}") for fields without a column, and for blank cells.
    `last_days` says that dates ending a period name its last day, not the day after.
    """

    encoding: str
    delimiter: str
    date_pattern: str
    amounts: AmountFormat
    one_row_per_company: bool
    last_days: bool
    columns: Mapping[str, str]
    defaults: Mapping[str, str]
    ignored: frozenset[str]
    warn_when_blank: tuple[str, ...]
    control_column: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A whole profile. `words` maps folded spellings to Comptoir's words; `minimum_terms` is in months."""

    source: str
    vendor: VendorDefaults
    plans: tuple[PlanDefaults, ...]
    words: Mapping[str, Mapping[str, str]]
    minimum_terms: Mapping[str, int]
    customers: FileMapping
    invoices: FileMapping | None


def load_profile(path: Path) -> Profile:
    """Read a profile from a file. Raises ProfileInvalid, naming the file and the key."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ProfileInvalid(_("There is no profile %(path)s.") % {"path": path}) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileInvalid(
            _("The profile %(path)s cannot be read: %(error)s.") % {"path": path, "error": error}
        ) from error
    return parse_profile(text=text, source=path.name)


def parse_profile(*, text: str, source: str) -> Profile:
    """Read a profile's text; `source` names it in complaints. Raises ProfileInvalid."""
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProfileInvalid(
            _("%(source)s is not valid TOML: %(error)s.") % {"source": source, "error": error}
        ) from error
    if NUL.search(text):  # no database keeps it, which only the worker would find out
        raise ProfileInvalid(_("%(source)s has a NUL character; remove it.") % {"source": source})
    root = Section(source=source, key="", content=content)
    vendor = _vendor(root.section("vendor"))
    plans = _plans(root.sections("products"))
    words, minimum_terms = _words(root.section("words"), plans=plans)
    customers = _file(
        root.section("customers"),
        currency=vendor.currency,
        known=fields.CUSTOMER_FIELDS,
        needs=fields.CUSTOMER_NEEDS,
    )
    invoices = None
    if "invoices" in root:
        invoices = _file(
            root.section("invoices"),
            currency=vendor.currency,
            known=fields.INVOICE_FIELDS,
            needs=fields.INVOICE_NEEDS,
        )
    root.finish()
    return Profile(source, vendor, plans, words, minimum_terms, customers, invoices)


def _vendor(section: Section) -> VendorDefaults:
    vendor = VendorDefaults(
        slug=section.filled("slug"),
        name=section.filled("name"),
        currency=section.filled("currency"),
        time_zone=section.filled("time_zone"),
        language=section.choice("language", choices=fields.LANGUAGES),
    )
    if vendor.currency not in list_currencies():
        raise section.invalid(key="currency", reason=_("There is no currency of this code."))
    if vendor.time_zone not in available_timezones():
        raise section.invalid(key="time_zone", reason=_("There is no time zone of this name."))
    section.finish()
    return vendor


def _plans(products: Sequence[Section]) -> tuple[PlanDefaults, ...]:
    plans: dict[str, PlanDefaults] = {}
    product_codes: set[str] = set()
    for product in products:
        product_code, product_name = product.filled("code"), product.filled("name")
        if product_code in product_codes:
            raise product.invalid(key="code", reason=_("Another product has this code."))
        product_codes.add(product_code)
        for section in product.sections("plans"):
            plan = PlanDefaults(
                code=section.filled("code"),
                name=section.filled("name"),
                product_code=product_code,
                product_name=product_name,
                cadences=section.texts("cadences"),
            )
            if plan.code in plans:
                raise section.invalid(key="code", reason=_("Another plan has this code."))
            if not plan.cadences or not set(plan.cadences) <= set(fields.CADENCES):
                reason = _("Give one or more of %(choices)s.") % {"choices": ", ".join(fields.CADENCES)}
                raise section.invalid(key="cadences", reason=reason)
            section.finish()
            plans[plan.code] = plan
        product.finish()
    return tuple(plans.values())


def _words(section: Section, *, plans: Collection[PlanDefaults]) -> tuple[dict[str, dict[str, str]], dict[str, int]]:
    own_words: dict[str, Collection[str]] = {
        "cadence": fields.CADENCES,
        "payment_method": fields.PAYMENT_KINDS,
        "language": fields.LANGUAGES,
        "product": {plan.product_code for plan in plans},
        "plan": {plan.code for plan in plans},
    }
    words: dict[str, dict[str, str]] = {}
    minimum_terms: dict[str, int] = {}
    for name in fields.WORD_FIELDS:
        choices = own_words.get(name)
        table = section.section(name)
        found: dict[str, str] = {fields.fold(word): word for word in choices or ()}
        for spelling, meaning in table.words().items():
            if name == "minimum_term":
                if not isinstance(meaning, int) or not 0 <= meaning <= 120:
                    raise table.invalid(key=spelling, reason=_("Give the months of the term, 0 to 120."))
                minimum_terms[fields.fold(spelling)] = meaning
            elif not isinstance(meaning, str) or (choices is not None and meaning not in choices):
                reason = _("The meaning must be one of %(choices)s.")
                raise table.invalid(key=spelling, reason=reason % {"choices": ", ".join(sorted(choices or ["…"]))})
            else:
                found[fields.fold(spelling)] = meaning
        words[name] = found
    section.finish()
    return words, minimum_terms


def _file(section: Section, *, currency: str, known: frozenset[str], needs: Sequence[Sequence[str]]) -> FileMapping:
    pattern = section.text("dates", default="%Y-%m-%d")
    columns = _columns(section.section("columns"), known=known)
    mapping = FileMapping(
        encoding=section.text("encoding", default="utf-8"),
        delimiter=section.text("delimiter", default=","),
        date_pattern=pattern,
        amounts=AmountFormat(
            currency=currency,
            decimal_point=section.choice("decimal_point", choices=(".", ","), default="."),
            thousands=section.choice("thousands", choices=("", ".", ",", " ", "'", "’"), default=""),
            symbol=section.text("currency_symbol", default=""),
        ),
        one_row_per_company=section.choice("rows", choices=("company", "line"), default="line") == "company",
        last_days=section.choice("end_dates", choices=("day_after", "last_day"), default="day_after") == "last_day",
        columns=columns,
        defaults=_defaults(section.section("defaults"), known=known, columns=columns, pattern=pattern),
        ignored=frozenset(section.texts("ignored")),
        warn_when_blank=section.texts("warn_when_blank"),
        control_column=section.filled("control_column"),
    )
    _check_format(section, mapping=mapping)
    _check_columns(section, mapping=mapping, needs=needs)
    section.finish()
    return mapping


def _columns(section: Section, *, known: frozenset[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for name, column in section.scalars(known=known).items():
        if not isinstance(column, str) or not column.strip():
            raise section.invalid(key=name, reason=_("Give the name of a column."))
        columns[name] = column.strip()
    if "customer_number" not in columns:
        raise section.invalid(key="customer_number", reason=_("This key is missing."))
    return columns


def _defaults(section: Section, *, known: frozenset[str], columns: Mapping[str, str], pattern: str) -> dict[str, str]:
    defaults: dict[str, str] = {}
    for name, value in section.scalars(known=known - {"customer_number"}).items():
        template = value.strftime(pattern) if isinstance(value, date) else value
        try:
            parts = list(string.Formatter().parse(template))
        except ValueError as error:
            raise section.invalid(key=name, reason=_("The braces do not match.")) from error
        for _text, placeholder, spec, conversion in parts:
            if placeholder is not None and (placeholder not in columns or spec or conversion):
                reason = _("{%(name)s} is not a field with a column in this file.")
                raise section.invalid(key=name, reason=reason % {"name": placeholder})
        defaults[name] = template
    return defaults


def _check_format(section: Section, *, mapping: FileMapping) -> None:
    if not _is_encoding(mapping.encoding):
        raise section.invalid(key="encoding", reason=_("There is no text encoding of this name."))
    if len(mapping.delimiter) != 1 or mapping.delimiter in '"\r\n':
        raise section.invalid(key="delimiter", reason=_("Give one character, for example “,” or “;”."))
    if mapping.amounts.decimal_point == mapping.amounts.thousands:
        raise section.invalid(key="thousands", reason=_("This cannot be the decimal point as well."))
    sample = date(2020, 11, 23)
    try:
        read_back = datetime.strptime(sample.strftime(mapping.date_pattern), mapping.date_pattern)  # noqa: DTZ007
    except (ValueError, re.error):
        read_back = None
    if read_back is None or read_back.date() != sample:
        reason = _("Give a pattern with year, month and day, for example %(example)s.")
        raise section.invalid(key="dates", reason=reason % {"example": "%m/%d/%Y"})


def _is_encoding(name: str) -> bool:
    try:
        "a".encode(name)
    except (LookupError, ValueError):
        return False
    return codecs.lookup(name).name not in NOT_OF_FILES


def _check_columns(section: Section, *, mapping: FileMapping, needs: Sequence[Sequence[str]]) -> None:
    mapped = set(mapping.columns.values())
    for group in needs:
        if not any(name in mapping.columns or name in mapping.defaults for name in group):
            reason = _("Give %(names)s a column, or a default below “defaults”.")
            raise section.invalid(key="columns", reason=reason % {"names": _(" or ").join(group)})
    both = sorted(mapped & mapping.ignored)
    if both:
        reason = _("“%(column)s” is mapped as well.") % {"column": both[0]}
        raise section.invalid(key="ignored", reason=reason)
    for column in mapping.warn_when_blank:
        if column not in mapped:
            reason = _("“%(column)s” is not mapped.") % {"column": column}
            raise section.invalid(key="warn_when_blank", reason=reason)
    if mapping.control_column not in mapped:
        reason = _("“%(column)s” is not mapped.") % {"column": mapping.control_column}
        raise section.invalid(key="control_column", reason=reason)
