from django.db import migrations

from comptoir.tenancy.rls import OWN_COMPANY, OWN_VENDOR

# What pages may keep: papers that say how things stand, made when somebody asks. All others the worker alone keeps.
KINDS = "reference ~ '^(statement|slip|authorisation):'"
PAGES_KEEP = f"""
GRANT INSERT ON documents_storeddocument TO comptoir_portal, comptoir_staff;
GRANT USAGE ON SEQUENCE documents_storeddocument_id_seq TO comptoir_portal, comptoir_staff;
ALTER POLICY portal ON documents_storeddocument WITH CHECK (company_id = {OWN_COMPANY} AND {KINDS});
ALTER POLICY staff ON documents_storeddocument WITH CHECK (vendor_id = {OWN_VENDOR} AND {KINDS});
"""
# Such a paper is named by its company too, or one company's page could take the name of another's paper.
OF_ITS_COMPANY = f"""
CREATE FUNCTION documents_check_name() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM tenancy_company c
                   WHERE c.id = NEW.company_id AND split_part(NEW.reference, ':', 2) = c.public_id::text) THEN
        RAISE EXCEPTION 'document %: it is named by another company', NEW.reference USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER documents_storeddocument_named_by_company BEFORE INSERT ON documents_storeddocument
    FOR EACH ROW WHEN (NEW.{KINDS}) EXECUTE FUNCTION documents_check_name();
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0006_true_to_their_hash")]
    operations = [
        migrations.RunSQL(PAGES_KEEP, migrations.RunSQL.noop),
        migrations.RunSQL(OF_ITS_COMPANY, "DROP FUNCTION documents_check_name() CASCADE"),
    ]
