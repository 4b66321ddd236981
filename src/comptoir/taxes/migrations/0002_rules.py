from django.db import migrations

from comptoir.kit.sql import append_only, fixed_columns, never_deleted
from comptoir.tenancy.rls import Access, own_vendor, protect, visible_parent

# Rates are public: every vendor's team reads the same table.
FOR_EVERY_TEAM = Access("SELECT", "true")

# What was in force on a day stays so: a rate is followed, never preceded or slipped in between.
RATES_FOLLOW = """
CREATE FUNCTION taxes_rate_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM taxes_taxrate later WHERE later.jurisdiction_id = NEW.jurisdiction_id
               AND later.category = NEW.category AND later.valid_from > NEW.valid_from) THEN
        RAISE EXCEPTION 'a tax rate must begin after the one before it' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER taxes_taxrate_follows BEFORE INSERT ON taxes_taxrate
    FOR EACH ROW EXECUTE FUNCTION taxes_rate_follows();
"""


class Migration(migrations.Migration):
    dependencies = [("taxes", "0001_initial"), ("tenancy", "0002_rules")]
    operations = [
        migrations.RunSQL(RATES_FOLLOW, "DROP FUNCTION taxes_rate_follows() CASCADE"),
        never_deleted("taxes_jurisdiction"),
        fixed_columns(
            "taxes_jurisdiction", ["id", "code", "level", "country", "state", "county", "city", "harmonised"]
        ),
        append_only("taxes_taxrate"),
        never_deleted("taxes_registration"),
        fixed_columns("taxes_registration", ["id", "vendor_id", "jurisdiction_id", "since"]),
        never_deleted("taxes_exemptioncertificate"),
        fixed_columns(
            "taxes_exemptioncertificate",
            ["id", "company_id", "jurisdiction_id", "number", "reason", "valid_from"],
        ),
        protect("taxes_jurisdiction", staff=FOR_EVERY_TEAM),
        protect("taxes_taxrate", staff=FOR_EVERY_TEAM),
        protect("taxes_registration", staff=own_vendor("SELECT, INSERT, UPDATE")),
        protect(
            "taxes_exemptioncertificate",
            staff=visible_parent("SELECT, INSERT, UPDATE", parent="tenancy_company", column="company_id"),
        ),
    ]
