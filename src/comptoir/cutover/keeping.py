"""Keeping an old system's file, as it was handed over, with the profile to read it through."""

from hashlib import sha256

import psycopg
from django.db import connection

from comptoir.tenancy.audit import Actor

# Django writes its parameters into the statement, which takes several times a file's size; the driver's own cursor
# sends them beside it, and bytes as they are.
KEPT = """
INSERT INTO cutover_legacyimport
    (vendor_id, kind, is_trial, profile_name, profile, filename, content, sha256, status, requested_by)
VALUES (%(vendor)s, %(kind)s, %(is_trial)s, %(profile_name)s, %(profile)s, %(filename)s, %(content)b, %(sha256)s,
        'requested', %(by)s)
RETURNING id
"""


def keep_file(
    *,
    vendor_id: int,
    kind: str,
    is_trial: bool,
    profile_name: str,
    profile_text: str,
    filename: str,
    content: bytes,
    actor: Actor,
) -> int:
    """Keep a file that is to be imported, in the caller's transaction, and return the import's id."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(
            KEPT,
            {
                "vendor": vendor_id,
                "kind": str(kind),
                "is_trial": is_trial,
                "profile_name": profile_name,
                "profile": profile_text,
                "filename": filename,
                "content": content,
                "sha256": sha256(content).hexdigest(),
                "by": actor.label,
            },
        )
        (import_id,) = cursor.fetchone() or (0,)
    return int(import_id)
