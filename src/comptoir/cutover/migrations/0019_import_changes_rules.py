from django.db import migrations

from comptoir.kit.sql import append_only
from comptoir.tenancy.rls import protect, visible_parent


class Migration(migrations.Migration):
    dependencies = [("cutover", "0018_import_changes")]
    operations = [
        append_only("cutover_importchange"),
        protect("cutover_importchange", staff=visible_parent("SELECT", parent="cutover_legacyimport", column="read_id")),
    ]
