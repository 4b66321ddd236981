from django.db import migrations

# An owner ends a role in the own company; a company keeps an owner, or nobody could act for it any more.
MEMBERS_END = """
CREATE FUNCTION customers_member_ends() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL THEN
        RAISE EXCEPTION 'this role has ended' USING ERRCODE = '23514';
    END IF;
    IF current_setting('role') = 'comptoir_portal' AND NOT EXISTS (
        SELECT 1 FROM customers_member me
        WHERE me.company_id = OLD.company_id AND me.role = 'owner' AND me.ended_at IS NULL
          AND me.company_id = nullif(current_setting('app.company_id', true), '')::bigint
          AND me.user_id = nullif(current_setting('app.user_id', true), '')::bigint)
    THEN
        RAISE EXCEPTION 'an owner alone ends a role, in the own company' USING ERRCODE = '42501';
    END IF;
    IF NEW.ended_at IS NOT NULL AND OLD.role = 'owner' AND current_setting('role') = 'comptoir_portal' AND NOT EXISTS (
        SELECT 1 FROM customers_member other
        WHERE other.company_id = OLD.company_id AND other.role = 'owner' AND other.ended_at IS NULL
          AND other.id <> OLD.id)
    THEN
        RAISE EXCEPTION 'company % keeps an owner', OLD.company_id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER customers_member_ends BEFORE UPDATE OF ended_at ON customers_member
    FOR EACH ROW EXECUTE FUNCTION customers_member_ends();
GRANT UPDATE (ended_at) ON customers_member TO comptoir_portal;
"""
UNDO = """
REVOKE UPDATE (ended_at) ON customers_member FROM comptoir_portal;
DROP FUNCTION customers_member_ends CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_email_change_rules")]
    operations = [migrations.RunSQL(MEMBERS_END, UNDO)]
