from django.db import migrations

from comptoir.tenancy.rls import may_emit


class Migration(migrations.Migration):
    dependencies = [("inbox", "0002_rules"), ("tenancy", "0003_door_events")]
    operations = [
        may_emit("portal", "message_written", "message_closed"),
        may_emit("staff", "message_written", "message_closed"),
    ]
