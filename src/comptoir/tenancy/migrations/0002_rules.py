from django.db import migrations

from comptoir.kit.sql import append_only, fixed_columns, never_deleted
from comptoir.tenancy.rls import OWN_COMPANY, OWN_USER, OWN_VENDOR, Access, own_company, own_vendor, protect

# Roles belong to the whole server: another database of it may have made them already, even at this moment.
ROLES = """
DO $$
DECLARE wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['comptoir_portal', 'comptoir_staff', 'comptoir_intake', 'comptoir_web'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', wanted);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;
    PERFORM pg_advisory_xact_lock(hashtext('comptoir roles'));
    GRANT comptoir_portal, comptoir_staff, comptoir_intake TO comptoir_web WITH INHERIT FALSE, SET TRUE;
    EXECUTE format('GRANT comptoir_portal, comptoir_staff, comptoir_intake TO %I WITH INHERIT FALSE, SET TRUE',
                   current_user);
END $$;
GRANT USAGE ON SCHEMA public TO comptoir_web, comptoir_portal, comptoir_staff, comptoir_intake;
"""

# What happened at a page is told and put on record as the doing of whoever opened the door, and of nobody else.
OF_OWN_COMPANY = f"""
company_id = {OWN_COMPANY}
AND vendor_id = (SELECT company.vendor_id FROM tenancy_company company WHERE company.id = {OWN_COMPANY})
"""
OF_OWN_VENDOR = f"""
vendor_id = {OWN_VENDOR}
AND ({{table}}.company_id IS NULL
     OR EXISTS (SELECT 1 FROM tenancy_company company WHERE company.id = {{table}}.company_id))
"""
# What a page may set in motion; the worker, who does it as the owner, sees to the rest.
BY_CUSTOMERS = "name IN ('payment_requested', 'payment_method_removed')"
BY_TEAMS = """
name IN ('import_requested', 'wave_sent', 'bill_run_requested', 'bill_run_approved', 'staff_invited',
         'clock_advance_requested', 'correction_approved')
"""

OWN_DELIVERIES = "EXISTS (SELECT 1 FROM kit_event parent WHERE parent.id = {table}.event_id)"

# A test clock only goes forward, and a vendor has one from its first day or never.
CLOCK_GOES_FORWARD = """
CREATE TRIGGER tenancy_vendor_clock_goes_forward BEFORE UPDATE ON tenancy_vendor
    FOR EACH ROW WHEN (NEW.business_date < OLD.business_date
                       OR (NEW.business_date IS NULL) <> (OLD.business_date IS NULL))
    EXECUTE FUNCTION kit_refuse_change();
"""

# A company moves once; there is no way back to the old system, nor to another day.
MOVES_ONCE = """
CREATE TRIGGER tenancy_company_moves_once BEFORE UPDATE ON tenancy_company
    FOR EACH ROW WHEN (OLD.billed_since IS NOT NULL AND OLD.billed_since IS DISTINCT FROM NEW.billed_since)
    EXECUTE FUNCTION kit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0001_initial"), ("kit", "0002_rules")]
    operations = [
        migrations.RunSQL(ROLES, migrations.RunSQL.noop),
        never_deleted("tenancy_vendor"),
        never_deleted("tenancy_company"),
        append_only("tenancy_auditentry"),
        fixed_columns("tenancy_vendor", ["currency", "slug"]),
        fixed_columns("tenancy_company", ["public_id", "vendor_id"]),
        migrations.RunSQL(CLOCK_GOES_FORWARD, "DROP TRIGGER tenancy_vendor_clock_goes_forward ON tenancy_vendor"),
        migrations.RunSQL(MOVES_ONCE, "DROP TRIGGER tenancy_company_moves_once ON tenancy_company"),
        protect(
            "tenancy_vendor",
            portal=Access("SELECT", "EXISTS (SELECT 1 FROM tenancy_company c WHERE c.vendor_id = {table}.id)"),
            staff=own_vendor("SELECT", column="id"),
        ),
        protect(
            "tenancy_company",
            portal=own_company("SELECT", column="id"),
            staff=own_vendor("SELECT, UPDATE (billed_since)"),
        ),
        protect(
            "tenancy_auditentry",
            portal=Access(
                "SELECT, INSERT",
                f"company_id = {OWN_COMPANY}",
                written=f"actor_kind = 'customer' AND actor_user_id = {OWN_USER} AND {OF_OWN_COMPANY}",
            ),
            staff=Access(
                "SELECT, INSERT",
                f"vendor_id = {OWN_VENDOR}",
                written=f"actor_kind = 'staff' AND actor_user_id = {OWN_USER} AND {OF_OWN_VENDOR}",
            ),
        ),
        protect(
            "kit_event",
            portal=Access(
                "SELECT, INSERT", f"company_id = {OWN_COMPANY}", written=f"{BY_CUSTOMERS} AND {OF_OWN_COMPANY}"
            ),
            staff=Access("SELECT, INSERT", f"vendor_id = {OWN_VENDOR}", written=f"{BY_TEAMS} AND {OF_OWN_VENDOR}"),
            intake=Access("SELECT, INSERT", "name = 'webhook_received' AND company_id IS NULL"),
        ),
        protect(
            "kit_eventdelivery",
            portal=Access("SELECT, INSERT", OWN_DELIVERIES),
            staff=Access("SELECT, INSERT", OWN_DELIVERIES),
            intake=Access("SELECT, INSERT", OWN_DELIVERIES),
        ),
    ]
