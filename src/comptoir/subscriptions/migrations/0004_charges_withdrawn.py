from django.db import migrations

from comptoir.kit.sql import append_only
from comptoir.tenancy.rls import protect, visible_parent


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0003_staff_stop")]
    operations = [
        append_only("subscriptions_chargewithdrawal"),
        protect(
            "subscriptions_chargewithdrawal",
            staff=visible_parent("SELECT, INSERT", parent="subscriptions_oneoffcharge", column="charge_id"),
        ),
    ]
