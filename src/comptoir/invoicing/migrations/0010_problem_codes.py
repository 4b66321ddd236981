from django.db import migrations, models

# What was kept as a sentence stays one: as what was refused, in the words of that day.
TO_CODES = """
ALTER TABLE invoicing_billrunitem ALTER COLUMN reason DROP DEFAULT, ALTER COLUMN reason DROP NOT NULL,
    ALTER COLUMN reason TYPE jsonb USING CASE WHEN status = 'exception'
        THEN jsonb_build_object('code', 'refused', 'what', reason) END
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0008_account_changes")]
    operations = [
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
    ]
