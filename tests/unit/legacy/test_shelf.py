"""Records put aside in a file come back as they were, in their order, and can be gone on with."""

from comptoir.cutover.legacy.shelf import OPEN, Shelf
from tests.unit.legacy.samples import read, row

MANY = 3 * OPEN + 1


def test_many_records_come_back_in_the_order_of_their_keys() -> None:
    shelf = Shelf[list[int]]()
    for number in range(MANY):
        shelf.put(str(number), [number])
    assert list(shelf) == [str(number) for number in range(MANY)]
    assert [shelf[key] for key in reversed(list(shelf))] == [[number] for number in reversed(range(MANY))]


def test_a_record_that_was_put_aside_is_gone_on_with() -> None:
    shelf = Shelf[list[int]]()
    for _round in range(3):
        for number in range(MANY):
            kept = shelf.at_hand(str(number))
            if kept is None:
                shelf.put(str(number), [number])
            else:
                kept.append(number)
    assert [shelf[key] for key in shelf] == [[number] * 3 for number in range(MANY)]
    assert shelf.at_hand("another") is None


def test_rows_of_a_customer_from_far_apart_are_read_as_one() -> None:
    others = [row(No=str(number), Store=f"{number}-1") for number in range(100, 100 + MANY)]
    first, second = row(), row(Store="7-2")
    export = read(first, *others, second, row())
    assert (export.read, export.refused, len(export.companies)) == (MANY + 1, 1, MANY)
    assert "Line 2 has the same plan" in export.findings[-1].reason
    together, apart = read(first, second, *others), read(first, *others, second)
    assert [each.content_hash for each in together.companies] == [each.content_hash for each in apart.companies]
