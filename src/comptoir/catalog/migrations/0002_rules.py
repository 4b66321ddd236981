from django.db import migrations

from comptoir.kit.sql import append_only, fixed_columns, never_deleted
from comptoir.tenancy.rls import own_vendor, protect, visible_parent

OF_OWN_VENDOR = {"parent": "tenancy_vendor", "column": "vendor_id"}

# What a plan is made of never changes, so it is looked at once, when the plan comes.
PLAN_FITS = """
CREATE FUNCTION catalog_plan_fits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM catalog_product p WHERE p.id = NEW.product_id AND p.vendor_id = NEW.vendor_id) THEN
        RAISE EXCEPTION 'plan % sells a product of another vendor', NEW.code USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.addon_of_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM catalog_plan base WHERE base.id = NEW.addon_of_id AND base.vendor_id = NEW.vendor_id
            AND base.scope = NEW.scope AND base.addon_of_id IS NULL) THEN
        RAISE EXCEPTION 'plan % is an add-on of a plan of another vendor or scope, or of an add-on', NEW.code
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_plan_fits AFTER INSERT ON catalog_plan FOR EACH ROW EXECUTE FUNCTION catalog_plan_fits();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("tenancy", "0002_rules")]
    operations = [
        migrations.RunSQL(PLAN_FITS, "DROP FUNCTION catalog_plan_fits() CASCADE"),
        never_deleted("catalog_product"),
        fixed_columns("catalog_product", ["vendor_id"]),
        never_deleted("catalog_plan"),
        fixed_columns("catalog_plan", ["vendor_id", "product_id", "cadence", "scope", "addon_of_id"]),
        append_only("catalog_price"),
        protect("catalog_product", portal=visible_parent("SELECT", **OF_OWN_VENDOR), staff=own_vendor("SELECT")),
        protect("catalog_plan", portal=visible_parent("SELECT", **OF_OWN_VENDOR), staff=own_vendor("SELECT")),
        protect("catalog_price", staff=visible_parent("SELECT, INSERT", parent="catalog_plan", column="plan_id")),
    ]
