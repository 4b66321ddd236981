"""A browser without a window: cookies, links, forms as the page has them, and nothing that a page does not offer."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

ANSWER_SECONDS = 60
NOT_SENT = ("submit", "button", "checkbox", "radio", "file", "image", "reset")
SILENT = ("script", "style", "title", "svg")


@dataclass(slots=True)
class Form:
    """A form of a page: what it would send if nothing were typed, and the files and choices it asks for."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    offered: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send with a form."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """What came back for an address."""

    status: int
    url: str
    body: bytes
    media_type: str
    text: str
    links: tuple[tuple[str, str], ...]
    forms: tuple[Form, ...]

    def link(self, wanted: Callable[[str], bool]) -> str | None:
        """Return the address of the first link whose address or words are wanted, else None."""
        return next((address for address, words in self.links if wanted(address) or wanted(words)), None)

    def form(self, *names: str) -> Form | None:
        """Return the first form that has all these fields, else None."""
        return next((form for form in self.forms if all(name in form.offered for name in names)), None)


class Browser:
    """One person's browser, with its own cookies. It follows where answers lead and never raises for a status."""

    def __init__(self, *, language: str = "en") -> None:
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))
        self._opener.addheaders = [("Accept-Language", language), ("User-Agent", "Comptoir's demo, checking itself")]

    def get(self, url: str) -> Page:
        """Open an address."""
        return self._answer(Request(url))  # noqa: S310  our own addresses

    def submit(self, page: Page, form: Form, **typed: str | list[str] | Upload) -> Page:
        """Send a form as the page has it, with what is typed, chosen or attached in its stead."""
        values = dict(form.fields)
        values |= {
            name: [value] if isinstance(value, str) else value
            for name, value in typed.items()
            if not isinstance(value, Upload)
        }
        files = {name: value for name, value in typed.items() if isinstance(value, Upload)}
        target = urljoin(page.url, form.action or page.url)
        if form.method == "get":
            return self.get(f"{target.partition('?')[0]}?{urlencode(values, doseq=True)}")
        body, media_type = (
            _multipart(values, files)
            if files
            else (urlencode(values, doseq=True).encode(), "application/x-www-form-urlencoded")
        )
        return self._answer(Request(target, body, {"Content-Type": media_type, "Referer": page.url}))  # noqa: S310

    def _answer(self, request: Request) -> Page:
        try:
            answer = self._opener.open(request, timeout=ANSWER_SECONDS)
        except HTTPError as refusal:
            answer = refusal
        with answer:
            return _page(
                url=answer.url, status=answer.status, body=answer.read(), media_type=answer.headers.get_content_type()
            )


def _page(*, url: str, status: int, body: bytes, media_type: str) -> Page:
    reader = _Reader()
    if media_type == "text/html":
        reader.feed(body.decode(errors="replace"))
    return Page(
        status=status,
        url=url,
        body=body,
        media_type=media_type,
        text=" ".join(" ".join(reader.words).split()),
        links=tuple((urljoin(url, address), " ".join(" ".join(words).split())) for address, words in reader.links),
        forms=tuple(reader.forms),
    )


def _multipart(values: Mapping[str, list[str]], files: Mapping[str, Upload]) -> tuple[bytes, str]:
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, several in values.items()
        for value in several
    ]
    parts += [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file.name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
        + file.content
        + b"\r\n"
        for name, file in files.items()
    ]
    return b"".join([*parts, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"


class _Reader(HTMLParser):
    """Collects a page's words, links and forms."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[tuple[str, list[str]]] = []
        self.forms: list[Form] = []
        self._silent = 0
        self._in_link = self._in_form = False
        self._select = self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in SILENT:
            self._silent += 1
        elif tag == "a" and "href" in given:
            self.links.append((given["href"], []))
            self._in_link = True
        elif tag == "form":
            self.forms.append(Form(action=given.get("action", ""), method=given.get("method", "get").lower()))
            self._in_form = True
        elif self._in_form:
            self._control(tag, given)

    def _control(self, tag: str, given: Mapping[str, str]) -> None:
        form, name = self.forms[-1], given.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._textarea = name
        elif tag == "option" and self._select:
            form.offered.setdefault(self._select, []).append(given.get("value", ""))
            if "selected" in given or self._select not in form.fields:
                form.fields[self._select] = [given.get("value", "")]
        elif tag in ("input", "button") and name:
            kind = given.get("type", "text" if tag == "input" else "submit")
            form.offered.setdefault(name, []).append(given.get("value", ""))
            if kind not in NOT_SENT or (kind in ("checkbox", "radio") and "checked" in given):
                unsaid = "on" if kind in ("checkbox", "radio") else ""
                form.fields.setdefault(name, []).append(given.get("value", unsaid))
        if tag == "textarea" and name:
            form.offered[name], form.fields[name] = [""], [""]

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent -= 1
        self._in_link = self._in_link and tag != "a"
        self._in_form = self._in_form and tag != "form"
        self._select = "" if tag == "select" else self._select
        self._textarea = "" if tag == "textarea" else self._textarea

    def handle_data(self, data: str) -> None:
        if self._textarea:
            form = self.forms[-1]
            form.fields[self._textarea] = [form.fields[self._textarea][0] + data]
        elif not self._silent:
            self.words.append(data)
            if self._in_link:
                self.links[-1][1].append(data)
