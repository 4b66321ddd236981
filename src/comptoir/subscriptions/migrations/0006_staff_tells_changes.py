from django.db import migrations

from comptoir.tenancy.rls import may_emit


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0005_vendor_and_plan_by_set")]
    operations = [may_emit("staff", "subscriptions_changed")]
