from django.db import migrations

from comptoir.kit.sql import append_only, fixed_columns, never_deleted
from comptoir.tenancy.rls import own_company, own_vendor, protect

# A vendor's product, and a company of the same vendor.
FITS = """
CREATE FUNCTION access_change_fits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM tenancy_company c JOIN catalog_product p ON p.vendor_id = c.vendor_id
                   WHERE c.id = NEW.company_id AND p.id = NEW.product_id AND c.vendor_id = NEW.vendor_id) THEN
        RAISE EXCEPTION 'standing: company %, product % and vendor % do not belong together',
            NEW.company_id, NEW.product_id, NEW.vendor_id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER access_change_fits BEFORE INSERT ON access_standingchange
    FOR EACH ROW EXECUTE FUNCTION access_change_fits();
"""

# A standing is what its latest change says, and every change starts from what was: none goes without its history.
SAYS = """
CREATE FUNCTION access_standing_is_its_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    was text := CASE TG_OP WHEN 'INSERT' THEN 'good' ELSE to_jsonb(OLD) ->> 'state' END;
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM access_standingchange change
        WHERE change.id = NEW.change_id AND change.before = was
          AND (change.vendor_id, change.company_id, change.product_id, change.state, change.reason, change.facts)
              = (NEW.vendor_id, NEW.company_id, NEW.product_id, NEW.state, NEW.reason, NEW.facts)
          AND change.warned_until IS NOT DISTINCT FROM NEW.warned_until)
       OR (TG_OP = 'UPDATE' AND NEW.change_id <= OLD.change_id)
    THEN
        RAISE EXCEPTION 'standing of company % with product %: it changes by a change on record alone',
            NEW.company_id, NEW.product_id USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER access_standing_is_its_change AFTER INSERT OR UPDATE ON access_standing
    FOR EACH ROW EXECUTE FUNCTION access_standing_is_its_change();
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0002_rules")]
    operations = [
        migrations.RunSQL(FITS, "DROP FUNCTION access_change_fits CASCADE"),
        migrations.RunSQL(SAYS, "DROP FUNCTION access_standing_is_its_change CASCADE"),
        append_only("access_standingchange"),
        never_deleted("access_standing"),
        fixed_columns("access_standing", ["vendor_id", "company_id", "product_id"]),
        protect("access_standing", portal=own_company("SELECT"), staff=own_vendor("SELECT")),
        protect("access_standingchange", portal=own_company("SELECT"), staff=own_vendor("SELECT")),
    ]
