"""The bank's files: each check finds its way, each deposit ties out or is looked at, and nothing is taken twice."""

import pytest
from django.db import transaction

from comptoir.kit.toml_section import ProfileInvalid
from comptoir.payments.checks.deposits import TypedCheck, add_check, close_deposit
from comptoir.payments.checks.errors import BankFileRefused
from comptoir.payments.checks.files import UploadedFile, take_bank_file
from comptoir.payments.checks.queries import bank_file, deposits
from comptoir.payments.models import BankFile, Deposit, ReceivedCheck
from comptoir.work.models import WorkItem
from tests.factories import NOW, TODAY
from tests.running import work

from .bank import PROFILE, STATEMENT, bai2, csv
from .conftest import Counter


def take(counter: Counter, content: bytes, *, profile: str = "") -> int:
    with transaction.atomic():
        number = take_bank_file(
            vendor_id=counter.vendor.id,
            currency="USD",
            file=UploadedFile(filename="bank.txt", content=content, profile_name="bank.toml", profile=profile),
            actor=counter.nora,
            today=TODAY,
            now=NOW,
        )
    work()
    return number


def lockbox(counter: Counter, *, total: int = 14_800) -> bytes:
    line = counter.scan_line(counter.invoice(counter.arches))
    return bai2(
        ("115", total, "LBX1", "", "LOCKBOX 68751"),
        ("116", 9_900, "", "1041", f"ARCHES BURGERS LLC {line}"),
        ("116", 4_900, "", "882", "BISTRO VERTE INC NOR-000002"),
        ("142", 50_000, "", "", "STRIPE PAYOUT"),
    )


def test_a_lockbox_pays_what_its_slips_name(counter: Counter) -> None:
    number = take(counter, lockbox(counter))

    (row,) = deposits(vendor_id=counter.vendor.id)
    assert (row.status, row.from_bank, row.count, row.minor, row.difference_minor) == ("posted", True, 2, 14_800, 0)
    assert counter.open_minor(counter.arches) + counter.open_minor(counter.bistro) == [0, 0]
    told = bank_file(vendor_id=counter.vendor.id, bank_file_id=number)
    assert (told.checks_read, told.other_lines) == (2, 1)
    assert list(ReceivedCheck.objects.order_by("id").values_list("payer", "number")) == [
        ("ARCHES BURGERS LLC", "1041"), ("BISTRO VERTE INC", "882"),
    ]  # fmt: skip


def test_the_same_file_again_is_refused_and_an_overlapping_one_brings_only_what_is_new(counter: Counter) -> None:
    take(counter, lockbox(counter))
    with pytest.raises(BankFileRefused, match="read before"):
        take(counter, lockbox(counter))
    assert (BankFile.objects.count(), ReceivedCheck.objects.count()) == (1, 2)

    number = take(counter, lockbox(counter) + b"\n")

    assert bank_file(vendor_id=counter.vendor.id, bank_file_id=number).known_before == 1
    assert ReceivedCheck.objects.count() == 2


def test_a_deposit_that_does_not_tie_out_waits_with_its_difference(counter: Counter) -> None:
    take(counter, lockbox(counter, total=15_000))

    (row,) = deposits(vendor_id=counter.vendor.id)
    assert (row.status, row.difference_minor) == ("open", 200)
    assert counter.open_minor(counter.arches) == [9_900]

    with transaction.atomic():
        add_check(vendor_id=counter.vendor.id, deposit_id=row.id, check=TypedCheck(amount_minor=200, payer="J. Doe"))
        close_deposit(vendor_id=counter.vendor.id, deposit_id=row.id, actor=counter.nora)
    work()

    assert Deposit.objects.get(id=row.id).status == "posted"
    assert counter.open_minor(counter.arches) == [0]


def test_the_banks_total_confirms_a_deposit_that_was_typed(counter: Counter) -> None:
    line = counter.scan_line(counter.invoice(counter.arches))
    counter.receive(TypedCheck(amount_minor=9_900, number="1041", remittance=line))

    take(counter, bai2(("301", 9_900, "DEP77", "", "BRANCH DEPOSIT")))

    (row,) = deposits(vendor_id=counter.vendor.id)
    assert (row.from_bank, row.bank_reference, row.count) == (True, "DEP77", 1)


def test_a_returned_check_is_taken_back(counter: Counter) -> None:
    line = counter.scan_line(counter.invoice(counter.arches))
    (check,) = counter.receive(TypedCheck(amount_minor=9_900, number="1041", payer="Arches", remittance=line))

    number = take(counter, bai2(("555", 9_900, "R1", "0001041", "RETURNED ITEM"), ("555", 77, "R2", "5", "WHO")))

    check.refresh_from_db()
    assert (check.status, counter.open_minor(counter.arches)) == ("returned", [9_900])
    (unknown,) = bank_file(vendor_id=counter.vendor.id, bank_file_id=number).returns_unknown
    assert (unknown["amount_minor"], unknown["number"]) == (77, "5")
    item = WorkItem.objects.get(kind="check_return_unknown")
    assert item.subject == f"bank_file:{number}", "what came back and is not known is work for a person"


def test_a_csv_file_is_read_through_its_profile(counter: Counter) -> None:
    line = counter.scan_line(counter.invoice(counter.arches))
    content = csv(
        ("09/16/2020", "A", "CHK", "1041", "$99.00", "Arches Burgers", line),
        ("09/16/2020", "B", "CHK", "77", "$1,049.00", "Bistro Verte Inc", "NOR-000002"),
        ("09/16/2020", "B", "TOTAL", "", "$1,049.00", "", ""),
        ("09/16/2020", "", "FEE", "", "$12.00", "", ""),
    )
    number = take(counter, content, profile=PROFILE)

    assert [(row.minor, row.status) for row in deposits(vendor_id=counter.vendor.id)] == [
        (104_900, "posted"), (9_900, "posted"),
    ]  # fmt: skip
    assert bank_file(vendor_id=counter.vendor.id, bank_file_id=number).other_lines == 1
    assert counter.open_minor(counter.arches) == [0]


@pytest.mark.parametrize(
    ("says", "status", "left", "unknown"), [("", "returned", 9_900, 1), ("other", "applied", 0, 0)]
)
def test_what_left_the_account_is_no_check_that_came_in(
    counter: Counter, says: str, status: str, left: int, unknown: int
) -> None:
    line = counter.scan_line(counter.invoice(counter.arches))
    (check,) = counter.receive(TypedCheck(amount_minor=9_900, number="1041", payer="Arches", remittance=line))
    content = csv(
        ("09/16/2020", "", "", "882", "$49.00", "Bistro Verte Inc", "NOR-000002"),
        ("09/16/2020", "", "", "1041", "-$99.00", "Arches", line),
        ("09/16/2020", "", "", "", "$-12.00", "MONTHLY FEE", ""),
    )
    profile = STATEMENT.replace("[checks]", f'[checks]\nnegative = "{says}"') if says else STATEMENT

    number = take(counter, content, profile=profile)

    assert [row.minor for row in deposits(vendor_id=counter.vendor.id)] == [4_900, 9_900]
    told = bank_file(vendor_id=counter.vendor.id, bank_file_id=number)
    assert (told.checks_read, len(told.returns_unknown), told.other_lines) == (1, unknown, 0 if unknown else 2)
    check.refresh_from_db()
    assert (check.status, counter.open_minor(counter.arches)) == (status, [left])


def test_a_longer_export_of_a_day_brings_no_check_twice(counter: Counter) -> None:
    first = ("09/16/2020", "", "CHK", "1041", "$99.00", "Arches Burgers", "")
    take(counter, csv(first), profile=PROFILE)
    with pytest.raises(BankFileRefused, match="read before with another total"):
        take(counter, csv(first, ("09/16/2020", "", "CHK", "77", "$1.00", "Bistro", "")), profile=PROFILE)
    with pytest.raises(BankFileRefused, match="read before, in another deposit"):
        take(counter, csv(first, ("09/16/2020", "", "TOTAL", "", "$99.00", "", "")), profile=PROFILE)
    assert (Deposit.objects.count(), ReceivedCheck.objects.count()) == (1, 1)


def test_a_check_handed_in_again_did_not_come_back_before(counter: Counter) -> None:
    line = counter.scan_line(counter.invoice(counter.arches))
    (check,) = counter.receive(TypedCheck(amount_minor=9_900, number="1041", payer="Arches", remittance=line))
    number = take(counter, csv(("09/15/2020", "", "RTN", "1041", "$99.00", "Arches", "")), profile=PROFILE)
    check.refresh_from_db()
    assert (check.status, counter.open_minor(counter.arches)) == ("applied", [0])
    assert len(bank_file(vendor_id=counter.vendor.id, bank_file_id=number).returns_unknown) == 1


@pytest.mark.parametrize(
    ("content", "profile", "refusal"),
    [
        (b"nonsense", "", "BAI2 file cannot be read"),
        (bai2(("116", 100, "", "1", "X")).replace(b"49,100", b"49,101"), "", "control total"),
        ("é".encode(), "", "no BAI2 file"),
        (
            bai2(("116", 100, "", "1", "X"), currency="CAD"),
            "",
            "about money in CAD, and checks are taken in USD. Hand over the file of an account in USD",
        ),
        (b"a,b\n1,2", PROFILE, "columns that the file does not have"),
        (
            csv(("09/16/2020", "", "TOTAL", "", "$3.00", "", ""), ("09/16/2020", "", "TOTAL", "", "$5.00", "", "")),
            PROFILE,
            "Line 3: a second deposit",
        ),
        (csv(("09/16/2020", "A", "CHK", "1", "-$1.00", "X", "")), PROFILE, "Line 2: an amount below zero"),
        (csv(("09/16/2020", "A", "TOTAL", "", "-$1.00", "", "")), PROFILE, "Line 2: an amount below zero"),
        (csv(("2020-09-16", "A", "CHK", "1", "$1.00", "X", "")), PROFILE, "Line 2: This is not a date"),
    ],
)
def test_what_cannot_be_read_is_refused_whole(counter: Counter, content: bytes, profile: str, refusal: str) -> None:
    with pytest.raises(BankFileRefused, match=refusal):
        take(counter, content, profile=profile)
    assert BankFile.objects.count() == Deposit.objects.count() == 0


def test_of_accounts_in_several_currencies_the_vendors_own_is_read(counter: Counter) -> None:
    number = take(counter, bai2(("116", 700, "", "12", "JOE SMITH"), foreign=[("116", 900, "", "13", "ANN SMITH")]))
    told = bank_file(vendor_id=counter.vendor.id, bank_file_id=number)
    assert (told.checks_read, told.other_lines) == (1, 1)
    assert [check.payer for check in ReceivedCheck.objects.all()] == ["JOE SMITH"]


@pytest.mark.parametrize(
    ("profile", "refusal"),
    [
        ("[checks.columns]\namount = 'Amount'", r"columns\.date"),
        (PROFILE.replace("[checks]", '[checks]\nnegative = "other"'), "checks.negative: This key is not known"),
    ],
)
def test_a_profile_that_says_nonsense_is_refused(counter: Counter, profile: str, refusal: str) -> None:
    with pytest.raises(ProfileInvalid, match=refusal):
        take(counter, csv(), profile=profile)


def test_no_account_number_of_a_payer_is_kept(counter: Counter) -> None:
    take(counter, bai2(("116", 700, "", "12", "JOE SMITH 021000021 000123456789")))
    assert ReceivedCheck.objects.get().payer == "JOE SMITH"
