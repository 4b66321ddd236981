from django.db import migrations, models

# What a bank is asked by, is not exchanged for another payment's.
KEPT = """
CREATE TRIGGER payments_payment_keeps_its_bank_reference BEFORE UPDATE ON payments_payment
    FOR EACH ROW WHEN (OLD.bank_reference <> '' AND OLD.bank_reference <> NEW.bank_reference)
    EXECUTE FUNCTION kit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0022_authorisation_of_one_payment_rules")]

    operations = [
        migrations.AddField(
            model_name="payment",
            name="bank_reference",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="by which the payer's bank finds a debit",
            ),
        ),
        migrations.RunSQL(KEPT, "DROP TRIGGER payments_payment_keeps_its_bank_reference ON payments_payment"),
    ]
