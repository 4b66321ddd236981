"""Imports: hand over the old system's export, watch the worker read it, look at what it found."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from comptoir.cutover.changes import AMOUNTS, ChangeRow, changes_of
from comptoir.cutover.errors import ImportNotFound
from comptoir.cutover.operations import request_import
from comptoir.cutover.queries import ImportRow, import_row, imports, known_profile
from comptoir.cutover.signing_off import sign_off
from comptoir.kit.toml_section import ProfileInvalid
from comptoir.look.csv_file import csv_download, plain_amount

from .acts import ActForm, act_page
from .shell import StaffRequest, StaffVisit, door, page, staff_page

LARGEST_EXPORT = 50 * 1024 * 1024
LARGEST_PROFILE = 256 * 1024
FINDINGS_SHOWN = 500
CHANGES_AT_ONCE = 2_000
WHO_SIGNS = ("manager", "admin")
KIND_WORDS = {
    "customers": gettext_lazy("Customers"),
    "invoices": gettext_lazy("Old invoices"),
    "papers": gettext_lazy("PDFs of old invoices (a zip, each called by its number)"),
}


class SignOffForm(ActForm):
    """Put the old system's own total beside the import's."""

    title, button = gettext_lazy("Sign off the control total"), gettext_lazy("Sign off")
    done = gettext_lazy("The control total is signed off.")
    their_total = forms.DecimalField(
        label=gettext_lazy("The same total, as the old system says it"), help_text=gettext_lazy("Stays on record.")
    )
    number: int

    def act(self) -> None:
        """Sign it off."""
        sign_off(
            vendor_id=self.visit.vendor.id,
            import_id=self.number,
            their_total=self.cleaned_data["their_total"],
            actor=self.visit.actor,
            now=self.visit.now,
        )


class ImportForm(forms.Form):
    """The export, and how to read it."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What the file is about"), choices=list(KIND_WORDS.items()), widget=forms.RadioSelect
    )
    export = forms.FileField(
        label=gettext_lazy("The old system's file (CSV, XLSX; PDFs as ZIP)"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.zip,text/csv"}),
    )
    profile = forms.FileField(
        label=gettext_lazy("Mapping profile (TOML)"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".toml"}),
    )

    is_trial = forms.BooleanField(
        label=gettext_lazy("Only try it"),
        help_text=gettext_lazy("Nothing is taken; the report says what would be."),
        required=False,
    )

    def __init__(self, *args: Any, known: tuple[str, str] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known = known
        if known:
            self.fields["profile"].help_text = _("Leave this empty to read it through %(name)s.") % {"name": known[0]}
        else:
            self.fields["profile"].required = True

    def clean_export(self) -> "UploadedFile[bytes]":
        """Refuse a file that cannot be meant."""
        return self._small_enough("export", most=LARGEST_EXPORT)

    def clean_profile(self) -> tuple[str, str] | None:
        """Return the profile's name and text: the one handed over, else the one known."""
        if not self.cleaned_data["profile"]:
            return self._known
        uploaded = self._small_enough("profile", most=LARGEST_PROFILE)
        try:
            return str(uploaded.name), uploaded.read().decode()
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("The profile is not written in UTF-8; save it so.")) from error

    def _small_enough(self, field: str, *, most: int) -> "UploadedFile[bytes]":
        uploaded: UploadedFile[bytes] = self.cleaned_data[field]
        if (uploaded.size or 0) > most:
            raise forms.ValidationError(
                _("This file is larger than %(most)d MB; export it in parts.") % {"most": most // 1024 // 1024}
            )
        return uploaded


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List the imports, and ask the worker for another."""
    visit = request.visit
    with door(visit):
        known = known_profile(vendor_id=visit.vendor.id, vendor_slug=visit.vendor.slug)
        rows = imports(visit.vendor.id)
    form = ImportForm(request.POST or None, request.FILES or None, known=known, initial={"kind": "customers"})
    if request.method == "POST" and form.is_valid():
        import_id = _request(request, form)
        if import_id is not None:
            return redirect("console:import", vendor=visit.vendor.slug, number=import_id)
    return page(request, "console/imports/index.html", {"form": form, "imports": rows, "kind_words": KIND_WORDS})


@require_safe
@staff_page()
def detail(request: StaffRequest, number: int) -> HttpResponse:
    """Show what came of an import; while the worker is at it, the page asks again by itself."""
    visit = request.visit
    row = asked_import(visit, number)
    template = "console/imports/_report.html" if request.headers.get("HX-Request") else "console/imports/detail.html"
    context = {
        "import": row,
        "findings": row.findings[:FINDINGS_SHOWN],
        "hidden": max(len(row.findings) - FINDINGS_SHOWN, 0),
        "control_total": _control_total(row),
        "may_sign": visit.role in WHO_SIGNS,
    }
    return page(request, template, context)


@require_safe
@staff_page()
def findings_csv(request: StaffRequest, number: int) -> StreamingHttpResponse:
    """Hand over all that an import found, in the order of the file, and what it changed, by customer."""
    visit = request.visit
    row = asked_import(visit, number)
    found = (
        (one.severity, str(one.line), one.number, "", one.column, one.value, "", one.reason, one.done)
        for one in row.findings
    )
    changed = (
        (
            "change",
            "",
            one.number,
            one.item,
            one.field,
            _said(visit, one, one.before),
            _said(visit, one, one.after),
            "",
            "",
        )
        for one in _changes(visit, number)
    )
    return csv_download(
        filename=f"import-{row.id}.csv",
        heads=("kind", "line", "customer", "item", "column", "value", "new_value", "why", "done"),
        rows=chain(found, changed),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WHO_SIGNS)
def signing(request: StaffRequest, number: int) -> HttpResponse:
    """Sign off an import's control total."""
    visit = request.visit
    row = asked_import(visit, number)
    return act_page(
        request,
        make=SignOffForm.about(visit, number=number),
        back=reverse("console:import", kwargs={"vendor": visit.vendor.slug, "number": number}),
        context={"of": row.filename, "what": _("Read: %(total)s") % {"total": _control_total(row)}},
    )


def asked_import(visit: StaffVisit, number: int) -> ImportRow:
    """Return the import that an address names; 404 where the vendor has none such."""
    try:
        with door(visit):
            return import_row(vendor_id=visit.vendor.id, import_id=number)
    except ImportNotFound as error:
        raise Http404 from error


def _changes(visit: StaffVisit, number: int) -> Iterator[ChangeRow]:
    """What an import changed, some at a time, so that a slow reader keeps no transaction open."""
    after = 0
    while True:
        with door(visit):
            rows, after = changes_of(import_id=number, after=after, limit=CHANGES_AT_ONCE)
        if not rows:
            return
        yield from rows


def _said(visit: StaffVisit, change: ChangeRow, value: str) -> str:
    return plain_amount(int(value), visit.vendor.currency) if value and change.field in AMOUNTS else value


def _request(request: StaffRequest, form: ImportForm) -> int | None:
    export, (profile_name, profile_text) = form.cleaned_data["export"], form.cleaned_data["profile"]
    try:
        with door(request.visit):
            return request_import(
                vendor_id=request.visit.vendor.id,
                profile_name=profile_name,
                profile_text=profile_text,
                filename=export.name,
                content=export.read(),
                actor=request.visit.actor,
                kind=form.cleaned_data["kind"],
                is_trial=form.cleaned_data["is_trial"],
            )
    except ProfileInvalid as error:
        form.add_error("profile", str(error))
        return None


def _control_total(row: ImportRow) -> str:
    """Write a file's control total as the reader writes numbers; nothing before the file is read."""
    total = row.counts.get("control_total", "")
    return number_format(total, force_grouping=True) if total else ""
