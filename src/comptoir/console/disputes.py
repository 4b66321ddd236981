"""Disputes: the list with what is due, one dispute with the evidence at hand, and the team's answer."""

from math import ceil
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from comptoir.kit.safe_words import SafeWords
from comptoir.look.templatetags.look import money
from comptoir.payments.disputes import queries
from comptoir.payments.disputes.answering import submit_answer
from comptoir.payments.disputes.giving_in import allow_giving_in, give_in, turn_down_giving_in
from comptoir.payments.errors import DisputeNotFound
from comptoir.payments.listing import story
from comptoir.payments.return_codes import dispute_in_words, reason_in_words
from comptoir.payments.second_word import Say, say_of

from .acts import ActForm, act_page
from .askers import asker
from .shell import WRITERS, StaffRequest, door, page, page_number, staff_page

ROWS_A_PAGE = 50
STATUS_WORDS: dict[str, tuple[str | Promise, str]] = {
    "needs_response": (_("Needs an answer"), "danger"),
    "under_review": (_("With the card’s bank"), "info"),
    "won": (_("Won"), "success"),
    "lost": (_("Lost"), "neutral"),
}
ANSWER_WORDS: dict[str, str | Promise] = {
    "submit": _("Answered"),
    "accept": _("Giving in"),
}
ANSWER_STATUS_WORDS: dict[str, tuple[str | Promise, str]] = {
    "waiting": (_("Waits for somebody else’s word"), "warning"),
    "requested": (_("Being handed in"), "info"),
    "done": (_("Handed in"), "success"),
    "refused": (_("Not taken by the processor"), "danger"),
    "turned_down": (_("Turned down"), "neutral"),
    "too_late": (_("Nobody allowed it in time"), "neutral"),
}
TOLD = ("waiting", "requested", "done")


class DisputeForm(ActForm):
    """Something said about one dispute."""

    dispute_id: UUID


class AnswerForm(DisputeForm):
    """Say why the payment was right."""

    title, button, done = _("Answer the dispute"), _("Hand it in"), _("The answer is being handed in.")
    note = _(
        "It can be answered once. The consent on record, with who gave it, when and from where, the company’s name and "
        "the invoices go along with your words. The card’s bank reads it, so write in its language."
    )
    text = SafeWords(label=_("Why the payment was right"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 8}))

    def act(self) -> None:
        """Hand it in."""
        submit_answer(self.dispute_id, text=self.cleaned_data["text"], asker=asker(self.visit))


class AcceptForm(DisputeForm):
    """Give in, or ask to."""

    title, button, done = _("Accept the dispute"), _("Give in"), _("The processor is told that the team gives in.")
    note = _(
        "The money stays with the card’s holder, and what the payment had paid is owed again. It cannot be undone. "
        "Above your limit, somebody else, whose limit allows it, has to say yes first."
    )
    text = SafeWords(label=_("Why"), help_text=_("Stays on record."), max_length=1000)

    def act(self) -> None:
        """Tell the processor, or wait for somebody else's word."""
        if not give_in(self.dispute_id, text=self.cleaned_data["text"], asker=asker(self.visit)):
            self.done = _("Nothing is sent yet: it waits until somebody with a higher limit allows it.")


class AllowForm(DisputeForm):
    """Allow what somebody else asked for."""

    title, button, done = _("Allow giving in"), _("Allow it"), _("The processor is told that the team gives in.")
    note = _(
        "The money stays with the card’s holder, and what the payment had paid is owed again. It cannot be undone."
    )

    def act(self) -> None:
        """Have the processor told."""
        allow_giving_in(self.dispute_id, asker=asker(self.visit))


class TurnDownForm(DisputeForm):
    """Turn down what somebody asked for."""

    title, button = _("Turn down"), _("Turn it down")
    done = _("It is turned down; the dispute can be answered again.")
    why = SafeWords(label=_("Why"), help_text=_("Stays on record."), max_length=500)

    def act(self) -> None:
        """Turn it down."""
        turn_down_giving_in(self.dispute_id, why=self.cleaned_data["why"], asker=asker(self.visit))


ACTS: dict[str, type[DisputeForm]] = {
    "answer": AnswerForm,
    "accept": AcceptForm,
    "allow": AllowForm,
    "turn-down": TurnDownForm,
}


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List disputes: those that wait for an answer first, the soonest due before the others."""
    visit, number = request.visit, page_number(request)
    with door(visit):
        rows, total = queries.disputes(visit.vendor.id, limit=ROWS_A_PAGE, offset=(number - 1) * ROWS_A_PAGE)
    context = {
        "rows": [in_words(row) for row in rows],
        "number": number,
        "pages": max(ceil(total / ROWS_A_PAGE), 1),
        "total": total,
    }
    return page(request, "console/disputes/index.html", context)


@require_safe
@staff_page()
def detail(request: StaffRequest, dispute: UUID) -> HttpResponse:
    """Show what was disputed and why, until when it can be answered, the evidence, and what was answered."""
    visit = request.visit
    with door(visit):
        row = _asked(dispute)
        told = queries.answers(dispute)
        say = say_of(asker(visit))
        context = {
            **in_words(row),
            "story": story(row.payment_public_id),
            "answers": [_answer(each, of=row, say=say, may_write=visit.may_write) for each in told],
            "may_answer": visit.may_write
            and row.status == "needs_response"
            and not any(each.status in TOLD for each in told),
        }
    return page(request, "console/disputes/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(*WRITERS)
def act(request: StaffRequest, dispute: UUID, what: str) -> HttpResponse:
    """Answer a dispute, give in, or say a word on what somebody else wants to give in to."""
    visit = request.visit
    if what not in ACTS:
        raise Http404
    with door(visit):
        row = _asked(dispute)
    back = reverse("console:dispute", kwargs={"vendor": visit.vendor.slug, "dispute": dispute})
    named = f"{money(row.amount_minor, row.currency)}, {row.company_name}"
    return act_page(
        request,
        make=ACTS[what].about(visit, dispute_id=dispute),
        back=back,
        context={"of": gettext("Dispute"), "what": named},
    )


def _answer(given: queries.AnswerRow, *, of: queries.DisputeRow, say: Say, may_write: bool) -> dict[str, object]:
    """Return an answer with the words for where it stands, and what whoever is at the page may say of it."""
    waits = given.status == "waiting" and of.status == "needs_response"
    state = "too_late" if given.status == "waiting" and not waits else given.status
    word, tone = ANSWER_STATUS_WORDS[state]
    return {
        "row": given,
        "kind": ANSWER_WORDS[given.kind],
        "word": word,
        "tone": tone,
        "may_turn_down": waits and may_write,
        "may_allow": waits
        and may_write
        and not say.why_not(asked_by_id=given.answered_by_id, amount_minor=of.amount_minor, currency=of.currency),
    }


def in_words(row: queries.DisputeRow) -> dict[str, object]:
    """Return a dispute with the words for where it stands and why it was made."""
    word, tone = STATUS_WORDS[row.status]
    why = dispute_in_words(row.reason) if row.kind == "card" else reason_in_words(row.code)
    return {"row": row, "word": word, "tone": tone, "why": why}


def _asked(public_id: UUID) -> queries.DisputeRow:
    """Return the dispute of the address, within the door. Raises Http404 where the vendor has no such dispute."""
    try:
        return queries.dispute(public_id)
    except DisputeNotFound as error:
        raise Http404 from error
