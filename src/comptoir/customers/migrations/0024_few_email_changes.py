from django.db import migrations, models

# Each wish sends mail to an address that somebody typed: a company asks five times a day at most, and one address is
# asked three times, by whichever companies. How often an address was asked is told, by whom is not.
FEW = """
CREATE FUNCTION customers_email_changes_to(address text, since timestamptz) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*) FROM customers_emailchange WHERE new_email = address AND asked_at > since
$$;
REVOKE ALL ON FUNCTION customers_email_changes_to FROM PUBLIC;
GRANT EXECUTE ON FUNCTION customers_email_changes_to TO comptoir_portal;

CREATE FUNCTION customers_few_email_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    since timestamptz := least(NEW.asked_at, now()) - interval '1 day';
BEGIN
    PERFORM 1 FROM tenancy_company WHERE id = NEW.company_id FOR NO KEY UPDATE;
    PERFORM pg_advisory_xact_lock(hashtextextended('customers_emailchange ' || NEW.new_email, 0));
    IF (SELECT count(*) FROM customers_emailchange WHERE company_id = NEW.company_id AND asked_at > since) >= 5
       OR customers_email_changes_to(NEW.new_email, since) >= 3
    THEN
        RAISE EXCEPTION 'company % asks too often for another address', NEW.company_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER customers_few_email_changes BEFORE INSERT ON customers_emailchange
    FOR EACH ROW EXECUTE FUNCTION customers_few_email_changes();
"""
UNDO = "DROP FUNCTION customers_few_email_changes CASCADE; DROP FUNCTION customers_email_changes_to"


class Migration(migrations.Migration):
    dependencies = [("customers", "0023_states_that_there_are")]
    operations = [
        migrations.AddIndex(
            model_name="emailchange",
            index=models.Index(fields=["new_email", "asked_at"], name="email_changes_by_new_address"),
        ),
        migrations.RunSQL(FEW, UNDO),
    ]
