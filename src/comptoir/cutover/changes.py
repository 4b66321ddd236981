"""What an import changes of customers that were here: field by field, as the database has it before and after."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from django.db import connection
from psycopg import sql

from .models import ImportChange

# Fields that are amounts in minor units.
AMOUNTS = frozenset({"price", "balance", "last_invoice_amount"})
COLUMNS = sql.SQL("read_id, number, item, field, before, after")

# All that an import says of the changed customers, a row for each field; ``item`` is a store or a service of theirs.
SAID = """
SELECT c.number, '' AS item, said.key AS field, said.value
FROM cutover_changed JOIN tenancy_company c USING (id) JOIN cutover_legacycompany l ON l.company_id = c.id,
    jsonb_each_text(jsonb_build_object(
        'company_name', c.name, 'language', c.language, 'country', c.country,
        'address', (SELECT string_agg(line, ', ') FROM jsonb_array_elements_text(c.address_lines) line),
        'phone', l.phone, 'payment_method', l.paid_by_words, 'balance', l.balance_minor,
        'last_invoice_number', l.last_invoice_number, 'last_invoice_amount', l.last_invoice_minor)) said
UNION ALL
SELECT c.number, '', contact.role || '_email', contact.email
FROM cutover_changed JOIN tenancy_company c USING (id) JOIN customers_contact contact ON contact.company_id = c.id
UNION ALL
SELECT c.number, store.number, said.key, said.value
FROM cutover_changed JOIN tenancy_company c USING (id)
    JOIN customers_ownership o ON o.company_id = c.id AND upper_inf(o.period)
    JOIN customers_location store ON store.id = o.location_id,
    jsonb_each_text(jsonb_build_object(
        'store_name', store.name, 'store_brand', store.brand, 'store_address', store.address, 'store_city', store.city,
        'store_county', store.county, 'store_state', store.state, 'store_zip', store.postal_code,
        'store_country', store.country, 'owned_from', lower(o.period))) said
UNION ALL
SELECT c.number, s.legacy_key, said.key, said.value
FROM cutover_changed JOIN tenancy_company c USING (id) JOIN subscriptions_subscription s ON s.company_id = c.id,
    jsonb_each_text(jsonb_build_object(
        'price', coalesce(s.agreed_price_minor, (
            SELECT p.amount_minor FROM catalog_price p WHERE p.plan_id = s.plan_id AND p.valid_from <= s.billed_through
            ORDER BY p.valid_from DESC LIMIT 1)),
        'bill_day', s.anchor_day, 'starts_on', s.starts_on, 'ends_on', s.ends_on, 'billed_through', s.billed_through,
        'minimum_term_ends_on', s.minimum_term_ends_on)) said
WHERE s.legacy_key <> ''
"""
WHOSE = "CREATE TEMPORARY TABLE cutover_changed AS SELECT unnest(%s::bigint[]) AS id"
BEFORE = f"CREATE TEMPORARY TABLE cutover_said AS {SAID}"
DIFFERENT = f"""
COPY (
    SELECT {{read}}, number, item, field, coalesce(was.value, ''), coalesce(now.value, '')
    FROM cutover_said was FULL JOIN ({SAID}) now USING (number, item, field)
    WHERE coalesce(was.value, '') <> coalesce(now.value, '') ORDER BY number, item, field
) TO STDOUT
"""


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A field of a customer, or of its store or service ``item``, before and after an import; "" is nothing.

    What AMOUNTS names is in minor units.
    """

    number: str
    item: str
    field: str
    before: str
    after: str


@contextmanager
def noting_changes(company_ids: Sequence[int], *, read_id: int, aside: IO[bytes]) -> Iterator[None]:
    """Write what the block changes of these customers into a file of set_aside.

    PostgreSQL compares, and the file holds what it finds: whatever their number, they take no memory here.
    """
    if not company_ids:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(WHOSE, [list(company_ids)])
        cursor.execute(BEFORE)
        yield
        with cursor.copy(sql.SQL(DIFFERENT).format(read=sql.Literal(read_id))) as found:
            for part in found:
                aside.write(part)
        cursor.execute("DROP TABLE cutover_changed, cutover_said")


@contextmanager
def set_aside() -> Iterator[IO[bytes]]:
    """Yield a file for changes, and put them down after the block, even if what it changed was taken back there."""
    with TemporaryFile() as aside:
        yield aside
        aside.seek(0)
        statement = sql.SQL("COPY cutover_importchange ({}) FROM STDIN").format(COLUMNS)
        with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
            while part := aside.read(1 << 16):
                copy.write(part)


def changes_of(*, import_id: int, after: int, limit: int) -> tuple[list[ChangeRow], int]:
    """Return the next of an import's changes, by customer, and what to go on ``after``; from 0 on."""
    found = ImportChange.objects.filter(read_id=import_id, id__gt=after).order_by("id")[:limit]
    rows = list(found.values_list("id", "number", "item", "field", "before", "after"))
    return [ChangeRow(*row) for _id, *row in rows], rows[-1][0] if rows else after
