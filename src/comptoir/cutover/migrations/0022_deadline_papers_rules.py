from django.db import migrations

from comptoir.kit.sql import fixed_columns, never_deleted
from comptoir.tenancy.rls import protect, visible_parent


class Migration(migrations.Migration):
    dependencies = [("cutover", "0021_deadline_papers")]
    operations = [
        never_deleted("cutover_deadlinepaper"),
        fixed_columns("cutover_deadlinepaper", ["move_id", "written_at"]),
        protect(
            "cutover_deadlinepaper",
            staff=visible_parent("SELECT, UPDATE (printed_at)", parent="cutover_move", column="move_id"),
        ),
    ]
