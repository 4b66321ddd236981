"""What the scenes of the demo's check share: the browsers of its people, the mailbox, waiting."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from .browser import Browser, Form, Page

Seen = TypeVar("Seen")
SHORT_SECONDS = 30
SHOWN_CHARACTERS = 300


class StepFailed(Exception):
    """A step did not show what it should; the message says what it showed instead."""


@dataclass(slots=True)
class Stage:
    """Where the story plays, and what became known on the way."""

    base_url: str
    sandbox_url: str
    products_url: str
    team: Browser = field(default_factory=Browser)
    owner: Browser = field(default_factory=Browser)
    payer: Browser = field(default_factory=Browser)
    visitor: Browser = field(default_factory=Browser)
    companies: dict[str, str] = field(default_factory=dict)
    mails_read: set[str] = field(default_factory=set)

    def console(self, path: str = "") -> str:
        """Return an address of the first vendor's console."""
        return f"{self.base_url}/console/northwind/{path}"

    def portal(self, number: str, path: str = "") -> str:
        """Return an address of the portal of the company with that customer number."""
        return f"{self.base_url}/c/{self.companies[number]}/{path}"

    def next_mail(self, recipient: str, *, containing: str) -> Page:
        """Wait for a mail to ``recipient``, not read yet, that has a link or an attachment ``containing`` this."""

        def look() -> Page | None:
            box = expect(self.visitor.get(f"{self.base_url}/demo/mail/?to={recipient}"))
            for address, _words in reversed(box.links):
                if "/demo/mail/" not in address or "?" in address or address in self.mails_read:
                    continue
                mail = self.visitor.get(address)
                if mail.link(lambda text: containing in text):
                    self.mails_read.add(address)
                    return mail
            return None

        return wait_for(f"a mail to {recipient} with {containing}", look)

    def attachments(self, mail: Page) -> list[str]:
        """Return the names of a mail's attachments, each fetched and seen to be a PDF."""
        names = []
        for address, words in mail.links:
            if "/attachments/" not in address:
                continue
            if not self.visitor.get(address).body.startswith(b"%PDF"):
                raise StepFailed(f"the attachment {words} is no PDF")
            names.append(words)
        return names


def expect(page: Page, *, status: int = 200, words: str = "") -> Page:
    """Return the page if it answered so and has these words. Raises StepFailed."""
    if page.status != status or words not in page.text:
        raise StepFailed(
            f"{page.url} answered {page.status} (expected {status}"
            + (f" with “{words}”" if words else "")
            + f"): {page.text[:SHOWN_CHARACTERS]}"
        )
    return page


def form_with(page: Page, *names: str) -> Form:
    """Return the page's form with these fields. Raises StepFailed."""
    found = expect(page).form(*names)
    if found is None:
        offered = [sorted(form.offered) for form in page.forms]
        raise StepFailed(
            f"{page.url} has no form with {', '.join(names)}, but {offered}: {page.text[:SHOWN_CHARACTERS]}"
        )
    return found


def form_to(page: Page, ending: str) -> Form:
    """Return the page's form whose action ends so. Raises StepFailed."""
    found = next((form for form in expect(page).forms if form.action.endswith(ending)), None)
    if found is None:
        raise StepFailed(f"{page.url} has no form to …{ending}: {page.text[:SHOWN_CHARACTERS]}")
    return found


def link_to(page: Page, part: str) -> str:
    """Return the page's first link whose address or words contain ``part``. Raises StepFailed."""
    found = expect(page).link(lambda text: part in text)
    if found is None:
        raise StepFailed(f"{page.url} has no link to {part}: {page.text[:SHOWN_CHARACTERS]}")
    return found


def state_of(page: Page) -> str:
    """Return the state that the page says its subject is in, or nothing."""
    return expect(page).body.decode().partition('data-state="')[2].partition('"')[0]


def wait_for(what: str, look: Callable[[], Seen | None], *, seconds: float = SHORT_SECONDS) -> Seen:
    """Look twice a second until something is seen. Raises StepFailed when time is up."""
    deadline = time.monotonic() + seconds
    while (seen := look()) is None:
        if time.monotonic() > deadline:
            raise StepFailed(f"{what} did not come within {seconds:.0f} seconds")
        time.sleep(0.5)
    return seen
