from django.db import migrations

from comptoir.kit.sql import append_only
from comptoir.tenancy.rls import protect, visible_parent

# A fee is for money that was missing at a bank, for the debit that the bank refused, and of the same company.
FOR_MISSING_MONEY = """
CREATE FUNCTION payments_check_return_fee() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM payments_payment p JOIN subscriptions_oneoffcharge c ON c.id = NEW.charge_id
        WHERE p.id = NEW.payment_id AND p.kind = 'us_bank_account' AND p.status IN ('failed', 'returned')
          AND p.failure_code IN ('R01', 'R09', 'insufficient_funds')
          AND c.company_id = p.company_id AND c.amount_minor = NEW.amount_minor)
    THEN
        RAISE EXCEPTION 'payment %: no fee for this, or not this one', NEW.payment_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_returnfee_fits BEFORE INSERT ON payments_returnfee
    FOR EACH ROW EXECUTE FUNCTION payments_check_return_fee();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0009_collecting_rules"), ("subscriptions", "0002_rules")]
    operations = [
        migrations.RunSQL(FOR_MISSING_MONEY, "DROP FUNCTION payments_check_return_fee() CASCADE"),
        append_only("payments_returnfee"),
        protect(
            "payments_returnfee",
            portal=visible_parent("SELECT", parent="payments_payment", column="payment_id"),
            staff=visible_parent("SELECT", parent="payments_payment", column="payment_id"),
        ),
    ]
