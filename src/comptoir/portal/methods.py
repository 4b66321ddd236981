"""A company's payment methods: what is saved, whether it is debited automatically, adding one, removing one."""

from datetime import date
from functools import partial
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptoir.cutover.queries import debited_before, still_twice
from comptoir.invoicing.queries import open_invoices
from comptoir.kit.safe_words import SafeWords
from comptoir.payments import keeping, queries, saving
from comptoir.payments.errors import MethodNotFound, SetupNotFound
from comptoir.payments.payer import Pages
from comptoir.payments.queries import MethodRow
from comptoir.payments.return_codes import reason_in_words, way_back
from comptoir.payments.upcoming import upcoming_of
from comptoir.tenancy import doors

from .payer import address, consent_in, is_htmx, payer_of, terms_of
from .shell import CompanyRequest, Visit, company_page, page

KINDS = {"bank": "us_bank_account", "card": "card"}
AUTOMATICALLY, BY_HAND = "automatically", "by_hand"


class NicknameForm(forms.Form):
    """What a saved method shall be called."""

    nickname = SafeWords(
        label=gettext_lazy("What do you call it?"),
        help_text=gettext_lazy("For example: operating account. Never write a card or account number here."),
        max_length=keeping.LONGEST_NICKNAME,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@require_safe
@company_page
def methods(request: CompanyRequest) -> HttpResponse:
    """Show what is saved, what it is used for, and how the company pays."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        saved = queries.methods(visit.company.id)
        pays_by = queries.pays_by(visit.company.id)
        waiting = queries.open_verifications(visit.company.id)
    rows = [
        {
            "method": method,
            "expired": method.has_expired(visit.today),
            "expires_soon": method.expires_soon(visit.today),
            "refused": reason_in_words(method.unusable_reason) if method.unusable_reason else "",
            "way_back": way_back(method.unusable_reason),
        }
        for method in saved
    ]
    context = {"rows": rows, "pays_by": pays_by, "verifications": [row for row in waiting if row.setup_public_id]}
    return page(request, "portal/methods.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@company_page
def name(request: CompanyRequest, method: UUID) -> HttpResponse:
    """Ask what a saved method shall be called, and call it so."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        row = _found(method)
        form = NicknameForm(request.POST or None, initial={"nickname": row.nickname})
        named = request.method == "POST" and form.is_valid()
        if named:
            keeping.name_method(payer=payer_of(visit), method_public_id=method, **form.cleaned_data)
    if named:
        messages.success(request, _("The name is saved."))
        return _to_methods(visit)
    return page(request, "portal/method_name.html", {"method": row, "form": form})


@require_POST
@company_page
def default(request: CompanyRequest, method: UUID) -> HttpResponse:
    """Have a saved method proposed first."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        row = _found(method)
        keeping.make_default(payer=payer_of(visit), method_public_id=method)
    messages.success(request, _("%(method)s is proposed first when you pay.") % {"method": row.label})
    return _to_methods(visit)


@require_http_methods(["GET", "HEAD", "POST"])
@company_page
def add(request: CompanyRequest, word: str) -> HttpResponse:
    """Ask what the new method will be used for, then lead to the processor's page on which it is typed."""
    kind = KINDS.get(word)
    if kind is None:
        raise Http404
    purpose = request.POST.get("purpose", "")
    if request.method != "POST" or purpose not in (AUTOMATICALLY, BY_HAND):
        context = {
            "word": word,
            "kind": kind,
            "terms": terms_of(request.visit, kind=kind),
            "charged_twice": _charged_twice(request.visit),
            "unanswered": request.method == "POST",
        }
        return page(request, "portal/method_add.html", context, status=422 if request.method == "POST" else 200)
    onward = saving.start_saving(
        payer=payer_of(request.visit),
        kind=kind,
        consent=consent_in(request, kind=kind) if purpose == AUTOMATICALLY else None,
        pages=Pages(
            done=lambda setup: address(request, "portal:method_saved", setup=setup),
            back=lambda _setup: address(request, "portal:methods"),
        ),
    )
    return _see_other(onward)


@require_safe
@company_page
def saved(request: CompanyRequest, setup: UUID) -> HttpResponse:
    """Show what is known of a method that is being saved; the page asks again until the processor has told."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        try:
            row = queries.setup(setup)
        except SetupNotFound as error:
            raise Http404 from error
    template = "portal/method_saved_state.html" if is_htmx(request) else "portal/method_saved.html"
    return page(request, template, {"setup": row})


@require_http_methods(["GET", "HEAD", "POST"])
@company_page
def autopay(request: CompanyRequest, method: UUID) -> HttpResponse:
    """Show the words by which a saved method is debited, and take the company's consent."""
    visit = request.visit
    before = debited_before(company_id=visit.company.id)
    with doors.portal(before, user_id=visit.user_id, company_id=visit.company.id):
        row = _found(method)
    if request.method != "POST":
        context = {
            "method": row,
            "terms": terms_of(visit, kind=row.kind),
            "charged_twice": still_twice(before.read(), on=visit.today),
        }
        return page(request, "portal/method_autopay.html", context)
    consent = consent_in(request, kind=row.kind)
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        saving.turn_autopay_on(payer=payer_of(visit), method_public_id=method, consent=consent)
    messages.success(request, _("Your invoices will be paid automatically from %(method)s.") % {"method": row.label})
    return _to_methods(visit)


@require_POST
@company_page
def autopay_off(request: CompanyRequest, method: UUID) -> HttpResponse:
    """Turn automatic payment off."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        _found(method)
        saving.turn_autopay_off(payer=payer_of(visit), method_public_id=method)
    messages.success(request, _("Automatic payment is off. You pay each invoice yourself from now on."))
    return _to_methods(visit)


@require_http_methods(["GET", "HEAD", "POST"])
@company_page
def release(request: CompanyRequest, method: UUID) -> HttpResponse:
    """Say why a bank refused a method and what becomes of it if that is put right; take the company's word for it."""
    visit = request.visit
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        row = _found(method)
    way = way_back(row.unusable_reason)
    if not row.unusable_reason:
        return _to_methods(visit)
    if request.method != "POST":
        context = {
            "method": row,
            "reason": reason_in_words(row.unusable_reason),
            "way": way,
            "terms": terms_of(visit, kind=row.kind) if way == "by_consent" else None,
            "word": next(word for word, kind in KINDS.items() if kind == row.kind),
        }
        return page(request, "portal/method_release.html", context)
    consent = consent_in(request, kind=row.kind) if way == "by_consent" else None
    with doors.portal(user_id=visit.user_id, company_id=visit.company.id):
        saving.release_method(payer=payer_of(visit), method_public_id=method, consent=consent)
    messages.success(request, _("%(method)s may be debited again.") % {"method": row.label})
    return _to_methods(visit)


@require_http_methods(["GET", "HEAD", "POST"])
@company_page
def remove(request: CompanyRequest, method: UUID) -> HttpResponse:
    """Say what removing a method means, and do it."""
    visit = request.visit
    invoices = open_invoices(company_id=visit.company.id)
    with doors.portal(invoices, user_id=visit.user_id, company_id=visit.company.id):
        saved = queries.methods(visit.company.id)
        row = next((each for each in saved if each.public_id == method), None)
        if row is None:
            raise Http404
        under_way = queries.under_way_with(method)
        expected = upcoming_of(invoices.read(), today=visit.today) if row.autopay else []
        if request.method == "POST":
            saving.remove_method(payer=payer_of(visit), method_public_id=method)
    if request.method == "POST":
        messages.success(request, _("%(method)s is removed.") % {"method": row.label})
        return _to_methods(visit)
    others = [other for other in saved if other.public_id != method]
    context = {
        "method": row,
        "others": [other for other in others if not other.unusable_reason],
        "is_only_one": not others,
        "under_way": under_way,
        "to_be_taken": [each for each in expected if each.on],
    }
    return page(request, "portal/method_remove.html", context)


def _found(public_id: UUID) -> MethodRow:
    try:
        return queries.method(public_id)
    except MethodNotFound as error:
        raise Http404 from error


def _charged_twice(visit: Visit) -> date | None:
    before = debited_before(company_id=visit.company.id)
    doors.ask_portal(before, user_id=visit.user_id, company_id=visit.company.id)
    return still_twice(before.read(), on=visit.today)


def _to_methods(visit: Visit) -> HttpResponse:
    return redirect("portal:methods", company=visit.company.public_id)


_see_other = partial(HttpResponseRedirect, status=303)
