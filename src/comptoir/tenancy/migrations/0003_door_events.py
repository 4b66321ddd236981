from django.db import migrations

from comptoir.tenancy.rls import OWN_COMPANY, OWN_VENDOR, may_emit, protect

OF_OWN_COMPANY = f"""
company_id = {OWN_COMPANY}
AND vendor_id = (SELECT company.vendor_id FROM tenancy_company company WHERE company.id = {OWN_COMPANY})
"""
OF_OWN_VENDOR = f"""
vendor_id = {OWN_VENDOR}
AND (kit_event.company_id IS NULL
     OR EXISTS (SELECT 1 FROM tenancy_company company WHERE company.id = kit_event.company_id))
"""

# Each package declares what its pages may say, where it makes its tables: one list for all would have to be known here.
# Who says SQL behind a door can ask for a name, and cannot read or write the list.
ASK_THE_TABLE = f"""
CREATE FUNCTION tenancy_may_emit(asked_role text, asked_name text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM tenancy_doorevent WHERE role = asked_role AND name = asked_name)
$$;
GRANT EXECUTE ON FUNCTION tenancy_may_emit(text, text) TO comptoir_portal, comptoir_staff;
ALTER POLICY portal ON kit_event WITH CHECK (tenancy_may_emit('portal', name) AND {OF_OWN_COMPANY});
ALTER POLICY staff ON kit_event WITH CHECK (tenancy_may_emit('staff', name) AND {OF_OWN_VENDOR});
"""


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0002_rules")]
    operations = [
        protect("tenancy_doorevent"),
        may_emit("portal", "payment_requested", "payment_method_removed"),
        may_emit(
            "staff",
            "import_requested",
            "wave_sent",
            "bill_run_requested",
            "bill_run_approved",
            "staff_invited",
            "clock_advance_requested",
            "correction_approved",
        ),
        migrations.RunSQL(ASK_THE_TABLE, migrations.RunSQL.noop),
    ]
