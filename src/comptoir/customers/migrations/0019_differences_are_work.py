from django.db import migrations

from comptoir.tenancy.rls import may_emit


class Migration(migrations.Migration):
    dependencies = [("customers", "0018_owners_by_points")]
    operations = [
        may_emit("portal", "store_differences_changed"),
        may_emit("staff", "store_differences_changed"),
    ]
