from django.db import migrations

from comptoir.kit.sql import keeps_what_is_pointed_at


class Migration(migrations.Migration):
    """Invoices name stores of their vendor, and are looked at once."""

    dependencies = [("customers", "0020_staff_changes_stores")]
    operations = [keeps_what_is_pointed_at("customers_location", ["id", "vendor_id"])]
