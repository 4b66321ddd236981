from django.db import migrations

from comptoir.kit.sql import append_only
from comptoir.tenancy.rls import may_emit, own_vendor, protect, visible_parent


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_rules"), ("tenancy", "0003_door_events")]
    operations = [
        append_only("documents_printbatch"),
        append_only("documents_printpart"),
        protect("documents_printbatch", staff=own_vendor("SELECT, INSERT")),
        protect(
            "documents_printpart", staff=visible_parent("SELECT", parent="documents_printbatch", column="batch_id")
        ),
        may_emit("staff", "print_batch_requested"),
    ]
