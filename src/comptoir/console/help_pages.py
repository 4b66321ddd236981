"""The answers that customers read under “Help”: rewritten, hidden, added to, with a preview and their history."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptoir.answers.errors import AnswerNotFound, AnswerRefused
from comptoir.answers.operations import write_answer
from comptoir.answers.queries import Answer, answer, answers, edition, history
from comptoir.answers.rendering import FACTS, PAGES, rendered

from .shell import StaffRequest, door, page, staff_page

NEW = "_new"  # no question is called so: their words are made of letters, digits and hyphens
LANGUAGES = [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]


class AnswerForm(forms.Form):
    """A question and its answer."""

    question = forms.CharField(label=gettext_lazy("Question"), max_length=200)
    body = forms.CharField(
        label=gettext_lazy("Answer (Markdown)"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 12})
    )
    position = forms.IntegerField(label=gettext_lazy("Place in the list"), min_value=1, max_value=9999)
    is_shown = forms.BooleanField(label=gettext_lazy("Shown to customers"), required=False)


@require_safe
@staff_page()
def index(request: StaffRequest, tongue: str = "") -> HttpResponse:
    """List the questions in a language, hidden ones too."""
    tongue = _known(tongue or request.visit.vendor.language)
    with door(request.visit):
        found = answers(vendor_id=request.visit.vendor.id, language=tongue, with_hidden=True)
    return page(request, "console/help/index.html", {"answers": found, "tongue": tongue, "tongues": LANGUAGES})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def edit(request: StaffRequest, tongue: str, key: str) -> HttpResponse:
    """Show an answer, or an earlier edition of it, to be changed; take the change, or show it before."""
    visit, language = request.visit, _known(tongue)
    with door(visit):
        shown = _asked_for(request, language=language, key=key)
        editions = history(vendor_id=visit.vendor.id, language=language, key=key)
    form = AnswerForm(request.POST or None, initial=_initial(shown))
    wants_preview = "preview" in request.POST
    if form.is_bound and form.is_valid() and not wants_preview and _written(request, form, language=language, key=key):
        return redirect("console:help_pages_in", vendor=visit.vendor.slug, tongue=language)
    context = {
        "form": form,
        "key": key,
        "is_new": key == NEW,
        "tongue": language,
        "tongue_name": dict(LANGUAGES)[language],
        "editions": editions,
        "preview": _preview(form["body"].value() or ""),
        "facts": [f"{{{fact}}}" for fact in FACTS],
        "pages": PAGES,
    }
    return page(request, "console/help/edit.html", context)


@require_POST
@staff_page()
def preview(request: StaffRequest) -> HttpResponse:
    """Answer how the typed words will look, as they are typed."""
    return page(request, "console/help/_preview.html", {"preview": _preview(request.POST.get("body", ""))})


def _known(tongue: str) -> str:
    if tongue not in dict(LANGUAGES):
        raise Http404
    return tongue


def _asked_for(request: StaffRequest, *, language: str, key: str) -> Answer | None:
    """The answer as it reads now, or the edition that the address asks for; None for a new one. Needs a door."""
    if key == NEW:
        return None
    asked = request.GET.get("edition", "")
    vendor_id = request.visit.vendor.id
    try:
        if asked.isdecimal() and len(asked) < 16:
            return edition(vendor_id=vendor_id, language=language, key=key, edition_id=int(asked))
        return answer(vendor_id=vendor_id, language=language, key=key)
    except AnswerNotFound as error:
        raise Http404 from error


def _initial(shown: Answer | None) -> dict[str, Any]:
    if shown is None:
        return {"position": 500, "is_shown": True}
    return {
        "question": shown.question,
        "body": shown.body,
        "position": shown.position,
        "is_shown": shown.is_shown,
    }


def _preview(body: str) -> SafeString:
    """The words with their places for facts as they are: each customer's own are put in later."""
    return rendered(body[:10_000], facts={}, pages={})


def _written(request: StaffRequest, form: AnswerForm, *, language: str, key: str) -> bool:
    visit = request.visit
    try:
        with door(visit):
            write_answer(
                vendor_id=visit.vendor.id,
                language=language,
                key="" if key == NEW else key,
                actor=visit.actor,
                **form.cleaned_data,
            )
    except AnswerRefused as error:
        form.add_error(error.field, str(error))
        return False
    messages.success(request, _("Saved. Customers read it like this from now on."))
    return True
