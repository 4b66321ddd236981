from django.db import migrations

from comptoir.tenancy.rls import may_emit


class Migration(migrations.Migration):
    dependencies = [("payments", "0024_deposit_over_another_total")]
    operations = [may_emit("portal", "processor_not_ready")]
