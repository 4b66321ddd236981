"""Reading a customers' file: good rows become records, bad ones are named, and no customer is half read."""

from datetime import date

import pytest

from comptoir.cutover.legacy.errors import ExportUnreadable
from comptoir.cutover.legacy.reader import read_export
from comptoir.cutover.legacy.records import LegacySubscription, PaysByBefore

from .samples import HEADER, profile, read, row


def with_name(name: str) -> str:
    return f"{HEADER}\n{row(Name=name)}"


def test_a_row_becomes_a_company_with_a_store_and_a_subscription() -> None:
    export = read(row(Name="  Bluebird   Diners LLC ", Email=" MARIA@Bluebird.example", Rate="$1,190.00"))
    (company,) = export.companies
    assert (company.number, company.name, company.language) == ("7", "Bluebird Diners LLC", "en")
    assert company.owner_email == "maria@bluebird.example"
    assert company.billing_email == "billing-7@acme.invalid"
    assert company.pays_by_before == PaysByBefore(kind="ach", label="Draft")
    assert [(store.number, store.address.state, store.address.zip) for store in company.stores] == [
        ("7-1", "TX", "78701")
    ]
    assert company.subscriptions == (
        LegacySubscription(
            store_number="7-1",
            product_code="till",
            plan_code="till-basic",
            cadence="monthly",
            anchor_day=1,
            price_minor=119000,
            starts_on=date(2018, 3, 1),
            billed_through=date(2020, 10, 1),
            minimum_term_ends_on=None,
        ),
    )
    assert (export.rows, export.read, export.refused, export.control_total) == (1, 1, 0, "1190.00")
    assert export.findings == ()


def test_rows_of_one_customer_are_gathered_wherever_they_stand() -> None:
    export = read(row(), row(No="8", Store="8-1"), row(Store="7-2", Rate="89.00"))
    bluebird, other = export.companies
    assert [store.number for store in bluebird.stores] == ["7-1", "7-2"]
    assert [item.price_minor for item in bluebird.subscriptions] == [11900, 8900]
    assert (bluebird.lines, other.lines) == ((2, 4), (3,))
    assert (export.rows, export.read, export.control_total) == (3, 2, "327.00")


def test_a_row_without_a_store_is_the_companys_own_subscription() -> None:
    (company,) = read(row(Store="", State="", ZIP="")).companies
    assert company.stores == ()
    assert company.subscriptions[0].store_number is None


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("Name", "", "needed, but blank"),
        ("Email", "maria at bluebird", "not an e-mail address"),
        ("Pay", "Barter", "words.payment_method"),
        ("Pay", "", "needed, but blank"),
        ("Balance", "n/a", "not an amount"),
        ("State", "ZZ", "no such state or province in US"),
        ("State", "Ontario", "no such state or province in US"),
        ("Freq", "weekly", "words.cadence"),
        ("Freq", "quarterly", "does not sell"),
        ("Rate", "12,00", "not an amount"),
        ("Rate", "-5.00", "cannot be negative"),
        ("Rate", "", "needed, but blank"),
        ("Curr", "CAD", "currency is USD"),
        ("Since", "2021-01-01", "after the day"),
        ("Thru", "10/01/2020", "not a date"),
        ("Thru", "2020-02-30", "not a date"),
        ("Thru", "", "needed, but blank"),
        ("Term", "Forever", "words.minimum_term"),
    ],
)
def test_a_bad_cell_refuses_the_whole_customer_and_nobody_else(column: str, value: str, reason: str) -> None:
    export = read(row(), row(**{"Store": "7-2", column: value}), row(No="8", Store="8-1"))
    assert [company.number for company in export.companies] == ["8"]
    assert (export.read, export.refused) == (2, 1)
    (refusal,) = export.refusals
    assert (refusal.line, refusal.number, refusal.column, refusal.value) == (3, "7", column, value)
    assert reason in str(refusal)
    assert "line 3, customer 7" in str(refusal)


@pytest.mark.parametrize(
    ("country", "written", "code"),
    [
        ("US", "california", "CA"),
        ("US", " New  York", "NY"),
        ("US", "US-TX", "TX"),
        ("CA", "Ontario", "ON"),
        ("CA", "Québec", "QC"),
        ("CA", "quebec", "QC"),
        ("CA", "bc", "BC"),
        ("FR", "IDF", "IDF"),
    ],
)
def test_a_state_is_read_by_its_name_or_its_code(country: str, written: str, code: str) -> None:
    content = "\n".join([HEADER, row(State=written)]).encode()
    export = read_export(profile=profile(before='country = "US"', after=f'country = "{country}"'), content=content)
    assert export.findings == ()
    assert next(iter(export.companies)).stores[0].address.state == code


def test_a_states_name_that_is_no_code_is_refused_where_its_country_s_are_not_known() -> None:
    content = "\n".join([HEADER, row(State="Bretagne")]).encode()
    export = read_export(profile=profile(before='country = "US"', after='country = "FR"'), content=content)
    (refusal,) = export.refusals
    assert (refusal.line, refusal.column, refusal.value) == (2, "State", "Bretagne")
    assert "words.state" in refusal.reason


def test_a_store_without_a_state_is_warned_of() -> None:
    content = "\n".join([HEADER, row(State="")]).encode()
    placed = profile(before='country = "US"', after='country = "CA"\nstore_city = "Toronto"')
    export = read_export(profile=placed, content=content)
    (warning,) = export.warnings
    assert (warning.line, warning.column, export.refused) == (2, "State", 0)
    assert "nothing is billed for the place" in warning.done


def test_all_that_is_wrong_with_a_row_is_said_at_once() -> None:
    export = read(row(Email="x", Freq="weekly", Rate="x", Thru="x"))
    assert [finding.column for finding in export.refusals] == ["Email", "Freq", "Rate", "Thru"]
    assert (export.refused, export.control_total) == (1, "0.00")


def test_a_row_with_a_cell_too_many_or_without_a_number_is_refused() -> None:
    export = read(row() + ",extra", row(No=""), row(No="8"))
    assert [finding.line for finding in export.refusals] == [2, 3]
    assert "16 cells where the header has 15" in export.refusals[0].reason
    assert (export.read, export.refused, len(export.companies)) == (3, 2, 1)


def test_the_same_plan_twice_for_a_store_is_refused() -> None:
    export = read(row(), row())
    assert (list(export.companies), export.refused) == ([], 1)
    assert "Line 2 has the same plan" in export.refusals[0].reason


def test_one_row_a_customer_takes_no_number_twice() -> None:
    content = "\n".join([HEADER, row(), row(Store="7-2"), row(No="8")]).encode()
    export = read_export(profile=profile(before='thousands = ","', after='rows = "company"'), content=content)
    assert [company.number for company in export.companies] == ["8"]
    assert (export.read, export.refused) == (2, 1)
    assert "in line 2 already" in export.refusals[0].reason


def test_what_is_odd_but_clear_is_read_with_a_warning() -> None:
    export = read(row(Balance=" ", State="ma", ZIP="2139"), row(Store="7-2", Name="Blue Bird"))
    (company,) = export.companies
    assert (company.stores[0].address.state, company.stores[0].address.zip) == ("MA", "02139")
    assert company.name == "Bluebird Diners LLC"
    assert [(finding.line, finding.column, finding.value) for finding in export.warnings] == [
        (2, "Balance", " "),
        (2, "ZIP", "2139"),
        (3, "Name", "Blue Bird"),
    ]
    assert export.refused == 0


def test_a_customer_without_any_address_is_taken_with_a_warning() -> None:
    content = f"{HEADER}\n{row(Email='')}\n".encode()
    bare = profile(before='billing_email = "billing-{customer_number}@acme.invalid"\n')
    export = read_export(profile=bare, content=content)
    assert next(iter(export.companies)).owner_email == ""
    assert "letters go by post" in export.warnings[0].done


def test_a_minimum_term_is_counted_from_the_start() -> None:
    (company,) = read(row(Term="One year")).companies
    assert company.subscriptions[0].minimum_term_ends_on == date(2021, 3, 1)


def test_the_hash_tells_a_changed_customer_from_an_unchanged_one() -> None:
    first, second = row(), row(Store="7-2")
    (company,) = read(first, second).companies
    (moved,) = read("", second, first).companies
    (changed,) = read(first, row(Store="7-2", Rate="119.01")).companies
    assert moved.lines != company.lines
    assert moved.content_hash == company.content_hash
    assert changed.content_hash != company.content_hash


def test_spaces_in_cells_make_no_difference() -> None:
    spaced = {"Name": " Bluebird   Diners LLC ", "State": "TX ", "Rate": " 119.00 ", "Freq": " Mthly"}
    plain, wide = read(row(), row(Store="7-2")), read(row(), row(Store=" 7-2", **spaced))
    assert list(wide.companies) == list(plain.companies)
    assert (wide.findings, wide.control_total) == (plain.findings, plain.control_total)
    twice = read(row(), row(**{**spaced, "Curr": "EUR"}))
    assert [(refusal.line, refusal.column) for refusal in twice.refusals] == [(3, "Curr"), (3, "product")]


def test_line_numbers_count_the_lines_of_the_file_not_the_rows() -> None:
    export = read(row(Name='"Two\nlines"'), "", ",,,", row(No="8", Rate="x"))
    assert next(iter(export.companies)).name == "Two lines"
    assert (export.refusals[0].line, export.rows) == (6, 2)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_line_ends_and_a_byte_order_mark_make_no_difference(line_end: str, encoding: str) -> None:
    content = line_end.join([HEADER, row(Name="Chez Lucié"), ""]).encode(encoding)
    export = read_export(profile=profile(), content=content)
    assert [company.name for company in export.companies] == ["Chez Lucié"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty"),
        (b"\n\n", "The file is empty"),
        (row().encode(), "no header of this profile"),
        (HEADER.replace(",", ";").encode(), "delimiter"),
        (HEADER.replace(",Rate", "").encode(), "does not have: “Rate”"),
        (f"{HEADER},Colour".encode(), "does not know: “Colour”"),
        (f"{HEADER},Rate".encode(), "more than once: “Rate”"),
        (with_name("Café").encode("cp1252"), "Line 2 has a byte .0xE9. that is not utf-8"),
        (with_name("Café").encode("utf-16"), "Line 1 has a byte"),
        (with_name("a\0b").encode(), "Line 2 has a NUL"),
        (with_name('"open').encode(), "begins in line 2 is not well-formed"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_not_read(content: bytes, message: str) -> None:
    with pytest.raises(ExportUnreadable, match=message):
        read_export(profile=profile(), content=content)


def test_a_file_marked_utf_8_is_not_read_as_something_else() -> None:
    western = profile(before='thousands = ","', after='encoding = "cp1252"')
    with pytest.raises(ExportUnreadable, match="marked as UTF-8"):
        read_export(profile=western, content=HEADER.encode("utf-8-sig"))
