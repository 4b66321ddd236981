from django.db import migrations, models
from django.db.models import Q

# What was kept as a sentence stays one: as what was refused, in the words of that day.
TO_CODES = """
ALTER TABLE invoicing_billrunitem ALTER COLUMN reason DROP DEFAULT, ALTER COLUMN reason DROP NOT NULL,
    ALTER COLUMN reason TYPE jsonb USING CASE WHEN status = 'exception'
        THEN jsonb_build_object('code', 'refused', 'what', reason) END
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0009_public_ids")]
    operations = [
        migrations.RemoveConstraint(model_name="billrunitem", name="bill_run_exception_has_a_reason"),
        migrations.RunSQL(
            TO_CODES,
            state_operations=[
                migrations.AlterField(
                    model_name="billrunitem",
                    name="reason",
                    field=models.JSONField(help_text="why it cannot be billed: a code, and its values", null=True),
                )
            ],
        ),
        migrations.AddConstraint(
            model_name="billrunitem",
            constraint=models.CheckConstraint(
                condition=(Q(status="exception") & Q(reason__has_key="code"))
                | (~Q(status="exception") & Q(reason__isnull=True)),
                name="bill_run_exception_has_a_reason",
            ),
        ),
    ]
