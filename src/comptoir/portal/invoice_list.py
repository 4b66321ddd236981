"""A company's invoices, narrowed by what lies in the address; and the same ones as a table, or as one file of PDFs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from math import ceil
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from comptoir.customers.queries import ever_owned
from comptoir.documents.serving import ZippedFile, zip_download
from comptoir.invoicing.listing import PER_PAGE, InvoiceFilter, all_invoices, latest_invoices, search_invoices
from comptoir.invoicing.queries import InvoiceRow
from comptoir.kit.together import Asked
from comptoir.look.csv_file import csv_download, plain_amount
from comptoir.look.day_input import DayInput
from comptoir.look.states import STATES
from comptoir.look.templatetags.look import day, icon, money, status
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
    ("paid", pgettext_lazy("invoices", "Paid")),
]


class FilterForm(forms.Form):
    """What a list of invoices may be narrowed by."""

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
    """What an address asks for, and which invoices a page of the processor's holds, in minor units by id."""

    form: FilterForm
    wanted: InvoiceFilter
    held: dict[int, int]


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
    context = {
        "form": asked.form,
        "has_stores": "store" in asked.form.fields,
        "is_narrowed": asked.wanted != InvoiceFilter(),
        "query": query.urlencode(),
        "lines": _lines(visit, found.rows, held=asked.held),
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
            str(STATES[shown_status(row, today=visit.today, held=asked.held)].word),
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


def _lines(visit: Visit, rows: Iterable[InvoiceRow], *, held: dict[int, int]) -> list[SafeString]:
    listed = reverse("portal:invoices", kwargs={"company": visit.company.public_id})
    pdf_label, due_label, arrow = _("PDF of invoice %(number)s"), escape(_("Due")), icon("download")
    return [
        mark_safe(  # noqa: S308 - each part is escaped here, or made by a component
            ROW.format(
                href=f"{listed}{row.public_id}/",
                number=escape(row.number),
                amount=escape(money(row.total_minor, row.currency)),
                still_open=_still_open(row),
                badge=status(shown_status(row, today=visit.today, held=held)),
                issued=day(row.issue_date),
                due_label=due_label,
                due=day(row.due_date),
                arrow=arrow,
                pdf_label=escape(pdf_label % {"number": row.number}),
            )
        )
        for row in rows
    ]


def _still_open(row: InvoiceRow) -> SafeString:
    if not 0 < row.open_minor < row.total_minor:
        return SafeString()
    words = _("%(still_open)s still to pay") % {"still_open": money(row.open_minor, row.currency)}
    return format_html('<span class="table__under">{}</span>', words)


def _asked(request: CompanyRequest, *too: Asked[Any]) -> Search:
    """Read the address, and ask the database what else is told."""
    visit = request.visit
    stores, on_hold = ever_owned(company_id=visit.company.id), held(company_id=visit.company.id)
    doors.ask_portal(stores, on_hold, *too, user_id=visit.user_id, company_id=visit.company.id)
    form = FilterForm(request.GET, stores=stores.read())
    return Search(form=form, wanted=form.wanted(), held=on_hold.read())


def _asked_for_a_file(request: CompanyRequest) -> Search | None:
    """Read the address; None where it says something that the list has to say is wrong."""
    asked = _asked(request)
    return asked if asked.form.is_valid() else None


def _back_to_the_list(request: CompanyRequest) -> HttpResponse:
    listed = reverse("portal:invoices", kwargs={"company": request.visit.company.public_id})
    return redirect(f"{listed}?{request.GET.urlencode()}")


def _all(visit: Visit, asked: Search) -> Iterator[InvoiceRow]:
    """Give the invoices that are asked for, from a door that is open only while some are read."""
    last: InvoiceRow | None = None
    while True:
        with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
            rows = all_invoices(
                company_id=visit.company.id, wanted=asked.wanted, today=visit.today, held=asked.held, after=last
            )
        if not rows:
            return
        yield from rows
        last = rows[-1]


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
