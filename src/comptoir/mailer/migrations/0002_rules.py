from django.db import migrations

from comptoir.kit.sql import fixed_columns, never_deleted
from comptoir.tenancy.rls import OWN_VENDOR, Access, protect


class Migration(migrations.Migration):
    dependencies = [("mailer", "0001_initial"), ("tenancy", "0002_rules")]
    operations = [
        never_deleted("mailer_message"),
        fixed_columns("mailer_message", ["vendor_id", "company_id", "key", '"to"', "subject", "created_at"]),
        protect("mailer_message", staff=Access("SELECT", f"vendor_id = {OWN_VENDOR} AND NOT opens_a_door")),
        protect("mailer_attachment"),
    ]
