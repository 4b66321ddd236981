import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from comptoir.kit.sql import append_only
from comptoir.tenancy.rls import own_vendor, protect


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0003_door_events")]
    operations = [
        migrations.CreateModel(
            name="DoneOnce",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("reference", models.UUIDField()),
                ("done_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("vendor", "reference"), name="form_is_done_once")],
            },
        ),
        append_only("tenancy_doneonce"),
        protect("tenancy_doneonce", staff=own_vendor("SELECT, INSERT")),
    ]
