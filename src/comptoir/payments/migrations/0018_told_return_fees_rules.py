from django.db import migrations

# What was said of a fee stays as it was said.
KEPT = """
CREATE TRIGGER payments_authorisation_keeps_its_fee BEFORE UPDATE ON payments_authorisation
    FOR EACH ROW WHEN (OLD.return_fee_minor <> NEW.return_fee_minor) EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER payments_payment_keeps_its_fee BEFORE UPDATE ON payments_payment
    FOR EACH ROW WHEN (OLD.return_fee_minor <> NEW.return_fee_minor) EXECUTE FUNCTION kit_refuse_change();
"""

# As in 0010; a check that its bank sent back, too, and never more than its payer was told.
TOLD = """
CREATE OR REPLACE FUNCTION payments_check_return_fee() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM payments_payment p JOIN subscriptions_oneoffcharge c ON c.id = NEW.charge_id
        WHERE p.id = NEW.payment_id AND p.return_fee_minor >= NEW.amount_minor
          AND ((p.kind = 'us_bank_account' AND p.status IN ('failed', 'returned')
                AND p.failure_code IN ('R01', 'R09', 'insufficient_funds'))
               OR (p.kind = 'check' AND p.status = 'returned' AND p.failure_code = 'check_returned'))
          AND c.company_id = p.company_id AND c.amount_minor = NEW.amount_minor)
    THEN
        RAISE EXCEPTION 'payment %: no fee for this, or not this one', NEW.payment_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0017_told_return_fees")]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (KEPT, TOLD)]
