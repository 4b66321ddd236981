"""What was written to the team with a change of owner is sealed, as messages are."""

import uuid
from typing import Any

from django.db import migrations, models

from comptoir.inbox.sealing import seal
from comptoir.kit.sql import append_only, fixed_columns, never_deleted

# The mark of a key, a nonce, a tag: what is shorter was not sealed.
SEALED = """
ALTER TABLE transfers_note ADD CONSTRAINT note_is_sealed CHECK (octet_length(sealed_text) > 32);
"""


def seal_what_is_there(apps: Any, _editor: Any) -> None:
    """Seal each note under the newest key; where there are notes and no keys, the migration says so and stops."""
    for note in apps.get_model("transfers", "Note").objects.iterator():
        note.public_id = uuid.uuid4()
        note.sealed_text = seal(note.text.encode(), of=f"transfer-note:{note.public_id}")
        note.save(update_fields=["public_id", "sealed_text"])


class Migration(migrations.Migration):
    dependencies = [("transfers", "0004_owners_alone")]
    operations = [
        migrations.RunSQL(append_only("transfers_note").reverse_sql, append_only("transfers_note").sql),
        migrations.AddField("note", "public_id", models.UUIDField(null=True)),
        migrations.AddField("note", "sealed_text", models.BinaryField(null=True)),
        migrations.RunPython(seal_what_is_there, migrations.RunPython.noop),
        migrations.AlterField("note", "public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
        migrations.AlterField("note", "sealed_text", models.BinaryField()),
        migrations.RemoveConstraint("note", "note_says_something"),
        migrations.RemoveField("note", "text"),
        migrations.RunSQL(SEALED, migrations.RunSQL.noop),
        never_deleted("transfers_note"),
        fixed_columns("transfers_note", ["public_id", "transfer_id", "company_id"]),
    ]
