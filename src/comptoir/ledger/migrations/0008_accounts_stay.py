from django.db import migrations

from comptoir.kit.sql import keeps_what_is_pointed_at


class Migration(migrations.Migration):
    """Postings name accounts, and with them the jurisdiction that a tax is owed to, and are looked at once."""

    dependencies = [("ledger", "0007_check_companies_once")]
    operations = [keeps_what_is_pointed_at("ledger_ledgeraccount", ["id", "part"])]
