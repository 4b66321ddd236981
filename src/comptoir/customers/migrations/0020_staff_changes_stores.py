from django.db import migrations

from comptoir.tenancy.rls import may_emit


class Migration(migrations.Migration):
    dependencies = [("customers", "0019_differences_are_work")]
    operations = [may_emit("staff", "stores_changed")]
