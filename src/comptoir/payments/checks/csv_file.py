"""A bank's CSV file, read through a profile in TOML: which column is what, and which words mean which kind of line."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from comptoir.kit.cells import AmountFormat, Unreadable, parse_date
from comptoir.kit.toml_section import ProfileInvalid, Section

from .errors import BankFileRefused
from .lines import BankDeposit, BankLine, BankNews, Kind, LinePrints, payer_of, remittance_of, total_of

FIELDS = ("date", "amount", "number", "payer", "remittance", "deposit", "kind", "reference")
NEEDED = ("date", "amount")
KINDS: tuple[Kind, ...] = ("check", "return", "deposit", "other")


@dataclass(frozen=True, slots=True)
class CsvProfile:
    """How a bank's CSV file is written.

    Without a column for the kind, a line above zero is a check, and one below zero is a ``negative``: a statement's
    signs say which way money went.
    """

    encoding: str
    delimiter: str
    date_pattern: str
    amounts: AmountFormat
    columns: Mapping[str, str]
    kinds: Mapping[str, Kind]
    negative: Kind = "return"


def parse_csv_profile(*, text: str, source: str, currency: str) -> CsvProfile:
    """Read a profile; ``source`` names it in complaints. Raises ProfileInvalid."""
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProfileInvalid(
            _("%(source)s is not valid TOML: %(error)s.") % {"source": source, "error": error}
        ) from error
    root = Section(source=source, key="", content=content)
    checks = root.section("checks")
    columns = {key: str(value) for key, value in checks.section("columns").scalars(known=FIELDS).items()}
    for needed in NEEDED:
        if needed not in columns:
            raise checks.invalid(key=f"columns.{needed}", reason=_("This key is missing."))
    profile = CsvProfile(
        encoding=checks.choice("encoding", choices=("utf-8", "cp1252", "latin-1"), default="utf-8"),
        delimiter=checks.choice("delimiter", choices=(",", ";", "\t", "|"), default=","),
        date_pattern=checks.text("dates", default="%Y-%m-%d"),
        amounts=AmountFormat(
            currency=currency,
            decimal_point=checks.choice("decimal_point", choices=(".", ","), default="."),
            thousands=checks.choice("thousands", choices=("", ".", ",", " ", "'", "’"), default=""),
            symbol=checks.text("currency_symbol", default=""),
        ),
        columns=columns,
        kinds=_kinds(checks.section("kinds")),
        negative=_negative(checks) if "kind" not in columns else "return",
    )
    checks.finish()
    root.finish()
    return profile


def _kinds(section: Section) -> dict[str, Kind]:
    kinds: dict[str, Kind] = {}
    for word, meaning in section.words().items():
        known = next((kind for kind in KINDS if kind == meaning), None)
        if known is None:
            raise section.invalid(
                key=word, reason=_("The meaning must be one of %(choices)s.") % {"choices": ", ".join(KINDS)}
            )
        kinds[word.casefold()] = known
    return kinds


def _negative(section: Section) -> Kind:
    return "other" if section.choice("negative", choices=("return", "other"), default="return") == "other" else "return"


def read_csv(content: bytes, *, profile: CsvProfile) -> BankNews:
    """Read the deposits, checks and returned checks of a CSV file. Raises BankFileRefused.

    Checks of one day and one deposit's name are a deposit; its total is a line of the kind ``deposit``, or their sum.
    A sum is known again by day and name alone: a later file that lists more of them is not another deposit.
    """
    totals: dict[tuple[date, str], BankLine] = {}
    checks: dict[tuple[date, str], list[BankLine]] = {}
    news, prints = BankNews(), LinePrints()
    for number, row in enumerate(_rows(content, profile=profile), 2):
        line = _line(row, number=number, profile=profile, prints=prints)
        key = (line.booked_on, row.get("deposit", ""))
        if line.kind == "deposit":
            if key in totals:
                raise BankFileRefused(
                    _("Line %(line)s: a second deposit of the same day and name. Map a column that tells them apart.")
                    % {"line": number}
                )
            totals[key] = line
        elif line.kind == "check":
            checks.setdefault(key, []).append(line)
        elif line.kind == "return":
            news.returns.append(line)
        else:
            news.other_lines += 1
    for key in sorted(totals.keys() | checks.keys()):
        listed = checks.get(key, [])
        total = totals.get(key) or BankLine(
            kind="deposit",
            booked_on=key[0],
            amount_minor=total_of(listed),
            reference=key[1],
            print_of=prints.of("deposit", *key),
        )
        news.deposits.append(BankDeposit(total=total, checks=listed))
    return news


def _rows(content: bytes, *, profile: CsvProfile) -> list[dict[str, str]]:
    try:
        text = content.decode("utf-8-sig" if profile.encoding == "utf-8" else profile.encoding)
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=profile.delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BankFileRefused(
            _("This file is not written as the profile says: %(error)s.") % {"error": error}
        ) from error
    header = set(rows[0]) if rows else set()
    missing = sorted(set(profile.columns.values()) - header)
    if missing:
        raise BankFileRefused(
            _("The profile maps columns that the file does not have: %(columns)s.") % {"columns": ", ".join(missing)}
        )
    return [{field: " ".join((row[column] or "").split()) for field, column in profile.columns.items()} for row in rows]


def _line(row: Mapping[str, str], *, number: int, profile: CsvProfile, prints: LinePrints) -> BankLine:
    try:
        booked_on = parse_date(text=row["date"], pattern=profile.date_pattern)
        amount_minor = profile.amounts.minor(row["amount"])
    except Unreadable as error:
        raise BankFileRefused(
            _("Line %(line)d: %(reason)s Nothing of the file was taken.") % {"line": number, "reason": error}
        ) from error
    kind = _kind(row, amount_minor=amount_minor, profile=profile)
    if amount_minor < 0 and kind in {"check", "deposit"}:
        raise BankFileRefused(
            _(
                "Line %(line)d: an amount below zero is no money that came in. Map the word for this kind of line to "
                "return or other in the profile. Nothing of the file was taken."
            )
            % {"line": number}
        )
    return BankLine(
        kind=kind,
        booked_on=booked_on,
        amount_minor=abs(amount_minor),
        reference=row.get("reference", "") or row.get("deposit", ""),
        number=row.get("number", "").lstrip("0"),
        payer=payer_of(row.get("payer", "")),
        remittance=remittance_of(row.get("remittance", "")),
        print_of=prints.of(*(row.get(field, "") for field in FIELDS)),
    )


def _kind(row: Mapping[str, str], *, amount_minor: int, profile: CsvProfile) -> Kind:
    """Return what a line is: by the bank's own word where there is a column for it, else by its sign."""
    if not amount_minor:
        return "other"
    if "kind" in row:
        return profile.kinds.get(row["kind"].casefold(), "other")
    return "check" if amount_minor > 0 else profile.negative
