from django.db import migrations

from comptoir.kit.sql import append_only
from comptoir.tenancy.rls import own_vendor, protect

# Whoever posts shares a lock with all who post for the vendor; whoever closes its books waits for them, and they for
# whoever closes. So what is looked at here is still true when the transaction commits.
RULES = """
CREATE FUNCTION ledger_refuse_closed_day() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('ledger_bookclosing'), NEW.vendor_id::int);
    IF EXISTS (SELECT 1 FROM ledger_bookclosing c
               WHERE c.vendor_id = NEW.vendor_id AND c.closed_through >= NEW.posted_on) THEN
        RAISE EXCEPTION 'the books are closed through %: post on a later day', NEW.posted_on
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_journalbatch_on_open_day BEFORE INSERT ON ledger_journalbatch
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_closed_day();

CREATE FUNCTION ledger_close_forward() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ledger_bookclosing'), NEW.vendor_id::int);
    IF EXISTS (SELECT 1 FROM ledger_bookclosing c
               WHERE c.vendor_id = NEW.vendor_id AND c.closed_through >= NEW.closed_through) THEN
        RAISE EXCEPTION 'the books are closed through % already', NEW.closed_through USING ERRCODE = 'check_violation';
    END IF;
    NEW.recorded_at := clock_timestamp();  -- after all whom it waited for
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_bookclosing_forward BEFORE INSERT ON ledger_bookclosing
    FOR EACH ROW EXECUTE FUNCTION ledger_close_forward();
"""
UNDO = "DROP FUNCTION ledger_refuse_closed_day() CASCADE; DROP FUNCTION ledger_close_forward() CASCADE"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_rules")]
    operations = [
        migrations.RunSQL(RULES, UNDO),
        append_only("ledger_bookclosing"),
        protect("ledger_bookclosing", staff=own_vendor("SELECT, INSERT")),
    ]
