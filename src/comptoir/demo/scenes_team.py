"""What the first vendor's billing team does on its console."""

import re
import time
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from comptoir.cutover.legacy.shipped import shipped_profile

from .browser import Page, Upload
from .cast import CODE_LASTS_SECONDS, NORTHWIND, OLD_INVOICES, PASSWORD
from .scenes_customers import ANSWER, BLUEBIRD, LUCIE, QUESTION
from .stage import Stage, StepFailed, expect, form_to, form_with, link_to, wait_for

ADMIN = NORTHWIND.team[0]
ISSUE_DATE, DUE_DATE, SETTLED = date(2020, 9, 16), date(2020, 10, 1), date(2020, 10, 8)
# The next invoice is left unpaid: what the usual policy does about it on which day.
NEXT_DUE_DATE, FINAL_NOTICE, NIGHT_AFTER = date(2020, 11, 1), date(2020, 11, 18), date(2020, 11, 27)
CLOCK_SECONDS = 240
# Whom the old system charged too much on its last invoice.
OVERCHARGED = {"Harvest Table Partners", "Lighthouse Fish Fry LLC", "Granite State Grill LLC"}


def log_in(stage: Stage) -> str:
    """One of the team logs in with password and one-time code."""
    page = stage.team.get(f"{stage.base_url}/login/")
    page = stage.team.submit(page, form_with(page, "login", "password"), login=ADMIN.email, password=PASSWORD)
    left = CODE_LASTS_SECONDS - time.time() % CODE_LASTS_SECONDS
    if left < 2:  # a code that ends while it is sent is refused
        time.sleep(left)
    expect(stage.team.submit(page, form_with(page, "code"), code=ADMIN.code()))
    expect(stage.team.get(stage.console()), words=NORTHWIND.name)
    return f"{ADMIN.email} is in the console of {NORTHWIND.name}"


def import_customers(stage: Stage) -> str:
    """The old system's export is uploaded with its mapping profile, and read by the worker."""
    report = _upload(stage, NORTHWIND.export, kind="customers")
    for number in (BLUEBIRD, LUCIE):
        stage.companies[number] = wait_for(f"company {number} on the console", partial(_company, stage, number))
    return f"{report.url}: companies {BLUEBIRD} and {LUCIE} are there"


def import_old_invoices(stage: Stage) -> str:
    """So are the last invoices that the old system made."""
    report = _upload(stage, OLD_INVOICES, kind="invoices")
    wait_for("the old invoices", lambda: _has_words(expect(stage.team.get(report.url)), "Sign off the control total"))
    return f"{report.url}: the old invoices are there"


def compare_with_the_old_system(stage: Stage) -> str:
    """The next invoice of each company is compared with its last: who was charged wrongly is found, and none else."""
    page = stage.team.get(stage.console("parallel-run/"))
    expect(stage.team.submit(page, form_with(page, "tolerance"), tolerance="0.00"))
    unexplained = stage.console("parallel-run/?state=open")
    listed = wait_for("the companies compared", partial(_finished, stage, unexplained))
    found = {words for address, words in listed.links if re.search(r"/parallel-run/[0-9a-f-]{36}/$", address)}
    if found != OVERCHARGED:
        raise StepFailed(f"{listed.url} shows {sorted(found)}, and charged wrongly were {sorted(OVERCHARGED)}")
    return f"{listed.url}: {', '.join(sorted(found))}"


def send_first_wave(stage: Stage) -> str:
    """A wave of two companies is planned and sent."""
    page = stage.team.get(stage.console("waves/"))
    form = form_with(page, "name", "first_invoice_month", "deadline")
    wave = stage.team.submit(page, form, name="First wave", first_invoice_month="2020-10", deadline="2020-09-28")
    if not re.search(r"/waves/\d+/$", expect(wave).url):
        raise StepFailed(f"the wave was not planned: {wave.text[:300]}")
    for number in (BLUEBIRD, LUCIE):
        wave = stage.team.get(f"{wave.url.partition('?')[0]}?q={number}")
        wave = expect(stage.team.submit(wave, form_to(wave, "/add/"), company=stage.companies[number]))
    sent = expect(stage.team.submit(wave, form_to(wave, "/send/")), words="2 companies are being moved")
    return f"{sent.url}: 2 companies are being moved"


def team_answers_the_message(stage: Stage) -> str:
    """The clerk finds the owner's message in the inbox, and answers it."""
    inbox = expect(stage.team.get(stage.console("messages/")), words="The lake store is sold")
    seen = expect(stage.team.get(link_to(inbox, "The lake store is sold")), words=QUESTION)
    expect(stage.team.submit(seen, form_with(seen, "text", "attached"), text=ANSWER), words=ANSWER)
    expect(stage.team.get(stage.console("messages/")), words="Every message is answered")
    return f"{seen.url} answered"


def clock_goes_to_issue_date(stage: Stage) -> str:
    """The test clock goes to the day on which October's invoices are issued."""
    return _move_clock(stage, to=ISSUE_DATE)


def clock_goes_to_due_date(stage: Stage) -> str:
    """The test clock goes to the day on which the invoices are due."""
    return _move_clock(stage, to=DUE_DATE)


def clock_goes_on_until_settled(stage: Stage) -> str:
    """The test clock goes on until the bank has settled."""
    return _move_clock(stage, to=SETTLED)


def clock_goes_to_final_notice(stage: Stage) -> str:
    """The test clock goes past the next due date, to the day of the final notice."""
    return _move_clock(stage, to=FINAL_NOTICE)


def clock_goes_to_night_of_suspension(stage: Stage) -> str:
    """The test clock goes past the notice's days, and through the night in which stores are closed."""
    return _move_clock(stage, to=NIGHT_AFTER)


def bill_run_is_planned_and_approved(stage: Stage) -> str:
    """A bill run through October 1 is planned by the worker, approved, and issued."""
    return _bill(stage, through=DUE_DATE)


def next_bill_run_is_planned_and_approved(stage: Stage) -> str:
    """A bill run through November 1 follows."""
    return _bill(stage, through=NEXT_DUE_DATE)


def _bill(stage: Stage, *, through: date) -> str:
    page = stage.team.get(stage.console("bill-runs/"))
    planned = expect(stage.team.submit(page, form_with(page, "through"), through=through.isoformat()))

    def waits_for_approval() -> Page | None:
        seen = expect(stage.team.get(planned.url))
        return seen if any(form.action.endswith("/approve/") for form in seen.forms) else None

    ready = wait_for("the bill run's plan", waits_for_approval)
    expect(stage.team.submit(ready, form_to(ready, "/approve/")))
    wait_for("the issued invoices", lambda: _has_words(expect(stage.team.get(planned.url)), "Invoiced"))
    return f"{planned.url}: planned, approved, issued"


def _company(stage: Stage, number: str) -> str | None:
    """Return the public id of the company with that customer number, once the console's list has it."""
    listed = expect(stage.team.get(stage.console(f"companies/?q={number}")))
    found = re.search(r"/companies/([0-9a-f-]{36})/", " ".join(address for address, _words in listed.links))
    return found[1] if found and number in listed.text else None


def _upload(stage: Stage, file: Path, *, kind: str) -> Page:
    """Upload what the old system exported, with the profile, and return the page of the import."""
    profile = shipped_profile(NORTHWIND.profile)
    page = stage.team.get(stage.console("imports/"))
    report = stage.team.submit(
        page,
        form_with(page, "export"),
        kind=kind,
        export=Upload(name=file.name, content=file.read_bytes()),
        profile=Upload(name=profile.name, content=profile.read_bytes()),
    )
    if not re.search(r"/imports/\d+/$", expect(report).url):
        raise StepFailed(f"the import was not taken: {report.text[:300]}")
    return report


def _finished(stage: Stage, url: str) -> Page | None:
    """Return the page of the parallel run once it has come to its end."""
    seen = expect(stage.team.get(url))
    return seen if "Compared for" in seen.text else None


def _move_clock(stage: Stage, *, to: date) -> str:
    page = stage.team.get(stage.console("clock/"))
    expect(stage.team.submit(page, form_with(page, "to"), to=to.isoformat()))
    tomorrow = (to + timedelta(days=1)).isoformat()

    def arrived() -> bool | None:
        now = stage.team.get(stage.console("clock/"))
        return form_with(now, "to").fields["to"] == [tomorrow] or None

    wait_for(f"the clock's {to}", arrived, seconds=CLOCK_SECONDS)
    return f"the business clock stands on {to}"


def _has_words(page: Page, words: str) -> bool | None:
    return words in page.text or None
