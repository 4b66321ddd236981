from django.db import migrations

from comptoir.kit.sql import fixed_columns, never_deleted
from comptoir.tenancy.rls import OWN_VENDOR, Access, protect

OWN_LIST = f"""
vendor_id = {OWN_VENDOR}
AND ({{table}}.company_id IS NULL
     OR EXISTS (SELECT 1 FROM tenancy_company company
                WHERE company.id = {{table}}.company_id AND company.vendor_id = {{table}}.vendor_id))
"""

STAYS_CLOSED = """
CREATE TRIGGER work_workitem_stays_closed BEFORE UPDATE ON work_workitem
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION kit_refuse_change();
"""
OF_ITS_VENDOR = """
CREATE FUNCTION work_check_company() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM tenancy_company c WHERE c.id = NEW.company_id AND c.vendor_id = NEW.vendor_id) THEN
        RAISE EXCEPTION 'work on %: its company is another vendor''s', NEW.subject USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER work_workitem_of_its_vendor BEFORE INSERT ON work_workitem
    FOR EACH ROW WHEN (NEW.company_id IS NOT NULL) EXECUTE FUNCTION work_check_company();
"""


class Migration(migrations.Migration):
    dependencies = [("work", "0001_initial"), ("tenancy", "0003_door_events")]
    operations = [
        never_deleted("work_workitem"),
        fixed_columns("work_workitem", ["vendor_id", "company_id", "kind", "subject", "opened_at"]),
        migrations.RunSQL(STAYS_CLOSED, "DROP TRIGGER work_workitem_stays_closed ON work_workitem"),
        migrations.RunSQL(OF_ITS_VENDOR, "DROP FUNCTION work_check_company() CASCADE"),
        protect(
            "work_workitem",
            staff=Access(
                "SELECT, INSERT, UPDATE (assigned_user_id, assigned_label, closed_at, closed_by, closing_note)", OWN_LIST
            ),
        ),
    ]
