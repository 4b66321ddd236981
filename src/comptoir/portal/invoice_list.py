"""A company's invoices, narrowed by what lies in the address; and the same ones as a table, or as one file of PDFs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from itertools import islice
from math import ceil
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from comptoir.customers.queries import ever_owned
from comptoir.documents.serving import ZippedFile, zip_download
from comptoir.invoicing.listing import (
    AT_ONCE,
    PER_PAGE,
    InvoiceFilter,
    all_invoices,
    latest_invoices,
    lessened_invoices,
    search_invoices,
)
from comptoir.invoicing.queries import InvoiceRow
from comptoir.kit.money import format_money
from comptoir.kit.together import Asked
from comptoir.look.csv_file import csv_download, plain_amount
from comptoir.look.day_input import DayInput
from comptoir.look.states import STATES
from comptoir.look.templatetags.look import icon, status, written_day
from comptoir.notices.documents import invoice_pdfs
from comptoir.payments.queries import held
from comptoir.tenancy import doors

from .shell import CompanyRequest, Visit, company_page, page, page_number
from .standing import shown_status

PDFS_AT_ONCE = 20  # what a download holds in memory
STATE_WORDS = [
    ("", gettext_lazy("All invoices")),
    ("unpaid", gettext_lazy("To pay")),
    ("overdue", gettext_lazy("Overdue")),
    ("processing", gettext_lazy("Processing")),
    ("paid", gettext_lazy("Paid or settled")),
]


class FilterForm(forms.Form):
    """What a list of invoices may be narrowed by.

    It writes itself out, since a form of Django's renders a template for each of hundreds of stores.
    """

    number = forms.CharField(
        label=gettext_lazy("Number"), required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"})
    )
    state = forms.ChoiceField(label=gettext_lazy("Status"), required=False, choices=STATE_WORDS)
    since = forms.DateField(label=gettext_lazy("Issued from"), required=False, widget=DayInput())
    through = forms.DateField(label=gettext_lazy("Issued through"), required=False, widget=DayInput())
    store = forms.ChoiceField(label=gettext_lazy("Store"), required=False)

    def __init__(self, asked: Any, *, stores: Iterable[tuple[int, UUID, str]]) -> None:
        super().__init__(asked)
        self._stores = {str(public_id): (store_id, label) for store_id, public_id, label in stores}
        names = [(public_id, label) for public_id, (_id, label) in self._stores.items()]
        self.fields["store"].choices = [("", gettext_lazy("All stores")), *names]  # type: ignore[attr-defined]
        if len(names) < 2:
            del self.fields["store"]

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins."""
        given = super().clean() or {}
        since, through = given.get("since"), given.get("through")
        if since and through and since > through:
            self.add_error("through", _("The first day comes after the last one; change one of them."))
        return given

    def controls(self) -> SafeString:
        """Return the fields as a page shows them, each with its label and what is wrong with it."""
        language = get_language() or "en"
        return format_html_join(
            "\n  ", "{}",
            ((self.control(name) if self.data or name == "store" else _empty(name, language),) for name in self.fields),
        )  # fmt: skip

    def control(self, name: str) -> SafeString:
        """Return one field as a page shows it."""
        field, given = self.fields[name], self.data.get(name)
        wrong = format_html(' aria-invalid="true" aria-describedby="id_{}_error"', name) if name in self.errors else ""
        if isinstance(field, forms.ChoiceField):
            options = format_html_join(
                "", '<option value="{}"{}>{}</option>',
                ((value, SELECTED if value == given else "", word) for value, word in field.choices),  # type: ignore[misc,union-attr]  # pairs
            )  # fmt: skip
            control = format_html('<select name="{0}" id="id_{0}"{1}>{2}</select>', name, wrong, options)
        else:
            length = format_html(' maxlength="{}"', field.max_length) if isinstance(field, forms.CharField) else ""
            control = format_html(
                '<input type="{1}" name="{0}" id="id_{0}"{2} value="{3}"{4}>',
                name, field.widget.input_type, length, given or "", wrong,
            )  # fmt: skip
        errors = render_to_string("portal/_field_errors.html", {"one": self[name]}) if wrong else ""
        return format_html(
            '<div class="field"><label for="id_{}">{}</label>{}{}</div>', name, field.label, control, errors
        )

    def wanted(self) -> InvoiceFilter:
        """Return what is asked for; a field that says nothing sensible narrows nothing."""
        self.is_valid()
        given = self.cleaned_data
        store = self._stores.get(given.get("store", ""))
        return InvoiceFilter(
            state=given.get("state", ""),
            since=given.get("since"),
            through=given.get("through"),
            store_id=store[0] if store else None,
            number=given.get("number", ""),
        )


@dataclass(frozen=True, slots=True)
class Search:
    """What an address asks for, and which invoices a page of the processor's holds, in minor units by id.

    Of ``lessened`` a part was credited or waived.
    """

    form: FilterForm
    wanted: InvoiceFilter
    held: dict[int, int]
    lessened: frozenset[int]


SELECTED = mark_safe(" selected")


@lru_cache(maxsize=64)
def _empty(name: str, language: str) -> SafeString:
    """A field of whoever has asked for nothing yet: in a language the same for everybody."""
    return FilterForm({}, stores=()).control(name)


# Written out by one call a row: a page has many, and a template takes its time for each tag.
ROW = """<tr>
  <th scope="row"><a href="{href}">{number}</a></th>
  <td class="num">{amount}{still_open}</td>
  <td>{badge}</td>
  <td class="drop">{issued}</td>
  <td data-label="{due_label}">{due}</td>
  <td class="drop"><a href="{href}pdf/">{arrow}<span class="vh">{pdf_label}</span></a></td>
</tr>"""


@require_safe
@company_page
def listing(request: CompanyRequest) -> HttpResponse:
    """Show the company's invoices, the newest first, by pages, and what those that are asked for come to."""
    visit = request.visit
    number = page_number(request.GET.get("page", "1"))
    if request.GET:
        asked = _asked(request)
        with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
            found = search_invoices(
                company_id=visit.company.id, wanted=asked.wanted, today=visit.today, held=asked.held, page=number
            )
    else:
        latest = latest_invoices(company_id=visit.company.id)
        asked = _asked(request, latest)
        found = latest.read()
    if number > 1 and not found.rows:
        raise Http404
    query = request.GET.copy()
    query.pop("page", None)
    listed = reverse("portal:invoices", kwargs={"company": visit.company.public_id})
    context = {
        "form": asked.form,
        "all_url": listed,
        "is_narrowed": asked.wanted != InvoiceFilter(),
        "query": query.urlencode(),
        "lines": _lines(found.rows, listed=listed, today=visit.today, asked=asked),
        "found": found,
        "number": number,
        "pages": max(ceil(found.total / PER_PAGE), 1),
        "currency": found.rows[0].currency if found.rows else "",
    }
    return page(request, "portal/invoices.html", context)


@require_safe
@company_page
def as_csv(request: CompanyRequest) -> HttpResponseBase:
    """Hand the invoices over that the list shows, all of its pages, as a table."""
    asked = _asked_for_a_file(request)
    if asked is None:
        return _back_to_the_list(request)
    heads = [
        _("Number"), _("Issued"), _("Due"), _("Status"), _("Currency"), _("Total"), _("Still to pay"),
        _("Purchase order"),
    ]  # fmt: skip
    visit = request.visit
    rows = (
        [
            row.number,
            row.issue_date.isoformat(),
            row.due_date.isoformat(),
            str(STATES[_shown(row, asked, today=visit.today)].word),
            row.currency,
            plain_amount(row.total_minor, row.currency),
            plain_amount(row.open_minor, row.currency),
            row.purchase_order,
        ]
        for row in _all(visit, asked)
    )
    filename = _("Invoices %(day)s") % {"day": visit.today.isoformat()}
    return csv_download(filename=f"{filename}.csv", heads=heads, rows=rows)


@require_safe
@company_page
def as_zip(request: CompanyRequest) -> HttpResponseBase:
    """Hand the PDFs of the invoices over that the list shows, all of its pages, in one file that is made on its way."""
    asked = _asked_for_a_file(request)
    if asked is None:
        return _back_to_the_list(request)
    filename = _("Invoices %(day)s") % {"day": request.visit.today.isoformat()}
    return zip_download(filename=f"{filename}.zip", files=_pdfs(request.visit, asked))


def _shown(row: InvoiceRow, asked: Search, *, today: date) -> str:
    return shown_status(row, today=today, held=asked.held, lessened=asked.lessened)


def _lines(rows: Iterable[InvoiceRow], *, listed: str, today: date, asked: Search) -> list[SafeString]:
    language, badge, arrow = get_language() or "en", cache(status), icon("download")
    pdf_label, due_label = escape(_("PDF of invoice %(number)s")), escape(_("Due"))
    return [
        mark_safe(  # noqa: S308 - each part is escaped here, or made by a component
            ROW.format(
                href=f"{listed}{row.public_id}/",
                number=number,
                amount=escape(_amount(row.total_minor, row, language)),
                still_open=_still_open(row, language),
                badge=badge(_shown(row, asked, today=today)),
                issued=written_day(row.issue_date, language),
                due_label=due_label,
                due=written_day(row.due_date, language),
                arrow=arrow,
                pdf_label=pdf_label % {"number": number},
            )
        )
        for row in rows
        for number in (escape(row.number),)
    ]


def _amount(minor: int, row: InvoiceRow, language: str) -> str:
    return format_money(amount_minor=minor, currency=row.currency, language=language)


def _still_open(row: InvoiceRow, language: str) -> SafeString:
    if not 0 < row.open_minor < row.total_minor:
        return SafeString()
    words = _("%(still_open)s still to pay") % {"still_open": _amount(row.open_minor, row, language)}
    return format_html('<span class="table__under">{}</span>', words)


def _asked(request: CompanyRequest, *too: Asked[Any]) -> Search:
    """Read the address, and ask the database what else is told."""
    visit = request.visit
    stores, on_hold = ever_owned(company_id=visit.company.id), held(company_id=visit.company.id)
    lessened = lessened_invoices(company_id=visit.company.id)
    doors.ask_portal(stores, on_hold, lessened, *too, user_id=visit.user_id, company_id=visit.company.id)
    form = FilterForm(request.GET, stores=stores.read())
    return Search(form=form, wanted=form.wanted(), held=on_hold.read(), lessened=lessened.read())


def _asked_for_a_file(request: CompanyRequest) -> Search | None:
    """Read the address; None where it says something that the list has to say is wrong."""
    asked = _asked(request)
    return asked if asked.form.is_valid() else None


def _back_to_the_list(request: CompanyRequest) -> HttpResponse:
    listed = reverse("portal:invoices", kwargs={"company": request.visit.company.public_id})
    return redirect(f"{listed}?{request.GET.urlencode()}")


def _all(visit: Visit, asked: Search) -> Iterator[InvoiceRow]:
    """Give the invoices that are asked for, from a door that is open only while some are read."""
    rows: list[InvoiceRow] = []
    while not rows or len(rows) == AT_ONCE:
        with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
            rows = all_invoices(
                company_id=visit.company.id,
                wanted=asked.wanted,
                today=visit.today,
                held=asked.held,
                after=rows[-1] if rows else None,
            )
        if not rows:
            return
        yield from rows


def _pdfs(visit: Visit, asked: Search) -> Iterator[ZippedFile]:
    """Give the PDFs, some at a time; and in the end the numbers of those that the worker has not made yet."""
    missing: list[str] = []
    being_made = _("Still being made.txt")
    remaining = _all(visit, asked)
    while rows := list(islice(remaining, PDFS_AT_ONCE)):
        with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
            pdfs = invoice_pdfs([row.public_id for row in rows])
        for row in rows:
            if pdf := pdfs.get(row.public_id):
                yield ZippedFile(name=f"{row.number}.pdf", made_on=row.issue_date, content=pdf.content)
            else:
                missing.append(row.number)
    if missing:
        yield ZippedFile(name=being_made, made_on=visit.today, content="\r\n".join([*missing, ""]).encode())
