from django.db import migrations

from comptoir.kit.sql import fixed_columns

PLANNED = ["run_id", "company_id", "planned_minor", "planned_lines"]
BEFORE = fixed_columns("invoicing_billrunitem", PLANNED)


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0020_named_taxes_are_there")]
    operations = [
        migrations.RunSQL(BEFORE.reverse_sql, BEFORE.sql),
        fixed_columns("invoicing_billrunitem", [*PLANNED, "credit_minor"]),
    ]
