"""The components that are more than a class name. Each is described, with an example, in look/README.md."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import uuid4

from babel.numbers import format_decimal
from django import template
from django.forms import BaseForm, BoundField, CheckboxInput
from django.template import Context
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from comptoir.kit.dates import format_date, format_instant
from comptoir.kit.money import format_money, locale_of, percent
from comptoir.kit.request_id import current_request_id
from comptoir.look.icons import ICONS
from comptoir.look.states import STATES, TONE_ICONS, State
from comptoir.look.trail import ACTIONS

register = template.Library()

MESSAGE_TONES = {"error": "danger", "debug": "info"}
ALERT_ICONS = {**TONE_ICONS, "info": "info"}


@register.simple_tag
def money(amount_minor: int, currency: str) -> str:
    """Write an amount of minor units as the page's language does."""
    return format_money(amount_minor=amount_minor, currency=currency, language=get_language() or "en")


@register.simple_tag(takes_context=True)
def named(context: Context, name: str, value: str) -> str:
    """Write what something is called, and what it is, with the colon of the page's language; in a text, too."""
    if not context.autoescape:
        return gettext("%(name)s: %(value)s") % {"name": name, "value": value}
    parts = {"name": conditional_escape(name), "value": conditional_escape(value)}
    return mark_safe(gettext("%(name)s: %(value)s") % parts)  # noqa: S308 - both are escaped


@register.simple_tag
def share(value: Decimal) -> str:
    """Write a rate as the page's language does: 8.25%."""
    return percent(value, language=get_language() or "en")


@register.filter
def whole(value: Any) -> Any:
    """Write a whole number as the page's language does, 12,345; what is none stays as it is."""
    return _whole(value, get_language() or "en") if isinstance(value, int) else value


@lru_cache(maxsize=4096)
def _whole(value: int, language: str) -> str:
    return format_decimal(value, locale=locale_of(language))


@register.simple_tag
def day(value: date | None) -> str:
    """Write a day as the page's language does, machine-readable too; nothing for None."""
    return "" if value is None else written_day(value, get_language() or "en")


@lru_cache(maxsize=4096)
def written_day(value: date, language: str) -> SafeString:
    """Write a day as ``language`` does, machine-readable too. A list shows few of them, many times."""
    written = format_date(day=value, language=language)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), written)


@register.simple_tag(takes_context=True)
def instant(context: Context, value: datetime | None) -> str:
    """Write when something happened, or will, as the vendor's clock shows it; nothing for None."""
    if value is None:
        return ""
    vendor = context["vendor"]  # nobody's, on a page from before one is known
    zone = vendor.time_zone if vendor else "UTC"
    written = format_instant(instant=value, time_zone=zone, language=get_language() or "en")
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), written)


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon: decoration beside a word, or, with a label, a picture that says it."""
    drawing = mark_safe(ICONS[name])  # noqa: S308 - our own constants
    if label:
        return format_html('<svg class="icon" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>', label, drawing)
    return format_html('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', drawing)


@register.simple_tag
def status(state: str, label: str = "", tone: str = "") -> SafeString:
    """Show a state as word, colour and shape.

    A state outside `look/states.py` needs its own `label` and `tone`; without them it raises, so that
    no raw code word ever reaches a page.
    """
    if not (label and tone):
        known = STATES.get(str(state))
        if known is None:
            raise template.TemplateSyntaxError(
                f"No word for the state {state!r}: add it to look/states.py, or pass label and tone."
            )
        label, tone = label or str(known.word), tone or known.tone
    return _badge(str(label), tone)


@lru_cache(maxsize=512)
def _badge(word: str, tone: str) -> SafeString:
    """As few, as often."""
    return render_to_string("look/status.html", {"state": State(word=word, tone=tone, icon=TONE_ICONS[tone])})


@register.simple_block_tag(end_name="endalert")
def alert(content: str, tone: str, title: str = "") -> SafeString:
    """Show a message box; `tone` is info, success, warning or danger (or a tag of Django's messages)."""
    tone = MESSAGE_TONES.get(tone, tone)
    return render_to_string(
        "look/alert.html", {"tone": tone, "title": title, "content": content, "icon_name": ALERT_ICONS[tone]}
    )


@register.simple_block_tag(end_name="endtable")
def table(content: str, caption: str, *, stack: bool = True, hide_caption: bool = False) -> SafeString:
    """Wrap rows in a table with a caption, which stacks into blocks on a phone or else scrolls."""
    return render_to_string(
        "look/table.html",
        {"content": content, "caption": caption, "stack": stack, "hide_caption": hide_caption},
    )


@register.inclusion_tag("look/field.html")
def field(bound: BoundField, *, label: str = "", help: str = "", code: bool = False) -> dict[str, Any]:  # noqa: A002
    """Show one form field: label, control, help and errors, tied together for a screen reader."""
    if label:
        bound.label = label
    if help:
        bound.help_text = help
    return {
        "field": bound,
        "control": bound.as_widget(attrs={"placeholder": False}),
        "checkbox": isinstance(bound.field.widget, CheckboxInput),
        "code": code,
    }


@register.simple_tag
def once() -> SafeString:
    """Write the reference by which a form does what it asks for once, by however many clicks it is sent."""
    return format_html('<input type="hidden" name="reference" value="{}">', uuid4())


@register.inclusion_tag("look/form_fields.html")
def form_fields(form: BaseForm) -> dict[str, BaseForm]:
    """Show what is wrong with a form as a whole, then each of its fields."""
    return {"form": form}


@register.inclusion_tag("look/key_figure.html")
def key_figure(label: str, value: Any, note: str = "", href: str = "") -> dict[str, Any]:
    """Show one number that matters, with its name and, as a rule, a link to what it is made of."""
    return {"label": label, "value": value, "note": note, "href": href}


@register.inclusion_tag("look/empty_state.html")
def empty_state(
    title: str, body: str = "", icon_name: str = "ring", action: str = "", href: str = ""
) -> dict[str, str]:
    """Say why there is nothing here yet, and what to do about it."""
    return {"title": title, "body": body, "icon_name": icon_name, "action": action, "href": href}


@register.inclusion_tag("look/progress.html")
def progress(label: str, value: int, maximum: int, note: str = "") -> dict[str, Any]:
    """Show how far long work has come."""
    return {"label": label, "value": value, "maximum": maximum, "note": note}


@register.inclusion_tag("look/steps.html")
def steps(current: int, *labels: str) -> dict[str, Any]:
    """Show where one is in a flow; `current` counts from 1."""
    return {"current": current, "labels": labels}


@register.inclusion_tag("look/funnel.html")
def funnel(rows: list[dict[str, Any]], total: int) -> dict[str, Any]:
    """Show how many of `total` came how far; a row is {label, count} and, optionally, {href}."""
    return {"rows": rows, "total": total}


@register.inclusion_tag("look/pagination.html", takes_context=True)
def pagination(context: Context, page: int, pages: int, total: int, parameter: str = "page") -> dict[str, Any]:
    """Link to the pages before and after, keeping every filter in the address."""
    request = context["request"]

    def address(number: int) -> str:
        query = request.GET.copy()
        query[parameter] = str(number)
        return f"?{query.urlencode()}"

    return {
        "page": page,
        "pages": pages,
        "total": total,
        "before": address(page - 1) if page > 1 else "",
        "after": address(page + 1) if page < pages else "",
    }


@register.simple_tag
def request_reference() -> str:
    """Give the id under which this request is in the log; empty outside of one."""
    return current_request_id()


@register.inclusion_tag("look/nav_item.html", takes_context=True)
def nav_item(
    context: Context,
    view: str,
    label: str,
    icon_name: str,
    *,
    exact: bool = False,
    **arguments: Any,
) -> dict[str, Any]:
    """Link to a section of the page's shell and mark it when one is in it.

    A section whose pages are not installed is left out.
    """
    try:
        href = reverse(view, kwargs=arguments)
    except NoReverseMatch:
        return {}
    path = context["request"].path
    return {
        "href": href,
        "label": label,
        "icon_name": icon_name,
        "current": path == href if exact else path.startswith(href),
    }


@register.filter
def action_word(action: str) -> str:
    """Return what the audit trail's word for an action is called; a word that nobody named stays as it is."""
    return str(ACTIONS.get(action, action))


@register.filter
def who_word(entry: Any) -> str:
    """Return whose doing an entry of the audit trail is: a person's, a command's, or nobody's: it went by itself."""
    label = str(entry.actor_label)
    return gettext("Automatically") if entry.actor_kind == "system" and not label.startswith("comptoir ") else label
