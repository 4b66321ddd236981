"""What a page gets from each component."""

import re
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils.translation import override

from comptoir.look.icons import ICONS
from comptoir.look.states import STATES, TONE_ICONS
from comptoir.look.templatetags.look import who_word


def shown(source: str, **context: Any) -> str:
    return Template("{% load look %}" + source).render(Context(context))


class ContactForm(forms.Form):
    email = forms.EmailField(help_text="Where invoices go.", widget=forms.EmailInput(attrs={"placeholder": "E-mail"}))
    note = forms.CharField(required=False)
    agreed = forms.BooleanField(label="I agree")

    def clean(self) -> dict[str, Any]:
        raise forms.ValidationError("Nothing was saved.")


def test_amounts_and_days_are_written_in_the_pages_language() -> None:
    page = "{% money 31240 'USD' %} {% day due %}"

    with override("en"):
        assert shown(page, due=date(2020, 10, 1)) == '$312.40 <time datetime="2020-10-01">Oct 1, 2020</time>'
    with override("fr"):
        assert shown(page, due=date(2020, 10, 1)).replace("\xa0", " ") == (
            '312,40 $US <time datetime="2020-10-01">1 oct. 2020</time>'
        )


def test_whole_numbers_are_grouped_as_the_language_does_and_what_is_none_is_left_alone() -> None:
    page = "{% key_figure 'Read' 25000 %}{% key_figure 'Total' '$1.00' %}{% progress 'Lines' 6002 25001 %}"

    with override("en"):
        assert {"25,000", "$1.00", "6,002 of 25,001"} <= set(re.findall(r">([^<>]+)<", shown(page)))
    with override("fr"):
        assert "6\u202f002 sur 25\u202f001" in shown(page)
        assert '<progress value="6002" max="25001"' in shown(page)


def test_a_day_not_yet_known_is_left_out() -> None:
    assert shown("{% day due %}", due=None) == ""


def test_a_status_is_a_word_a_colour_and_a_shape() -> None:
    badge = shown("{% status 'returned' %}")

    assert "Returned by the bank" in badge
    assert "badge--danger" in badge
    assert ICONS["danger"] in badge


def test_a_status_without_a_word_never_reaches_a_page() -> None:
    with pytest.raises(TemplateSyntaxError, match="No word for the state 'r2d2'"):
        shown("{% status 'r2d2' %}")

    assert "Dormant" in shown("{% status 'r2d2' label='Dormant' tone='neutral' %}")


def test_every_state_has_a_shape_that_can_be_drawn() -> None:
    assert {state.tone for state in STATES.values()} == set(TONE_ICONS)
    assert {state.icon for state in STATES.values()} <= set(ICONS)


def test_a_field_ties_its_help_and_its_error_to_its_control() -> None:
    page = shown("{% form_fields form %}", form=ContactForm({"email": "nope"}))

    assert 'aria-describedby="id_email_helptext id_email_error"' in page
    assert 'id="id_email_helptext">Where invoices go.' in page
    assert 'id="id_email_error"' in page
    assert "Enter a valid email address." in page
    assert '<label for="id_email">' in page
    assert "placeholder" not in page
    assert "Nothing was saved." in page


def test_only_what_may_be_left_empty_says_so() -> None:
    page = shown("{% field form.email %}|{% field form.note %}|{% field form.agreed %}", form=ContactForm())

    assert [("(optional)" in part) for part in page.split("|")] == [False, True, False]


def test_help_given_by_the_page_is_tied_too() -> None:
    page = shown("{% field form.note help='Anything.' %}", form=ContactForm())

    assert 'aria-describedby="id_note_helptext"' in page
    assert 'id="id_note_helptext">Anything.' in page


def test_what_a_customer_typed_is_shown_as_text() -> None:
    evil = "<script>alert(1)</script>"
    page = shown(
        "{% alert 'info' title=evil %}{{ evil }}{% endalert %}{% key_figure evil evil %}{% empty_state evil %}"
        "{% table evil %}<td>{{ evil }}</td>{% endtable %}{% steps 1 evil %}{% icon 'home' evil %}",
        evil=evil,
    )

    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 9


def test_an_error_message_is_announced_at_once_and_others_in_turn() -> None:
    assert 'role="alert"' in shown("{% alert 'error' %}No.{% endalert %}")
    assert 'role="alert"' not in shown("{% alert 'success' %}Yes.{% endalert %}")


def test_paging_keeps_the_filters() -> None:
    request = RequestFactory().get("/companies", {"standing": "warned", "page": "2"})
    page = shown("{% pagination page=2 pages=3 total=61 %}", request=request)

    assert 'rel="prev" href="?standing=warned&amp;page=1"' in page
    assert 'rel="next" href="?standing=warned&amp;page=3"' in page
    assert "61 results, page 2 of 3" in page


def test_the_first_page_has_none_before_it_and_the_last_none_after() -> None:
    request = RequestFactory().get("/companies")
    page = shown("{% pagination page=1 pages=1 total=1 %}", request=request)

    assert "rel=" not in page
    assert "1 result, page 1 of 1" in page


def test_a_flow_says_which_step_one_is_at() -> None:
    page = shown("{% steps 2 'Invoice' 'How to pay' 'Done' %}")

    assert '<li aria-current="step">2. How to pay' in page
    assert page.count('class="done"') == 1


def test_a_funnel_of_nobody_is_empty_and_not_an_error() -> None:
    page = shown("{% funnel rows 0 %}", rows=[{"label": "Letter sent", "count": 0}])

    assert "Letter sent" in page
    assert 'max="1"' in page


@pytest.mark.parametrize(
    ("kind", "label", "shown"),
    [
        ("staff", "Nora", "Nora"),
        ("system", "payment_methods", "Automatiquement"),
        ("system", "comptoir vendor create", "comptoir vendor create"),
    ],
)
def test_whose_doing_it_was_is_said_without_our_own_names_for_it(kind: str, label: str, shown: str) -> None:
    with override("fr"):
        assert who_word(SimpleNamespace(actor_kind=kind, actor_label=label)) == shown
