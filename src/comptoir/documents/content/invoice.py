"""The words and figures of an invoice, a credit note, a sample invoice."""

from __future__ import annotations

from babel.numbers import format_decimal
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comptoir.documents.content.shared import Content, shared_content, shared_words
from comptoir.documents.content.slip import slip_content, slip_words
from comptoir.documents.data import AutopayNote, CheckSlip, InvoiceDocument, Line
from comptoir.documents.fonts import Verbatim
from comptoir.kit.dates import format_date, format_period
from comptoir.kit.money import format_money, locale_of

ROWS_BEFORE_SUMMARY = 16
SUMMARY_ROWS = 12
UNSAID = ("O", "Z")  # no tax, and nobody asks why


def invoice_content(document: InvoiceDocument) -> Content:
    """Return all that `invoice.typ` prints; the document's language is active."""
    heading = _heading(document)
    title = f"{heading} {document.number}" if document.number else heading
    shared = shared_content(brand=document.brand, language=document.language, title=title)
    groups = _groups(document)
    is_long = _is_long(groups)
    content: Content = {
        **shared,
        "words": {**shared_words(), **_words()},
        "heading": heading,
        "subtitle": document.number,
        "banner": None,
        "bill_to": {"name": document.bill_to.name, "lines": list(document.bill_to.address)},
        "facts": _facts(document),
        "headline": _headline(document),
        "groups": groups,
        "summary": _summary(document) if is_long else None,
        "sum": {"name": _("Subtotal"), "amount": _money(document, document.subtotal_minor)} if is_long else None,
        "carries_over": is_long,
        "paged": is_long,
        "totals": _totals(document),
        "total": {"name": _total_name(document), "amount": _money(document, document.total_minor)},
        "notes": [*_corrected(document), *document.notes],
        "slip": None,
    }
    if document.kind == "sample":
        content["watermark"] = _("SAMPLE")
        content["banner"] = {
            "title": _("This is not a bill"),
            "sentence": _("It shows what your invoice will look like. Nothing is due and nothing is charged."),
        }
    if isinstance(document.payment, CheckSlip):
        content |= slip_content(
            slip=document.payment,
            number=document.number or "",
            customer_number=document.bill_to.number,
            due_on=document.due_on,
            amount=_money(document, document.total_minor),
            language=document.language,
        )
    return content


def _corrected(document: InvoiceDocument) -> list[str]:
    if not document.corrects:
        return []
    return [_("This credit note corrects invoice {number}.").format(number=document.corrects)]


def _heading(document: InvoiceDocument) -> str:
    match document.kind:
        case "invoice":
            return _("Invoice")
        case "sample":
            return _("Sample invoice")
        case "credit_note":
            return _("Credit note")


def _words() -> Content:
    return {
        "from": _("From"),
        "columns": [_("Description"), _("Period"), _("Quantity"), _("Unit price"), _("Amount")],
        "summary": _("Summary"),
        "summary_columns": [_("Description"), _("Locations"), _("Quantity"), _("Amount")],
        "details": _("Details by location"),
        **slip_words(),
    }


def _facts(document: InvoiceDocument) -> list[list[str]]:
    facts = [[_("Issue date"), format_date(day=document.issued_on, language=document.language)]]
    if document.due_on:
        facts.append([_("Due date"), format_date(day=document.due_on, language=document.language)])
    if document.bill_to.number:
        facts.append([_("Customer number"), document.bill_to.number])
    if document.purchase_order:
        facts.append([_("Purchase order"), document.purchase_order])
    facts += [[_("Your {number}").format(number=name), number] for name, number in document.bill_to.tax_ids]
    return facts


def _headline(document: InvoiceDocument) -> Content:
    headline: Content = {
        "amount": _money(document, document.total_minor),
        "due": None,
        "sentence": "",
        "url": None,
    }
    if document.kind == "credit_note":
        sentence = _("This amount is credited to your account. There is nothing to pay.")
        return headline | {"name": _("Credit"), "sentence": sentence}
    if document.due_on:
        day = format_date(day=document.due_on, language=document.language)
        headline["due"] = _("Due {day}").format(day=day)
    if document.kind == "sample":
        return headline | {
            "name": _("Your invoice would be"),
            "due": None,
            "sentence": _("This is a sample. Please do not pay it."),
        }
    headline["name"] = _("Amount due")
    match document.payment:
        case AutopayNote() as autopay:
            headline["sentence"] = _(
                "We will collect it automatically on {day} from: {method}. There is nothing you need to do."
            ).format(day=format_date(day=autopay.pays_on, language=document.language), method=autopay.method_label)
        case CheckSlip() as slip:
            headline["sentence"] = _("Send a check with the slip at the end of this invoice, or pay online at")
            headline["url"] = Verbatim(slip.portal_url)
    return headline


def _groups(document: InvoiceDocument) -> list[Content]:
    by_location: dict[str | None, list[Line]] = {}
    for line in document.lines:
        by_location.setdefault(line.location, []).append(line)
    running_minor = 0
    groups = []
    for location, lines in by_location.items():
        printed = []
        for line in lines:
            running_minor += line.amount_minor
            printed.append(_line(document, line, running_minor=running_minor))
        groups.append(_group(document, location, lines=lines, printed=printed, alone=len(by_location) == 1))
    return groups


def _group(
    document: InvoiceDocument, location: str | None, *, lines: list[Line], printed: list[Content], alone: bool
) -> Content:
    name = location if location or alone else _("All locations")
    subtotal = sum(line.amount_minor for line in lines)
    return {
        "name": name,
        "lines": printed,
        "subtotal_label": _("Subtotal {location}").format(location=name),
        # A single line's amount says it already.
        "subtotal": _money(document, subtotal) if not alone and len(lines) > 1 else None,
    }


def _line(document: InvoiceDocument, line: Line, *, running_minor: int) -> Content:
    period = ""
    if line.starts_on and line.ends_on:
        period = format_period(starts_on=line.starts_on, ends_on=line.ends_on, language=document.language)
    return {
        "description": line.description,
        "period": period,
        "quantity": format_decimal(line.quantity, locale=locale_of(document.language)),
        "unit": _money(document, line.unit_minor),
        "amount": _money(document, line.amount_minor),
        "running": _money(document, running_minor),
    }


def _is_long(groups: list[Content]) -> bool:
    rows = sum(len(group["lines"]) + (1 if group["name"] else 0) for group in groups)
    return rows > ROWS_BEFORE_SUMMARY


def _summary(document: InvoiceDocument) -> list[Content]:
    by_description: dict[str, list[Line]] = {}
    for line in document.lines:
        by_description.setdefault(line.description, []).append(line)
    rows = sorted(by_description.items(), key=lambda row: -abs(_sum(row[1])))
    if len(rows) <= SUMMARY_ROWS:
        return [_summary_row(document, description, lines) for description, lines in rows]
    shown, rest = rows[: SUMMARY_ROWS - 1], rows[SUMMARY_ROWS - 1 :]
    others = ngettext("{count} other charge", "{count} other charges", len(rest)).format(count=len(rest))
    other_lines = [line for _description, lines in rest for line in lines]
    return [
        *(_summary_row(document, description, lines) for description, lines in shown),
        _summary_row(document, others, other_lines),
    ]


def _summary_row(document: InvoiceDocument, description: str, lines: list[Line]) -> Content:
    locale = locale_of(document.language)
    locations = {line.location for line in lines if line.location}
    return {
        "description": description,
        "locations": format_decimal(len(locations), locale=locale) if locations else "–",
        "quantity": format_decimal(sum(line.quantity for line in lines), locale=locale),
        "amount": _money(document, _sum(lines)),
    }


def _totals(document: InvoiceDocument) -> list[list[str]]:
    shown = [tax for tax in document.taxes if tax.category not in UNSAID]
    if not shown:
        return []
    return [
        [_("Subtotal"), _money(document, document.subtotal_minor)],
        *([tax.label, _money(document, tax.amount_minor)] for tax in shown),
    ]


def _total_name(document: InvoiceDocument) -> str:
    return _("Total credit") if document.kind == "credit_note" else _("Total")


def _sum(lines: list[Line]) -> int:
    return sum(line.amount_minor for line in lines)


def _money(document: InvoiceDocument, amount_minor: int) -> str:
    return format_money(amount_minor=amount_minor, currency=document.currency, language=document.language)
