"""A telephone company's customers moved in three waves, whole, by workers that are killed again and again.

A handful; ``COMPTOIR_TELCO_FILE`` names the published file of its customers, which are moved all.
"""

import os
import random
import re
import signal
import subprocess
import time
from collections import Counter
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from django.db import transaction
from django.db.models import Count
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.config.books import check_books
from comptoir.cutover.comparison.deciding import sign
from comptoir.cutover.comparison.models import Comparison
from comptoir.cutover.comparison.queries import compared_company
from comptoir.cutover.errors import WaveRefused
from comptoir.cutover.models import Handover, Letter, Move
from comptoir.cutover.planning import add_companies, create_wave
from comptoir.cutover.running import send_wave
from comptoir.mailer.models import Message
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.models import Company, Vendor
from tests.databases import Database
from tests.factories import NOW, TESTS, TODAY, make_vendor
from tests.integration.cutover.telco import (
    Customer,
    compare_now,
    customers,
    customers_of,
    old_invoices,
    person,
    public_id,
    run_import,
)
from tests.integration.mailer.mail_server import mail_server
from tests.workers import eventually, is_gone, worker

FILE = os.environ.get("COMPTOIR_TELCO_FILE", "")
WAVES = {"Pilot": date(2020, 10, 1), "Second": date(2020, 11, 1), "Third": date(2020, 12, 1)}


class PostOffice:
    """What the mail server took, by message id; a worker may be killed while it hands one over."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.kills_at = 0
        self.victim: subprocess.Popen[bytes] | None = None

    def take(self, message: bytes) -> None:
        found = re.search(rb"^Message-ID: (.*?)\r\n", message, re.MULTILINE | re.IGNORECASE)
        assert found
        self.taken[found[1].decode()] += 1
        if self.victim and self.taken.total() >= self.kills_at:
            self.victim.send_signal(signal.SIGKILL)
            self.victim.wait()
            self.victim = None


@pytest.fixture
def telco(fresh_database: Database) -> Vendor:
    return make_vendor(slug="telco", name="Telco")


def test_nobody_is_forgotten_and_nothing_goes_out_twice_by_itself(
    telco: Vendor, fresh_database: Database, tmp_path: Path
) -> None:
    owned = customers_of(Path(FILE)) if FILE else customers(18)
    wrong = _imported_and_compared(telco, owned)
    post, log = PostOffice(), tmp_path / "worker.log"
    thirds = [[public_id(customer.number) for customer in owned[position::3]] for position in range(3)]
    waves = [
        _planned(telco, name=name, first_month=first_month, members=members)
        for (name, first_month), members in zip(WAVES.items(), thirds, strict=True)
    ]
    with pytest.raises(WaveRefused, match="cannot be moved as they are"):
        _send(telco, waves[0])
    _signed(telco, wrong)

    in_hand: set[int] = set()
    with mail_server(about_recipients="250 fine", take=post.take) as port:
        settings = {"EMAIL_URL": f"smtp://127.0.0.1:{port}/"}
        for wave_id, killed in zip(waves, KILLED, strict=True):
            _send(telco, wave_id)
            killed(fresh_database, post, log, settings)
            in_hand |= _begun_and_not_done()
            is_gone()
        with worker(fresh_database, log, **settings):
            eventually(lambda: not _anything_to_do(), log)

    letters = Message.objects.filter(company__isnull=False)
    assert letters.count() == letters.values("to").distinct().count() == len(owned)
    assert not Move.objects.filter(moved_on=None).exists()
    assert not Company.objects.filter(billed_since=None).exists()
    assert Letter.objects.count() == len(owned)
    assert set(post.taken.values()) == {1}, "the mail server never got one twice"
    sent, in_doubt = letters.exclude(sent_at=None).count(), _begun_and_not_done()
    assert sent + len(in_doubt) == len(owned)
    assert len(in_doubt) >= 2
    assert in_doubt <= in_hand, "only what a worker had in its hands when it was killed"
    assert letters.exclude(doubted_at=None).count() == len(in_doubt), "and all of it is on a person's list"
    assert sent <= post.taken.total() <= len(owned)
    services = Subscription.objects.annotate(times=Count("handover"))
    assert set(services.values_list("times", flat=True)) == {1}
    assert Handover.objects.count() == services.count()
    assert check_books() == []


@transaction.atomic
def _planned(telco: Vendor, *, name: str, first_month: date, members: list[UUID]) -> int:
    wave_id = create_wave(
        vendor_id=telco.id,
        name=name,
        first_invoice_month=first_month,
        deadline=date(2020, 9, 30),
        actor=TESTS,
        today=TODAY,
    )
    add_companies(vendor_id=telco.id, wave_id=wave_id, company_public_ids=members, actor=TESTS)
    return wave_id


@transaction.atomic
def _send(telco: Vendor, wave_id: int) -> None:
    send_wave(vendor_id=telco.id, wave_id=wave_id, actor=TESTS, today=TODAY, now=NOW)


def _imported_and_compared(telco: Vendor, owned: list[Customer]) -> set[str]:
    """Import the customers and their old invoices, and have them compared; return whose invoice is wrong."""
    assert run_import([customer.row for customer in owned]).refused == 0
    invoices = list(old_invoices(owned))
    assert run_import([row for row, _verdict in invoices], kind="invoices").refused == 0
    wrong = {
        customer.number for customer, (_row, verdict) in zip(owned, invoices, strict=True) if verdict == "unexplained"
    }
    compare_now(telco)
    found = Comparison.objects.filter(verdict="unexplained").values_list("company__number", flat=True)
    assert set(found) == wrong, "every wrong one, and none else"
    return wrong


def _signed(telco: Vendor, numbers: set[str]) -> None:
    manager = person(telco, "manager")
    for number in numbers:
        company = public_id(number)
        shown = compared_company(vendor_id=telco.id, company_public_id=company)
        sign(
            vendor_id=telco.id,
            company_public_id=company,
            fingerprint=shown.fingerprint,
            reason="Their old invoice was wrong.",
            actor=manager,
            now=NOW,
        )


def _killed_at_any_moment(database: Database, post: PostOffice, log: Path, settings: dict[str, str]) -> None:
    taken = post.taken.total()
    with worker(database, log, **settings) as process:
        eventually(lambda: post.taken.total() > taken, log)
        time.sleep(random.random() / 2)  # noqa: S311  any moment will do
        process.kill()


def _killed_over_a_letter(database: Database, post: PostOffice, log: Path, settings: dict[str, str]) -> None:
    post.kills_at = post.taken.total() + 2
    with worker(database, log, **settings) as process:
        post.victim = process
        eventually(lambda: process.poll() is not None, log)


def _begun_and_not_done() -> set[int]:
    begun = Message.objects.filter(company__isnull=False, sent_at=None).exclude(sending_at=None)
    return set(begun.values_list("id", flat=True))


def _anything_to_do() -> bool:
    moving = Move.objects.filter(wave__sent_at__isnull=False, moved_on=None).exists()
    return moving or ProcrastinateJob.objects.filter(status__in=["todo", "doing"], task_name="mailer.deliver").exists()


KILLED = (_killed_over_a_letter, _killed_at_any_moment, _killed_over_a_letter)
