from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0004_done_once")]
    operations = [
        migrations.RunSQL(
            "GRANT UPDATE (invoice_lead_days, terms_days) ON tenancy_vendor TO comptoir_staff",
            "REVOKE UPDATE (invoice_lead_days, terms_days) ON tenancy_vendor FROM comptoir_staff",
        ),
    ]
