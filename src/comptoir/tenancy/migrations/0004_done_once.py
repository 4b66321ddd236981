from django.db import migrations

from comptoir.kit.sql import append_only
from comptoir.tenancy.rls import own_vendor, protect


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0003_door_events")]
    operations = [
        append_only("tenancy_doneonce"),
        protect("tenancy_doneonce", staff=own_vendor("SELECT, INSERT")),
    ]
