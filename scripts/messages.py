"""Keep the translations: `python scripts/messages.py extract|update|compile|check`.

- extract: list the messages of the code and the templates.
- update: bring the catalogs to them. What is new is empty, what is gone is deleted, nothing is guessed.
- compile: make what the program reads.
- check: fail when a catalog lacks a message or has one too many, a translation is missing, fuzzy, has other
  placeholders or tags than its original, English quotation marks or spaces that break lines where none may, or a
  template has text that is not up for translation.

The catalogs have no line numbers and no dates, and are sorted, so that a change shows what it changes. English is
the language of the originals and needs none.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from bare_text import bare_text
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = tuple(ROOT / "src" / name for name in ("comptoir", "stripe_sandbox"))
PLURALS = {"es": "nplurals=2; plural=(n != 1);", "fr": "nplurals=2; plural=(n > 1);"}
LAZY = ("gettext", "ngettext", "pgettext", "npgettext")
KEYWORDS = DEFAULT_KEYWORDS | {f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in LAZY} | {"gettext_noop": None}
PLACEHOLDERS = re.compile(r"%\(\w+\)[a-z]|%[sd%]|{\w*}|</?\w+")
# A line never begins with what belongs to the word before: French sets a narrow no-break space there.
LOOSE = {"fr": re.compile("[ \u00a0][;:?!»]|«[ \u00a0]")}
STRAIGHT = re.compile(r"\w'\w")
ENGLISH_QUOTES = re.compile("[“”]")
HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""

Key = tuple[str, str]


def main(argv: list[str]) -> int:
    """Do what is asked for, and give the exit code."""
    commands = {"extract": list_messages, "update": update, "compile": compile_catalogs, "check": check}
    if len(argv) != 1 or argv[0] not in commands:
        print(f"usage: messages.py {'|'.join(commands)}", file=sys.stderr)
        return 2
    problems = 0
    for package in PACKAGES:
        for line in commands[argv[0]](package):
            print(line)
            problems += argv[0] == "check"
    if problems:
        print(f"{problems} problems. “python scripts/messages.py update” brings the catalogs to the code.")
    return 1 if problems else 0


def list_messages(package: Path) -> Iterator[str]:
    """Give a package's messages, one a line."""
    for message in sorted(extracted(package), key=key):
        if message.id:
            yield " | ".join(map(repr, filter(None, (message.context, *originals(message)))))


def update(package: Path) -> Iterator[str]:
    """Bring the package's catalogs to its messages."""
    template = extracted(package)
    for language in PLURALS:
        file = catalog_file(package, language)
        catalog = read(file, language)
        catalog.update(template, no_fuzzy_matching=True)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(written(catalog, language))
        yield f"{file.relative_to(ROOT)}: {len(catalog)} messages, {len(list(untranslated(catalog)))} to translate"


def compile_catalogs(package: Path) -> Iterator[str]:
    """Compile the package's catalogs."""
    for language in PLURALS:
        file = catalog_file(package, language)
        if file.exists():
            compiled = file.with_suffix(".mo")
            unfinished = compiled.with_suffix(".unfinished")
            with unfinished.open("wb") as out:
                write_mo(out, read(file, language))
            unfinished.replace(compiled)
    yield from ()


def check(package: Path) -> Iterator[str]:
    """Give what is wrong with the package's translations, one sentence each."""
    yield from bare_texts(package)
    wanted = {key(message): message for message in extracted(package) if message.id}
    for language in PLURALS:
        file = catalog_file(package, language)
        catalog = read(file, language)
        name = file.relative_to(ROOT)
        found = {key(message): message for message in catalog if message.id}
        for _, text in sorted(wanted.keys() - found.keys()):
            yield f"{name}: lacks “{text}”"
        for _, text in sorted(found.keys() - wanted.keys()):
            yield f"{name}: has “{text}”, which nothing says any more"
        for where, message in found.items():
            if where in wanted and originals(message) != originals(wanted[where]):
                yield f"{name}: has another plural of “{where[1]}”"
        for message in untranslated(catalog):
            yield f"{name}: no translation of “{key(message)[1]}”"
        for message in found.values():
            if wrong := flaw(message, language=language):
                yield f"{name}: {wrong} “{key(message)[1]}”"


def bare_texts(package: Path) -> Iterator[str]:
    """Give the texts of the package's templates that are not up for translation."""
    for file in templates(package):
        for line, text in bare_text(file.read_text(), is_html=file.suffix == ".html"):
            yield f"{file.relative_to(ROOT)}:{line}: not translated: “{text}”"


def extracted(package: Path) -> Catalog:
    """Read the messages of a package's code and templates."""
    catalog = Catalog(charset="utf-8")
    for file in sorted(package.rglob("*.py")):
        if "migrations" not in file.parts:
            code = file.read_text()
            read_messages(code, into=catalog)
            read_messages("\n".join(within_f_strings(code)), into=catalog)
    for file in templates(package):
        # What Django makes of a template is calls among rows of X. Python's tokenizer minds their indentation.
        code = templatize(file.read_text(), origin=str(file))
        read_messages("\n".join(line.strip() for line in code.splitlines()), into=catalog)
    return catalog


def within_f_strings(code: str) -> Iterator[str]:
    """Give the expressions of f-strings. Before Python 3.12 its tokenizer, by which messages are found, skips them."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FormattedValue):
            yield ast.unparse(node.value)


def templates(package: Path) -> Iterator[Path]:
    """Give a package's templates."""
    for file in sorted(package.rglob("*")):
        if "templates" in file.parts and file.suffix in {".html", ".txt"}:
            yield file


def read_messages(code: str, *, into: Catalog) -> None:
    """Add the messages of some Python code to a catalog."""
    for _, text, _, context in extract("python", io.BytesIO(code.encode()), keywords=KEYWORDS):
        into.add(text, context=context)


def catalog_file(package: Path, language: str) -> Path:
    """Name the catalog of a package in a language."""
    return package / "locale" / language / "LC_MESSAGES" / "django.po"


def read(file: Path, language: str) -> Catalog:
    """Read a catalog, an empty one if there is no file."""
    text = file.read_text() if file.exists() else HEADER.format(language=language, plurals=PLURALS[language])
    return read_po(io.StringIO(text), locale=language, charset="utf-8")


def written(catalog: Catalog, language: str) -> bytes:
    """Write a catalog down: sorted, with a header that stays the same."""
    out = io.BytesIO()
    out.write(HEADER.format(language=language, plurals=PLURALS[language]).encode())
    write_po(out, catalog, omit_header=True, no_location=True, sort_output=True, ignore_obsolete=True, width=0)
    return out.getvalue().rstrip() + b"\n"


def key(message: Message) -> Key:
    """Name a message: its context and its singular."""
    return message.context or "", originals(message)[0]


def originals(message: Message) -> tuple[str, ...]:
    """Give a message's singular, and its plural if it has one."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def translations(message: Message) -> tuple[str, ...]:
    """Give the translations of a message, one for each plural form."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def untranslated(catalog: Catalog) -> Iterator[Message]:
    """Give the messages of which a translation is missing."""
    for message in catalog:
        texts = translations(message)
        if message.id and not (texts and all(texts)):
            yield message


def flaw(message: Message, *, language: str) -> str:
    """Say what is wrong with a translation, or nothing."""
    if message.fuzzy:
        return "unsure translation (fuzzy) of"
    if differs(message):
        return "other placeholders or tags than in"
    if language in LOOSE and any(LOOSE[language].search(text) for text in translations(message)):
        return "a space that may break a line before a mark, in the translation of"
    if any(STRAIGHT.search(text) for text in translations(message)):
        return "a straight apostrophe, where print has ’, in the translation of"
    if any(ENGLISH_QUOTES.search(text) for text in translations(message)):
        return "English quotation marks, where French and Spanish have « », in the translation of"
    return ""


def differs(message: Message) -> bool:
    """Tell whether a translation has other placeholders or tags. A singular may do without its number."""
    wanted = [sorted(PLACEHOLDERS.findall(text)) for text in originals(message)]
    return any(text and sorted(PLACEHOLDERS.findall(text)) not in wanted for text in translations(message))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
