from django.db import migrations

from comptoir.kit.sql import keeps_what_is_pointed_at


class Migration(migrations.Migration):
    """Invoices, postings and subscriptions name vendors and companies, and are looked at once."""

    dependencies = [("tenancy", "0010_fewer_indexes")]
    operations = [keeps_what_is_pointed_at("tenancy_vendor"), keeps_what_is_pointed_at("tenancy_company")]
