from django.db import migrations

from comptoir.tenancy.rls import protect, visible_parent


class Migration(migrations.Migration):
    dependencies = [("cutover", "0015_import_progress")]
    operations = [
        protect("cutover_importprogress", staff=visible_parent("SELECT", parent="cutover_legacyimport", column="read_id")),
    ]
