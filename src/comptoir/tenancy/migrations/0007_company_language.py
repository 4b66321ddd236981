from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0006_legal_ids")]
    operations = [
        migrations.RunSQL(
            "GRANT UPDATE (language) ON tenancy_company TO comptoir_portal, comptoir_staff",
            "REVOKE UPDATE (language) ON tenancy_company FROM comptoir_portal, comptoir_staff",
        )
    ]
