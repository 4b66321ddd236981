"""The translations' tool: what it finds, keeps, and complains of."""

import gettext
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).parents[3] / "scripts"

CODE = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
title = gettext_lazy("Invoices")
def count(n):
    return ngettext("%(n)d invoice", "%(n)d invoices", n) % {"n": n}
may = pgettext("month", "May")
label = f"{_('Price per period')} ({may})"
"""
TEMPLATE = """{% load i18n %}
<h1 title="{% translate 'Pay now' %}">{% blocktranslate trimmed %}
    Hello {{ name }}
{% endblocktranslate %}</h1>
    <p>{{ price|default:_("free") }}</p>
"""
CATALOG = "locale/{}/LC_MESSAGES/django.po"


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    module = importlib.import_module("messages")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "PACKAGES", (tmp_path,))
    (tmp_path / "code.py").write_text(CODE)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    yield module
    del sys.modules["messages"]


def translate(tmp_path: Path, language: str, **translations: str) -> None:
    """Fill a catalog in: the translations given, and the original for all others."""
    file = tmp_path / CATALOG.format(language)
    filled, original = [], ""
    for line in file.read_text().splitlines():
        name, _, text = line.partition(" ")
        if name in ("msgid", "msgid_plural"):
            original = text.strip('"')
        elif name.startswith("msgstr") and original:
            line = f'{name} "{translations.get(original.split()[0], original)}"'
        filled.append(line)
    file.write_text("\n".join(filled) + "\n")


def test_messages_come_from_code_and_templates(messages: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert messages.main(["extract"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "'%(n)d invoice' | '%(n)d invoices'",
        "'Hello %(name)s'",
        "'Invoices'",
        "'Pay now'",
        "'Price per period'",
        "'free'",
        "'month' | 'May'",
    ]


def test_a_catalog_is_filled_then_right_then_out_of_date(
    messages: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert messages.main(["check"]) == 1
    assert "lacks “Invoices”" in capsys.readouterr().out
    messages.main(["update"])
    assert messages.main(["check"]) == 1
    assert "no translation of “Invoices”" in capsys.readouterr().out
    translate(tmp_path, "fr", Invoices="Factures")
    translate(tmp_path, "es", Invoices="Facturas")
    assert messages.main(["check"]) == 0

    before = (tmp_path / CATALOG.format("fr")).read_text()
    messages.main(["update"])
    assert (tmp_path / CATALOG.format("fr")).read_text() == before

    (tmp_path / "code.py").write_text("")
    assert messages.main(["check"]) == 1
    assert "has “Invoices”, which nothing says any more" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"Hello": "Bonjour"}, "other placeholders or tags than in “Hello %(name)s”"),
        ({"Hello": "Bonjour <b>%(name)s</b>"}, "other placeholders or tags than in “Hello %(name)s”"),
        ({"%(n)d": "%(m)d"}, "other placeholders or tags than in “%(n)d invoice”"),
    ],
)
def test_translations_that_would_break_a_page_are_found(
    messages: ModuleType,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    wrong: dict[str, str],
    complaint: str,
) -> None:
    messages.main(["update"])
    translate(tmp_path, "es")
    translate(tmp_path, "fr", **wrong)
    assert messages.main(["check"]) == 1
    assert complaint in capsys.readouterr().out


def test_a_space_that_would_leave_a_mark_alone_on_a_line_is_found_in_french(
    messages: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    messages.main(["update"])
    translate(tmp_path, "es")
    for space, problems in ((" ", 1), ("\u00a0", 1), ("\u202f", 0)):
        translate(tmp_path, "fr", Invoices=f"Factures{space}:")
        capsys.readouterr()
        messages.main(["check"])
        assert capsys.readouterr().out.count("may break a line") == problems


def test_an_apostrophe_of_a_typewriter_is_found(
    messages: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    messages.main(["update"])
    translate(tmp_path, "es")
    for apostrophe, problems in (("'", 1), ("’", 0)):
        translate(tmp_path, "fr", Invoices=f"L{apostrophe}ensemble des factures")
        capsys.readouterr()
        messages.main(["check"])
        assert capsys.readouterr().out.count("a straight apostrophe") == problems


def test_english_quotation_marks_are_found(
    messages: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    messages.main(["update"])
    translate(tmp_path, "fr")
    for text, problems in (("“Facturas”", 1), ("«Facturas»", 0)):
        translate(tmp_path, "es", Invoices=text)
        capsys.readouterr()
        messages.main(["check"])
        assert capsys.readouterr().out.count("English quotation marks") == problems


def test_an_unsure_translation_is_found(
    messages: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    messages.main(["update"])
    for language in ("fr", "es"):
        translate(tmp_path, language)
    file = tmp_path / CATALOG.format("fr")
    file.write_text(file.read_text().replace('msgid "Invoices"', '#, fuzzy\nmsgid "Invoices"'))
    assert messages.main(["check"]) == 1
    assert "unsure translation (fuzzy) of “Invoices”" in capsys.readouterr().out


def test_the_program_reads_what_was_compiled(messages: ModuleType, tmp_path: Path) -> None:

    messages.main(["update"])
    translate(tmp_path, "fr", Invoices="Factures")
    assert messages.main(["compile"]) == 0
    with (tmp_path / CATALOG.format("fr")).with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("Invoices") == "Factures"


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>Pay</p>", ["Pay"]),
        ("{% translate 'Pay' %}{# note #}{% comment %}note{% endcomment %}", []),
        ("{% blocktranslate %}Pay {{ x }}{% endblocktranslate %} now", ["now"]),
        ('<a class="{% if x %}on{% endif %}" href="/pay">{{ pay }}</a>', []),
        ('<img alt="A store"><input placeholder="Name" type="text">', ["A store", "Name"]),
        ('<input type="submit" value="Send"><input type="hidden" value="send">', ["Send"]),
        ("<script>let pay = 1</script><style>p {color: red}</style>", []),
        ('<code translate="no">make <b>demo</b></code> runs', ["runs"]),
        ("{% block shell %}console{% endblock %}{% block title %}Console{% endblock %}", ["Console"]),
        ("&copy; Comptoir · 12:00 UTC · $", []),
    ],
)
def test_text_that_is_not_up_for_translation_is_found(messages: ModuleType, template: str, found: list[str]) -> None:
    assert [text for _, text in messages.bare_text(template, is_html=True)] == found


def test_bare_text_is_found_in_mails_too_with_its_line(
    messages: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "templates" / "mail.txt").write_text("{% load i18n %}\n{% comment %}\n{% endcomment %}\nHello\n")
    messages.main(["check"])
    assert "templates/mail.txt:4: not translated: “Hello”" in capsys.readouterr().out


def test_a_wrong_call_is_answered_with_the_right_one(messages: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert messages.main([]) == 2
    assert "usage: messages.py extract|update|compile|check" in capsys.readouterr().err
