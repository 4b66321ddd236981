from django.db import migrations

from comptoir.kit.sql import never_deleted
from comptoir.tenancy.rls import own_vendor, protect


class Migration(migrations.Migration):
    dependencies = [("mailer", "0001_initial"), ("tenancy", "0002_rules")]
    operations = [
        never_deleted("mailer_message"),
        protect("mailer_message", staff=own_vendor("SELECT")),
        protect("mailer_attachment"),
    ]
