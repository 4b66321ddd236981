"""Nothing of a payer's account is kept with a check: what banks write into files is cut, what people type refused."""

import pytest
from django.db import transaction

from comptoir.kit.safe_words import AccountNumberFound
from comptoir.payments.checks.deciding import return_check
from comptoir.payments.checks.deposits import TypedCheck, add_check, drop_deposit
from comptoir.payments.checks.files import UploadedFile, take_bank_file
from comptoir.payments.models import BankFile, CheckDecision, Deposit, ReceivedCheck
from comptoir.tenancy.models import AuditEntry
from tests.factories import NOW, TODAY

from .bank import bai2
from .conftest import Counter

# The magnetic line at a check's foot: routing number, account, the check's own number.
FOOT = "⑆110000000⑆ 000123456789⑈ 1041"


@pytest.mark.parametrize("typed_in", ["payer", "remittance"])
def test_the_line_at_a_checks_foot_is_refused(counter: Counter, typed_in: str) -> None:
    deposit_id = counter.open(total_minor=9_900, count=1)
    check = TypedCheck(amount_minor=9_900, **{typed_in: FOOT})
    with pytest.raises(AccountNumberFound), transaction.atomic():
        add_check(vendor_id=counter.vendor.id, deposit_id=deposit_id, check=check)
    assert not ReceivedCheck.objects.exists()
    with pytest.raises(AccountNumberFound), transaction.atomic():
        drop_deposit(vendor_id=counter.vendor.id, deposit_id=deposit_id, actor=counter.nora, reason=FOOT)
    assert Deposit.objects.get().status == "open"


def test_a_scan_line_of_ours_is_no_account_number(counter: Counter) -> None:
    line = counter.scan_line(counter.invoice(counter.arches))
    (check,) = counter.receive(TypedCheck(amount_minor=9_900, remittance=f"{line} / {line}"))
    assert check.status == "applied"


def test_a_check_comes_back_without_a_number_in_the_reason(counter: Counter) -> None:
    (check,) = counter.receive(TypedCheck(amount_minor=9_900, number="1041", payer="Arches Burgers LLC"))
    with pytest.raises(AccountNumberFound), transaction.atomic():
        return_check(vendor_id=counter.vendor.id, public_id=check.public_id, actor=counter.nora, today=TODAY, note=FOOT)
    assert not CheckDecision.objects.exists()


def test_a_bank_file_named_after_an_account_is_taken_and_renamed(counter: Counter) -> None:
    (check,) = counter.receive(TypedCheck(amount_minor=9_900, number="1041", payer="Arches Burgers LLC"))
    content = bai2(("555", 9_900, "R1", "1041", ""))
    file = UploadedFile(filename="110000000 000123456789.bai", content=content)
    with transaction.atomic():
        take_bank_file(vendor_id=counter.vendor.id, currency="USD", file=file, actor=counter.nora, today=TODAY, now=NOW)
    assert BankFile.objects.get().filename == "•••••0000 ••••••••6789.bai"
    assert CheckDecision.objects.get(received=check).note == "•••••0000 ••••••••6789.bai"
    assert not AuditEntry.objects.filter(reason__contains="000123456789").exists()
