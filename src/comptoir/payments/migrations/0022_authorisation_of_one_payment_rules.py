from django.db import migrations

from comptoir.tenancy.rls import OWN_USER

# What one debit was allowed by, in which language that was read, and what was debited, stay as they were; whoever says
# on a page that words were agreed to, says it of themselves.
KEPT = f"""
CREATE TRIGGER payments_authorisation_keeps_its_payment BEFORE UPDATE ON payments_authorisation
    FOR EACH ROW WHEN (OLD.payment_id IS DISTINCT FROM NEW.payment_id OR OLD.text_language <> NEW.text_language)
    EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER payments_payment_keeps_its_account BEFORE UPDATE ON payments_payment
    FOR EACH ROW WHEN (OLD.kind = 'us_bank_account' AND OLD.method_label <> ''
                       AND OLD.method_label <> NEW.method_label)
    EXECUTE FUNCTION kit_refuse_change();
CREATE POLICY given_by_oneself ON payments_authorisation AS RESTRICTIVE FOR INSERT TO comptoir_portal
    WITH CHECK (given_by_id = {OWN_USER});
"""

# The words are those with that fingerprint, and of a debit that a person of the same company makes.
OF_ITS_PAYMENT = """
CREATE FUNCTION payments_check_authorised_payment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM payments_payment p
        WHERE p.id = NEW.payment_id AND p.company_id = NEW.company_id AND p.origin = 'one_time'
          AND p.kind = 'us_bank_account' AND p.return_fee_minor = NEW.return_fee_minor)
    THEN
        RAISE EXCEPTION 'the authorisation is not of a debit that its company makes, at the fee that it names'
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.text = '' OR NEW.text_version = '' OR NEW.text_language = '' OR NEW.given_by_label = ''
        OR NEW.text_sha256 <> encode(sha256(convert_to(NEW.text, 'UTF8')), 'hex')
    THEN
        RAISE EXCEPTION 'the authorisation of payment % does not say who agreed to which words', NEW.payment_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_authorisation_is_of_its_payment BEFORE INSERT ON payments_authorisation
    FOR EACH ROW WHEN (NEW.payment_id IS NOT NULL) EXECUTE FUNCTION payments_check_authorised_payment();
"""

# No bank is debited for a person without the words that this person agreed to.
NO_DEBIT_WITHOUT = """
CREATE FUNCTION payments_check_authorised() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM payments_authorisation a WHERE a.payment_id = NEW.id) THEN
        RAISE EXCEPTION 'payment % would debit a bank account without an authorisation', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_authorised_at_commit AFTER INSERT ON payments_payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.origin = 'one_time' AND NEW.kind = 'us_bank_account')
    EXECUTE FUNCTION payments_check_authorised();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0021_authorisation_of_one_payment")]

    operations = [
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
        migrations.RunSQL(OF_ITS_PAYMENT, "DROP FUNCTION payments_check_authorised_payment() CASCADE"),
        migrations.RunSQL(NO_DEBIT_WITHOUT, "DROP FUNCTION payments_check_authorised() CASCADE"),
    ]
