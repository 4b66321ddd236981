"""The words of letters and reminders, kept by the team for each language, with a preview as one types."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comptoir.cutover.errors import LetterRefused
from comptoir.cutover.letter_texts import KINDS, PLACES, TextRow, letter_text, refuse_words, shipped_words, write_text
from comptoir.notices.own_words import Words, own_words_mail
from comptoir.notices.sample_facts import move_places

from .company_filter import LANGUAGE_WORDS
from .shell import WRITERS, StaffRequest, door, page, staff_page

KIND_WORDS: dict[str, str | Promise] = {
    "letter": _("Letter"),
    "reminder": _("Reminder"),
    "deadline": _("At the deadline"),
}


class TextForm(forms.Form):
    """A subject and a text."""

    subject = forms.CharField(label=_("Subject"), max_length=200)
    body = forms.CharField(label=_("Text (Markdown)"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 18}))
    edition = forms.IntegerField(widget=forms.HiddenInput())


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List the texts, and which of them are the vendor's own."""
    visit = request.visit
    with door(visit):
        rows = [
            {
                "kind": kind,
                "word": KIND_WORDS[kind],
                "texts": [
                    (tongue, word, letter_text(vendor_id=visit.vendor.id, kind=kind, language=tongue))
                    for tongue, word in LANGUAGE_WORDS.items()
                ],
            }
            for kind in KINDS
        ]
    return page(request, "console/waves/letters.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def edit(request: StaffRequest, letter: str, tongue: str) -> HttpResponse:
    """Show a text to be rewritten; take what was written, or bring the shipped one back."""
    visit = request.visit
    _known(letter, tongue)
    with door(visit):
        row = letter_text(vendor_id=visit.vendor.id, kind=letter, language=tongue)
    form = TextForm(request.POST or None, initial=_initial(row))
    if form.is_bound and form.is_valid() and "preview" not in request.POST and _written(request, form, letter, tongue):
        return redirect("console:letter_texts", vendor=visit.vendor.slug)
    shown = Words(str(form["subject"].value() or ""), str(form["body"].value() or ""))
    context = {
        "form": form,
        "row": row,
        "letter": letter,
        "word": KIND_WORDS[letter],
        "tongue": tongue,
        "tongue_name": LANGUAGE_WORDS[tongue],
        "places": [f"{{{place}}}" for place in PLACES[letter]],
        "shipped": shipped_words(kind=letter, language=tongue),
        **_preview(request, shown, kind=letter, tongue=tongue),
    }
    return page(request, "console/waves/letter_text.html", context)


@require_POST
@staff_page(*WRITERS)
def preview(request: StaffRequest) -> HttpResponse:
    """Answer how the typed words will look, as they are typed."""
    kind, tongue = request.POST.get("letter", ""), request.POST.get("tongue", "")
    _known(kind, tongue)
    words = Words(request.POST.get("subject", "")[:200], request.POST.get("body", "")[:10_000])
    return page(request, "console/waves/_letter_preview.html", _preview(request, words, kind=kind, tongue=tongue))


def _known(kind: str, tongue: str) -> None:
    if kind not in KINDS or tongue not in LANGUAGE_WORDS:
        raise Http404


def _written(request: StaffRequest, form: TextForm, kind: str, tongue: str) -> bool:
    visit, told = request.visit, form.cleaned_data
    words = Words(told["subject"].strip(), told["body"].replace("\r\n", "\n").strip())
    try:
        with door(visit):
            write_text(
                vendor_id=visit.vendor.id,
                kind=kind,
                language=tongue,
                edition=told["edition"],
                words=None if words == shipped_words(kind=kind, language=tongue) else words,
                actor=visit.actor,
            )
    except LetterRefused as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Saved. Letters say this from now on; those that were sent do not change."))
    return True


def _initial(row: TextRow) -> dict[str, Any]:
    return {"subject": row.words.subject, "body": row.words.body, "edition": row.edition}


def _preview(request: StaffRequest, words: Words, *, kind: str, tongue: str) -> dict[str, Any]:
    """The mail as a made-up customer gets it, and what is wrong with the words."""
    facts = move_places(request.visit.vendor, language=tongue)
    with translation.override(tongue):
        mail = own_words_mail(words, facts=facts, url=facts["portal"])
    try:
        refuse_words(kind=kind, words=words)
        wrong = ""
    except LetterRefused as error:
        wrong = str(error)
    return {**mail, "wrong": wrong}
