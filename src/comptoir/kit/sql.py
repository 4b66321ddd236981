"""Building blocks of migrations: rules that PostgreSQL keeps, whoever writes.

A published migration calls these, so their meaning never changes; a new rule is a new function.
"""

from collections.abc import Sequence

from django.db.migrations.operations.special import RunSQL


def append_only(table: str) -> RunSQL:
    """Return the operation that lets rows of ``table`` be inserted and read, never changed, deleted or truncated."""
    return RunSQL(
        f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION kit_refuse_change();
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change();
        """,
        f"DROP TRIGGER {table}_append_only ON {table}; DROP TRIGGER {table}_no_truncate ON {table};",
    )


def never_deleted(table: str) -> RunSQL:
    """Return the operation that keeps rows of ``table`` for ever, so that others may point at them unchecked."""
    return RunSQL(
        f"""
        CREATE TRIGGER {table}_never_deleted BEFORE DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION kit_refuse_change();
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change();
        """,
        f"DROP TRIGGER {table}_never_deleted ON {table}; DROP TRIGGER {table}_no_truncate ON {table};",
    )


def fixed_columns(table: str, columns: Sequence[str]) -> RunSQL:
    """Return the operation that freezes ``columns`` of ``table`` once the row is there."""
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    return RunSQL(
        f"""
        CREATE TRIGGER {table}_fixed_columns BEFORE UPDATE ON {table}
            FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION kit_refuse_change();
        """,
        f"DROP TRIGGER {table}_fixed_columns ON {table};",
    )


def keeps_what_is_pointed_at(table: str, columns: Sequence[str] = ("id",)) -> RunSQL:
    """Return the operation that freezes those ``columns`` of ``table`` by which others, looked at once, know its rows.

    An UPDATE that names none of them does not meet the rule: it costs those nothing that move other columns in bulk.
    """
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    return RunSQL(
        f"""
        CREATE TRIGGER {table}_keeps_what_is_pointed_at BEFORE UPDATE OF {", ".join(columns)} ON {table}
            FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION kit_refuse_change();
        """,
        f"DROP TRIGGER {table}_keeps_what_is_pointed_at ON {table};",
    )


def check_at_commit(table: str, function: str, *, on: str = "INSERT") -> RunSQL:
    """Return the operation that calls trigger ``function`` for each row of ``table`` when the transaction commits."""
    name = f"{function}_at_commit"
    return RunSQL(
        f"""
        CREATE CONSTRAINT TRIGGER {name} AFTER {on} ON {table}
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {function}();
        """,
        f"DROP TRIGGER {name} ON {table};",
    )
