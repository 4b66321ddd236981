from django.db import migrations

# As in 0004. But a transaction that sees all as it was when it began does not see a closing that it waited for.
ON_OPEN_DAY = """
CREATE OR REPLACE FUNCTION ledger_refuse_closed_day() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        RAISE EXCEPTION 'post in a transaction that is READ COMMITTED: no other sees whether the books were closed'
            USING ERRCODE = 'check_violation';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtext('ledger_bookclosing'), NEW.vendor_id::int);
    IF EXISTS (SELECT 1 FROM ledger_bookclosing c
               WHERE c.vendor_id = NEW.vendor_id AND c.closed_through >= NEW.posted_on) THEN
        RAISE EXCEPTION 'the books are closed through %: post on a later day', NEW.posted_on
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0009_whoever_checks_closes")]
    operations = [migrations.RunSQL(ON_OPEN_DAY, migrations.RunSQL.noop)]
