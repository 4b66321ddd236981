"""Deposits: typing checks in until they tie out; and the bank's files, which bring them by themselves."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile as Upload
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptoir.kit.dates import format_date
from comptoir.kit.errors import ComptoirError
from comptoir.kit.safe_words import SafeWords
from comptoir.kit.toml_section import ProfileInvalid
from comptoir.look.day_input import DayInput
from comptoir.look.templatetags.look import money
from comptoir.payments.checks import deposits, queries
from comptoir.payments.checks.confirming import say_it_is
from comptoir.payments.checks.deposits import TypedCheck
from comptoir.payments.checks.errors import BankFileNotFound, BankFileRefused, DepositNotFound
from comptoir.payments.checks.files import UploadedFile, take_bank_file
from comptoir.payments.checks.queries import DepositRow
from comptoir.tenancy.errors import AlreadyDone

from .acts import ActForm, AmountField, OnceForm, act_page
from .checks import in_status_words
from .shell import WRITERS, StaffRequest, StaffVisit, door, page, staff_page

LARGEST_FILE = 10 * 1024 * 1024
LARGEST_PROFILE = 64 * 1024


class OpenForm(ActForm):
    """Open a deposit."""

    title, button, done = _("Open a deposit"), _("Open it"), _("Type its checks; it closes when they tie out.")
    note = _("Add the checks up on an adding machine first: nothing is posted until what you type agrees with it.")

    def ask(self) -> "OpenForm":
        """Ask for the day, the total and the number."""
        currency = self.visit.vendor.currency
        self.fields["deposited_on"] = forms.DateField(
            label=gettext("Day of the deposit"), widget=DayInput(), initial=self.visit.today
        )
        self.fields["control_minor"] = AmountField(
            label=f"{gettext('Control total')} ({currency})", currency=currency, min_value=0
        )
        self.fields["control_count"] = forms.IntegerField(
            label=gettext("Number of checks"), min_value=1, max_value=10_000
        )
        return self

    def act(self) -> None:
        """Open it."""
        visit = self.visit
        deposit_id = deposits.open_deposit(
            vendor_id=visit.vendor.id,
            currency=visit.vendor.currency,
            actor=visit.actor,
            today=visit.today,
            now=visit.now,
            **self.cleaned_data,
        )
        self.onward = reverse("console:deposit", kwargs={"vendor": visit.vendor.slug, "deposit": deposit_id})


class DropForm(ActForm):
    """Give a deposit up."""

    title, button, done = _("Give the deposit up"), _("Give it up"), _("The deposit is given up.")
    note = _("Nothing of it was posted; its checks are forgotten.")
    reason = SafeWords(label=_("Why"), help_text=_("Stays on record."), max_length=500)
    deposit_id: int

    def act(self) -> None:
        """Give it up."""
        visit = self.visit
        deposits.drop_deposit(
            vendor_id=visit.vendor.id,
            deposit_id=self.deposit_id,
            actor=visit.actor,
            reason=self.cleaned_data["reason"],
        )


class OursForm(ActForm):
    """Say which deposit of ours it is that the bank credited."""

    title, button = _("It is a deposit of ours"), _("It is this one")
    done = _("The bank’s credit is tied to the deposit; the difference stays shown with your words.")
    note = _(
        "Where the bank counted otherwise than we did. Nothing is posted: a check that was misread is taken off its "
        "company’s invoices on the check’s own page."
    )
    told: DepositRow

    def ask(self, told: DepositRow) -> "OursForm":
        """Ask which, and what differs."""
        self.told = told
        self.fields["deposit"] = forms.ChoiceField(
            label=_("Which deposit it is"),
            choices=[(row.id, _choice(row, told=told)) for row in queries.may_be(told, vendor_id=self.visit.vendor.id)],
            widget=forms.RadioSelect,
        )
        self.fields["note"] = SafeWords(label=_("What differs"), help_text=_("Stays on record."), max_length=500)
        return self

    def act(self) -> None:
        """Say so."""
        visit, deposit_id = self.visit, int(self.cleaned_data["deposit"])
        say_it_is(
            vendor_id=visit.vendor.id,
            told_id=self.told.id,
            deposit_id=deposit_id,
            note=self.cleaned_data["note"],
            actor=visit.actor,
            now=visit.now,
        )
        self.onward = reverse("console:deposit", kwargs={"vendor": visit.vendor.slug, "deposit": deposit_id})


def _choice(row: DepositRow, *, told: DepositRow) -> str:
    return gettext("%(day)s: %(amount)s, by %(who)s; difference %(difference)s") % {
        "day": format_date(day=row.deposited_on, language=get_language() or "en"),
        "amount": money(row.control_minor, row.currency),
        "who": row.opened_by,
        "difference": money(told.control_minor - row.control_minor, row.currency),
    }


class CheckForm(OnceForm):
    """A check, as it is typed: amount first, and on to the next with Enter."""

    number = SafeWords(label=_("Check number"), required=False, max_length=20)
    payer = SafeWords(label=_("Name on the check"), required=False, max_length=120)
    remittance = SafeWords(label=_("Scan lines or invoice numbers"), required=False, max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currency = self.visit.vendor.currency
        amount = AmountField(label=f"{gettext('Amount')} ({currency})", currency=currency, min_value=0)
        amount.widget.attrs["autofocus"] = True
        self.fields = {"amount_minor": amount, **self.fields}


class FileForm(forms.Form):
    """A bank's file, and for CSV how to read it."""

    file = forms.FileField(label=_("The bank’s file (BAI2 or CSV)"))
    profile = forms.FileField(
        label=_("Mapping profile (TOML), for CSV"), required=False, widget=forms.FileInput(attrs={"accept": ".toml"})
    )

    def __init__(self, *args: Any, known: tuple[str, str] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known = known
        if known:
            self.fields["profile"].help_text = gettext("Leave this empty to read CSV through %(name)s again.") % {
                "name": known[0]
            }

    def clean_file(self) -> "Upload[bytes]":
        """Refuse a file that cannot be meant."""
        return self._small_enough("file", most=LARGEST_FILE)

    def clean_profile(self) -> tuple[str, str]:
        """Return the profile's name and text; empty where none was handed over."""
        if not self.cleaned_data["profile"]:
            return "", ""
        uploaded = self._small_enough("profile", most=LARGEST_PROFILE)
        try:
            return str(uploaded.name), uploaded.read().decode()
        except UnicodeDecodeError as error:
            raise forms.ValidationError(gettext("The profile is not written in UTF-8; save it so.")) from error

    def uploaded(self) -> UploadedFile:
        """Return what was handed over; a CSV file without a profile is read through the one used last."""
        file: Upload[bytes] = self.cleaned_data["file"]
        name, text = self.cleaned_data["profile"]
        if not text and self._known and str(file.name).lower().endswith(".csv"):
            name, text = self._known
        return UploadedFile(filename=str(file.name), content=file.read(), profile_name=name, profile=text)

    def _small_enough(self, field: str, *, most: int) -> "Upload[bytes]":
        uploaded: Upload[bytes] = self.cleaned_data[field]
        if (uploaded.size or 0) > most:
            raise forms.ValidationError(
                gettext("This file is larger than %(most)d MB; export it in parts.") % {"most": most // 1024 // 1024}
            )
        return uploaded


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def add(request: StaffRequest) -> HttpResponse:
    """Open a deposit, and go on typing its checks."""
    visit = request.visit
    return act_page(
        request,
        make=lambda posted: OpenForm(posted, visit=visit).ask(),
        back=_checks(visit),
        context={"of": gettext("Checks")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def detail(request: StaffRequest, deposit: int) -> HttpResponse:
    """Show a deposit and how far it ties out, or take another check of it."""
    visit = request.visit
    form = CheckForm(request.POST or None, visit=visit)
    with door(visit):
        row = _asked_deposit(visit, deposit)
    if request.method == "POST" and form.is_valid():
        try:
            with door(visit):
                form.take_reference()
                deposits.add_check(vendor_id=visit.vendor.id, deposit_id=row.id, check=TypedCheck(**form.cleaned_data))
            return redirect("console:deposit", vendor=visit.vendor.slug, deposit=row.id)
        except AlreadyDone as error:
            messages.info(request, str(error))
            return redirect("console:deposit", vendor=visit.vendor.slug, deposit=row.id)
        except ComptoirError as error:
            form.add_error(None, str(error))
    with door(visit):
        row = _asked_deposit(visit, deposit)
        checks = in_status_words(queries.checks_of_deposit(row.id))
        lacks_checks = row.from_bank and row.status == "open" and not checks
        context = {
            "deposit": row,
            "checks": checks,
            "form": form,
            "may_be_ours": lacks_checks and bool(queries.may_be(row, vendor_id=visit.vendor.id)),
        }
    return page(request, "console/checks/deposit.html", context)


@require_POST
@staff_page()
def remove(request: StaffRequest, deposit: int, check: UUID) -> HttpResponse:
    """Take a check out of an open deposit."""
    visit = request.visit
    return _done(
        request,
        deposit,
        lambda: deposits.remove_check(vendor_id=visit.vendor.id, deposit_id=deposit, public_id=check),
    )


@require_POST
@staff_page()
def close(request: StaffRequest, deposit: int) -> HttpResponse:
    """Close a deposit that ties out."""
    visit = request.visit
    return _done(
        request,
        deposit,
        lambda: deposits.close_deposit(vendor_id=visit.vendor.id, deposit_id=deposit, actor=visit.actor),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def drop(request: StaffRequest, deposit: int) -> HttpResponse:
    """Give a deposit up."""
    visit = request.visit
    with door(visit):
        row = _asked_deposit(visit, deposit)

    return act_page(
        request, make=DropForm.about(visit, deposit_id=row.id), back=_checks(visit), context={"of": gettext("Checks")}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def ours(request: StaffRequest, deposit: int) -> HttpResponse:
    """Say which deposit of ours it is that the bank credited, over another total."""
    visit = request.visit
    with door(visit):
        row = _asked_deposit(visit, deposit)
    back = reverse("console:deposit", kwargs={"vendor": visit.vendor.slug, "deposit": row.id})
    total = money(row.control_minor, row.currency)
    return act_page(
        request,
        make=lambda posted: OursForm(posted, visit=visit).ask(row),
        back=back,
        context={
            "of": gettext("Deposit"),
            "what": gettext("The bank credited %(amount)s. %(reference)s")
            % {"amount": total, "reference": row.bank_reference},
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def upload(request: StaffRequest) -> HttpResponse:
    """Take a bank's file in."""
    visit = request.visit
    with door(visit):
        known = queries.known_profile(visit.vendor.id)
    form = FileForm(request.POST or None, request.FILES or None, known=known)
    if request.method == "POST" and form.is_valid():
        try:
            with door(visit):
                number = take_bank_file(
                    vendor_id=visit.vendor.id,
                    currency=visit.vendor.currency,
                    file=form.uploaded(),
                    actor=visit.actor,
                    today=visit.today,
                    now=visit.now,
                )
            return redirect("console:bank_file", vendor=visit.vendor.slug, bank_file=number)
        except ProfileInvalid as error:
            form.add_error("profile", str(error))
        except BankFileRefused as error:
            form.add_error("file", str(error))
    return page(request, "console/checks/upload.html", {"form": form})


@require_safe
@staff_page()
def bank_file(request: StaffRequest, bank_file: int) -> HttpResponse:
    """Show what came of a bank's file."""
    visit = request.visit
    try:
        with door(visit):
            row = queries.bank_file(vendor_id=visit.vendor.id, bank_file_id=bank_file)
            told = queries.deposits_of_file(row.id)
            checks = {each.id: in_status_words(queries.checks_of_deposit(each.id)) for each in told}
    except BankFileNotFound as error:
        raise Http404 from error
    return page(
        request,
        "console/checks/file.html",
        {"file": row, "deposits": [(each, checks[each.id]) for each in told], "checks": checks},
    )


def _done(request: StaffRequest, deposit: int, what: Any) -> HttpResponse:
    """Do something to a deposit, say why it cannot be done, and show the deposit again."""
    visit = request.visit
    with door(visit):
        row = _asked_deposit(visit, deposit)
    try:
        with door(visit):
            what()
    except ComptoirError as error:
        messages.error(request, str(error))
    return redirect("console:deposit", vendor=visit.vendor.slug, deposit=row.id)


def _asked_deposit(visit: StaffVisit, deposit_id: int) -> DepositRow:
    """Return the deposit of the address, within the door. Raises Http404 where the vendor has no such deposit."""
    try:
        return queries.deposit(vendor_id=visit.vendor.id, deposit_id=deposit_id)
    except DepositNotFound as error:
        raise Http404 from error


def _checks(visit: StaffVisit) -> str:
    return reverse("console:checks", kwargs={"vendor": visit.vendor.slug})
