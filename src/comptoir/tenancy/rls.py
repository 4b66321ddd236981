"""Row-level security as migration operations: which role sees which rows of a table.

Every business table is protected in the migration that creates it; a test refuses one that is not.
"""

from dataclasses import dataclass
from typing import Literal

from django.db import connection
from django.db.migrations.operations.special import RunSQL

OWN_COMPANY = "nullif(current_setting('app.company_id', true), '')::bigint"
OWN_VENDOR = "nullif(current_setting('app.vendor_id', true), '')::bigint"
OWN_USER = "nullif(current_setting('app.user_id', true), '')::bigint"

# PostgreSQL lets everybody make temporary tables, which it finds before ours unless told otherwise, and call every
# function, in a trigger on a table of one's own, too. Either would make our rules, which run as the owner, a way out.
CLOSE = """
DO $$ DECLARE rule regprocedure; BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    FOR rule IN SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        AND proowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
    LOOP EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', rule); END LOOP;
    FOR rule IN SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
        AND proowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
    LOOP EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_temp', rule); END LOOP;
END $$
"""


@dataclass(frozen=True, slots=True)
class Access:
    """What a role may do with a table: SQL privileges, and the condition that its rows meet.

    ``written`` is the condition that rows must meet which the role writes, where it is narrower than that of the rows
    that it sees. ``{table}`` in a condition stands for the table's own name.
    """

    privileges: str
    rows: str
    written: str = ""


def own_company(privileges: str, *, column: str = "company_id") -> Access:
    """Return access to the rows of the company whose door is open."""
    return Access(privileges, f"{column} = {OWN_COMPANY}")


def own_vendor(privileges: str, *, column: str = "vendor_id") -> Access:
    """Return access to the rows of the vendor whose door is open."""
    return Access(privileges, f"{column} = {OWN_VENDOR}")


def visible_parent(privileges: str, *, parent: str, column: str) -> Access:
    """Return access to the rows whose parent row the role can see itself."""
    return Access(privileges, f"EXISTS (SELECT 1 FROM {parent} parent WHERE parent.id = {{table}}.{column})")


def protect(
    table: str, *, portal: Access | None = None, staff: Access | None = None, intake: Access | None = None
) -> RunSQL:
    """Return the operation that closes ``table`` to all but its owner, and opens it to each role as told."""
    statements = [f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"]
    for role, access in (("portal", portal), ("staff", staff), ("intake", intake)):
        if access is None:
            continue
        statements.append(f"GRANT {access.privileges} ON {table} TO comptoir_{role}")
        rows = access.rows.format(table=table)
        written = access.written.format(table=table) or rows
        statements.append(f"CREATE POLICY {role} ON {table} TO comptoir_{role} USING ({rows}) WITH CHECK ({written})")
        if "INSERT" in access.privileges:
            statements.append(_grant_sequence(table, role=f"comptoir_{role}"))
    return RunSQL(";\n".join(statements), RunSQL.noop)


def open_to_web(table: str, privileges: str) -> RunSQL:
    """Return the operation that lets the web's own login use a table of sessions or logins, before any door is open."""
    grant = f"GRANT {privileges} ON {table} TO comptoir_web"
    return RunSQL(f"{grant};\n{_grant_sequence(table, role='comptoir_web')}", RunSQL.noop)


def may_emit(role: Literal["portal", "staff"], *names: str) -> RunSQL:
    """Return the operation that lets a role's pages set the events ``names`` in motion."""
    rows = ", ".join(f"('{role}', '{name}')" for name in names)
    listed = ", ".join(f"'{name}'" for name in names)
    return RunSQL(
        f"INSERT INTO tenancy_doorevent (role, name) VALUES {rows}",
        f"DELETE FROM tenancy_doorevent WHERE role = '{role}' AND name IN ({listed})",
    )


def close_what_is_open_by_default(**_signal: object) -> None:
    """Take back what PostgreSQL grants everybody, from this database and every function of ours, however it was made.

    Runs after each migration; doing it again changes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(CLOSE)


def _grant_sequence(table: str, *, role: str) -> str:
    """Write the SQL that lets ``role`` take ids for ``table``, if its ids come from a sequence."""
    return f"""
        DO $$ DECLARE sequence text; BEGIN
            FOR sequence IN
                SELECT s.oid::regclass::text FROM pg_class s JOIN pg_depend d ON d.objid = s.oid
                WHERE s.relkind = 'S' AND d.refobjid = '{table}'::regclass
            LOOP EXECUTE format('GRANT USAGE ON SEQUENCE %s TO {role}', sequence); END LOOP;
        END $$"""
