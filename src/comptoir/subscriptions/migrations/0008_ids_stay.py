from django.db import migrations

from comptoir.kit.sql import keeps_what_is_pointed_at


class Migration(migrations.Migration):
    """Lines and coverage name subscriptions, and are looked at once. A bill run moves no id, so it does not meet this."""

    dependencies = [("subscriptions", "0007_told_with_stores")]
    operations = [keeps_what_is_pointed_at("subscriptions_subscription")]
