from django.db import migrations

# What was agreed to a while ago, from another address than the one that bills go to now, is nobody's wish any more: the
# address that would lose them was never told. And whoever stops a change stops what else is open with it.
LINKS = """
CREATE FUNCTION customers_bills_go_to(of_company bigint) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce((SELECT email FROM customers_contact WHERE company_id = of_company ORDER BY role LIMIT 1), '')
$$;

CREATE OR REPLACE FUNCTION customers_use_email_change(wanted text, request text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    change customers_emailchange;
    goes_to text;
BEGIN
    SELECT * INTO change FROM customers_emailchange
        WHERE stopped_at IS NULL AND told_at IS NOT NULL AND expires_at > now()
          AND (stop_hash = wanted OR (confirm_hash = wanted AND confirmed_at IS NULL)) FOR UPDATE;
    IF NOT FOUND OR (change.confirm_hash = wanted AND change.old_email <> customers_bills_go_to(change.company_id)) THEN
        RETURN false;
    END IF;
    IF change.stop_hash = wanted THEN
        UPDATE customers_emailchange SET stopped_at = now()
            WHERE company_id = change.company_id AND stopped_at IS NULL AND (id = change.id OR confirmed_at IS NULL);
        goes_to := CASE WHEN change.confirmed_at IS NULL THEN NULL ELSE change.old_email END;
    ELSE
        UPDATE customers_emailchange SET confirmed_at = now() WHERE id = change.id;
        goes_to := change.new_email;
    END IF;
    IF goes_to <> '' THEN
        INSERT INTO customers_contact (company_id, role, name, email) VALUES (change.company_id, 'billing', '', goes_to)
            ON CONFLICT (company_id, role) DO UPDATE SET email = excluded.email;
    END IF;
    INSERT INTO tenancy_auditentry (recorded_at, vendor_id, company_id, actor_kind, actor_label, action, subject, before,
                                    after, reason, request_id)
        SELECT now(), company.vendor_id, company.id, 'system',
               CASE wanted WHEN change.stop_hash THEN change.old_email ELSE change.new_email END,
               CASE wanted WHEN change.stop_hash THEN 'billing e-mail change stopped' ELSE 'billing e-mail changed' END,
               'company:' || company.id, jsonb_build_object('email', change.old_email),
               jsonb_build_object('email', change.new_email), '', request
        FROM tenancy_company company WHERE company.id = change.company_id;
    RETURN true;
END $$;
"""

# Behind a door anything may be said: that the address told is the one that bills go to, that what was stopped stays so,
# and that the link which undoes a change is not stopped by whoever made it, is for the database to see to.
TRUE_TO_ITS_WORD = """
CREATE FUNCTION customers_check_email_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.old_email <> customers_bills_go_to(NEW.company_id) THEN
        RAISE EXCEPTION 'e-mail change of company %: its bills do not go to the address that is told', NEW.company_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER customers_emailchange_tells_the_old_one BEFORE INSERT ON customers_emailchange
    FOR EACH ROW EXECUTE FUNCTION customers_check_email_change();
CREATE TRIGGER customers_emailchange_stays_stopped BEFORE UPDATE ON customers_emailchange
    FOR EACH ROW WHEN (OLD.stopped_at IS NOT NULL AND OLD.stopped_at IS DISTINCT FROM NEW.stopped_at)
    EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER customers_emailchange_can_be_undone BEFORE UPDATE ON customers_emailchange
    FOR EACH ROW WHEN (current_user = 'comptoir_portal' AND OLD.confirmed_at IS NOT NULL)
    EXECUTE FUNCTION kit_refuse_change();
"""
UNDO = """
DROP FUNCTION customers_check_email_change() CASCADE;
DROP TRIGGER customers_emailchange_stays_stopped ON customers_emailchange;
DROP TRIGGER customers_emailchange_can_be_undone ON customers_emailchange;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0008_members_end")]
    operations = [
        migrations.RunSQL(LINKS, migrations.RunSQL.noop),
        migrations.RunSQL(TRUE_TO_ITS_WORD, UNDO),
    ]
