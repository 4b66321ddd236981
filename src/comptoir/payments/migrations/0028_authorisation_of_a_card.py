from django.db import migrations

CHECK = """
CREATE OR REPLACE FUNCTION payments_check_authorised_payment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM payments_payment p
        WHERE p.id = NEW.payment_id AND p.company_id = NEW.company_id AND p.origin = 'one_time'
          AND {of_which} AND p.return_fee_minor = NEW.return_fee_minor)
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
"""
OF_BANK_ACCOUNTS = "p.kind = 'us_bank_account'"
# A saved card is charged once by words, too, and they are kept.
OF_SAVED_CARDS_TOO = "(p.kind = 'us_bank_account' OR p.method_id IS NOT NULL)"


class Migration(migrations.Migration):
    dependencies = [("payments", "0027_method_release_rules")]

    operations = [
        migrations.RunSQL(CHECK.format(of_which=OF_SAVED_CARDS_TOO), CHECK.format(of_which=OF_BANK_ACCOUNTS)),
    ]
