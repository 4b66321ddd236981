"""Checks find their company and invoices: by themselves where it is sure, with a person's word where it is not."""

from datetime import date

from comptoir.invoicing.models import CompanyCredit
from comptoir.payments.checks.deposits import TypedCheck
from comptoir.payments.checks.matching import candidates
from comptoir.payments.checks.words import in_words
from comptoir.payments.models import KnownPayer, Payment
from tests.factories import issue_invoices

from .conftest import NOVEMBER, Counter


def test_a_scan_line_pays_its_invoice(counter: Counter) -> None:
    line = counter.scan_line(counter.invoice(counter.arches))

    (check,) = counter.receive(TypedCheck(amount_minor=9_900, number="1041", payer="Whoever", remittance=line))

    assert (check.status, check.confidence) == ("applied", 100)
    assert in_words(check.reasons) == [
        "The slip’s scan line names invoice NOR-000001.",
        "The amount is just what is open.",
    ]
    assert counter.open_minor(counter.arches) == [0]
    payment = Payment.objects.get(id=check.payment_id)
    assert (payment.status, payment.origin, payment.kind, payment.method_label) == (
        "succeeded", "check", "check", "1041",
    )  # fmt: skip


def test_a_part_is_paid_in_part(counter: Counter) -> None:
    line = counter.scan_line(counter.invoice(counter.arches))
    (check,) = counter.receive(TypedCheck(amount_minor=5_000, remittance=line))
    assert (check.status, counter.open_minor(counter.arches)) == ("applied", [4_900])


def test_several_checks_pay_one_invoice(counter: Counter) -> None:
    line = counter.scan_line(counter.invoice(counter.arches))
    first, second = counter.receive(
        TypedCheck(amount_minor=5_000, number="1", remittance=line),
        TypedCheck(amount_minor=4_900, number="2", remittance=line),
    )
    assert (first.status, second.status, counter.open_minor(counter.arches)) == ("applied", "applied", [0])


def test_one_check_pays_several_invoices(counter: Counter) -> None:
    issue_invoices(vendor=counter.vendor, through=NOVEMBER, issue_date=date(2020, 9, 16))
    slips = " / ".join(counter.scan_line(counter.invoice(counter.arches, place=place)) for place in (0, 1))
    (check,) = counter.receive(TypedCheck(amount_minor=19_800, remittance=slips))
    assert (check.status, counter.open_minor(counter.arches)) == ("applied", [0, 0])


def test_what_is_too_much_is_the_companys_credit(counter: Counter) -> None:
    line = counter.scan_line(counter.invoice(counter.arches))
    (check,) = counter.receive(TypedCheck(amount_minor=10_000, remittance=line))
    assert (check.status, counter.open_minor(counter.arches)) == ("applied", [0])
    assert CompanyCredit.objects.get(company=counter.arches).balance_minor == 100


def test_an_unknown_payer_waits_until_someone_knows(counter: Counter) -> None:
    (check,) = counter.receive(TypedCheck(amount_minor=1_234, payer="J. Doe"))
    assert check.status == "waiting"
    assert candidates(check) == []

    counter.decide(check, counter.bistro, {counter.invoice(counter.bistro): 1_234})

    assert (check.status, check.matched_by, counter.open_minor(counter.bistro)) == ("applied", "Nora", [3_666])


def test_a_name_once_matched_is_remembered(counter: Counter) -> None:
    (first,) = counter.receive(TypedCheck(amount_minor=900, number="70", payer="Verdi Holdings, LLC"))
    counter.decide(first, counter.bistro, {counter.invoice(counter.bistro): 900})
    assert KnownPayer.objects.get().name == "verdi holdings"

    (second,) = counter.receive(TypedCheck(amount_minor=4_000, number="71", payer="VERDI HOLDINGS L.L.C."))

    assert (second.status, second.confidence) == ("applied", 100)
    assert in_words(second.reasons) == [
        "Nora matched checks of “VERDI HOLDINGS L.L.C.” to this company before.",
        "The amount is just what is open.",
        "Its number 71 follows the company’s last check.",
    ]


def test_the_own_name_and_amount_ask_a_person_first(counter: Counter) -> None:
    (check,) = counter.receive(TypedCheck(amount_minor=9_900, payer="ARCHES BURGERS"))
    (candidate,) = candidates(check)
    assert (check.status, candidate.company_id, candidate.confidence) == ("waiting", counter.arches.id, 85)
    assert candidate.amounts == {counter.invoice(counter.arches).id: 9_900}


def test_the_amount_alone_is_a_hint(counter: Counter) -> None:
    (check,) = counter.receive(TypedCheck(amount_minor=4_900))
    (candidate,) = candidates(check)
    assert (check.status, candidate.company_id, candidate.confidence) == ("waiting", counter.bistro.id, 50)


def test_a_misread_line_is_never_trusted(counter: Counter) -> None:
    line = counter.scan_line(counter.invoice(counter.arches))
    wrong = line[:-1] + str((int(line[-1]) + 1) % 10)
    (check,) = counter.receive(TypedCheck(amount_minor=9_900, payer="Arches Burgers", number="9", remittance=wrong))
    (candidate,) = candidates(check)
    assert check.status == "waiting"
    assert f"A scan line was misread: {wrong}. Compare it with the slip." in in_words(candidate.reasons)


def test_the_same_check_twice_is_looked_at(counter: Counter) -> None:
    line = counter.scan_line(counter.invoice(counter.arches))
    typed = TypedCheck(amount_minor=4_000, number="1041", payer="Arches", remittance=line)
    first, second = counter.receive(typed, typed)
    assert (first.status, second.status) == ("applied", "waiting")
    assert in_words(candidates(second)[0].reasons)[-1] == (
        "A check of this number, name and amount came on Sep 16, 2020 already."
    )


def test_an_invoice_paid_already_is_looked_at(counter: Counter) -> None:
    line = counter.scan_line(counter.invoice(counter.arches))
    first, second = counter.receive(
        TypedCheck(amount_minor=9_900, number="1", remittance=line),
        TypedCheck(amount_minor=9_900, number="2", remittance=line),
    )
    assert (first.status, second.status) == ("applied", "waiting")
    (candidate,) = candidates(second)
    assert "What it names is paid already, or on its way." in in_words(candidate.reasons)
