from django.db import migrations

from comptoir.kit.sql import fixed_columns, never_deleted
from comptoir.tenancy.rls import OWN_COMPANY, OWN_USER, Access, own_vendor, protect

# A customer says something, and takes it back; the team settles it.
OF_OWN_COMPANY = f"""
company_id = {OWN_COMPANY} AND outcome IN ('', 'taken_back')
AND vendor_id = (SELECT company.vendor_id FROM tenancy_company company WHERE company.id = {OWN_COMPANY})
"""
RULES = f"""
CREATE POLICY said_oneself ON customers_storedifference AS RESTRICTIVE FOR INSERT TO comptoir_portal
    WITH CHECK (said_by_id = {OWN_USER} AND settled_at IS NULL);
CREATE TRIGGER customers_storedifference_stays_settled BEFORE UPDATE ON customers_storedifference
    FOR EACH ROW WHEN (OLD.settled_at IS NOT NULL) EXECUTE FUNCTION kit_refuse_change();
CREATE FUNCTION customers_difference_fits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM tenancy_company c WHERE c.id = NEW.company_id AND c.vendor_id = NEW.vendor_id)
       OR (NEW.location_id IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM customers_ownership o WHERE o.company_id = NEW.company_id AND o.location_id = NEW.location_id))
    THEN
        RAISE EXCEPTION 'this store is not of company %', NEW.company_id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER customers_difference_fits BEFORE INSERT ON customers_storedifference
    FOR EACH ROW EXECUTE FUNCTION customers_difference_fits();
GRANT UPDATE (address, city, state, postal_code) ON customers_location TO comptoir_staff;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_staff_open_stores")]
    operations = [
        never_deleted("customers_storedifference"),
        fixed_columns(
            "customers_storedifference",
            ["public_id", "vendor_id", "company_id", "location_id", "kind", "ours", "theirs", "said_by_id", "said_at"],
        ),
        protect(
            "customers_storedifference",
            portal=Access(
                "SELECT, INSERT, UPDATE (settled_at, settled_by, outcome, note)",
                f"company_id = {OWN_COMPANY}",
                written=OF_OWN_COMPANY,
            ),
            staff=own_vendor("SELECT, UPDATE (settled_at, settled_by, outcome, note)"),
        ),
        migrations.RunSQL(RULES, "DROP FUNCTION customers_difference_fits CASCADE"),
    ]
