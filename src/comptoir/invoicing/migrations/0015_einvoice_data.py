from django.db import migrations

from comptoir.kit.sql import fixed_columns

WITHOUT_SELLER = "DROP TRIGGER invoicing_invoicebatch_fixed_columns ON invoicing_invoicebatch"


class Migration(migrations.Migration):

    dependencies = [
        ("invoicing", "0014_refunds_in_statements"),
        ('tenancy', '0006_legal_ids'),
    ]

    operations = [
        migrations.RunSQL(WITHOUT_SELLER, migrations.RunSQL.noop),
        fixed_columns("invoicing_invoicebatch", ["id", "vendor_id", "run_id", "recorded_at", "seller"]),
    ]
