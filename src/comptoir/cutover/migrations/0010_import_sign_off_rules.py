from django.db import migrations

from comptoir.kit.sql import append_only
from comptoir.tenancy.rls import OWN_USER, Access, protect

# What is signed off was taken, and its total stands in the report; whoever signs is a manager of the vendor's.
CHECK = """
CREATE FUNCTION cutover_check_sign_off() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM cutover_legacyimport i JOIN identity_staffmember s ON s.vendor_id = i.vendor_id
        WHERE i.id = NEW.read_id AND i.status = 'done' AND NOT i.is_trial
            AND i.report #>> '{counts,control_total}' = NEW.control_total
            AND s.user_id = NEW.signed_by_id AND s.ended_at IS NULL AND s.role IN ('manager', 'admin'))
    THEN
        RAISE EXCEPTION 'import %: a manager signs off what it has taken', NEW.read_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cutover_importsignoff_check BEFORE INSERT ON cutover_importsignoff
    FOR EACH ROW EXECUTE FUNCTION cutover_check_sign_off();
"""
OWN_IMPORT = "EXISTS (SELECT 1 FROM cutover_legacyimport parent WHERE parent.id = {table}.read_id)"


class Migration(migrations.Migration):
    dependencies = [("cutover", "0009_import_sign_off"), ("identity", "0002_rules")]
    operations = [
        append_only("cutover_importsignoff"),
        migrations.RunSQL(CHECK, "DROP FUNCTION cutover_check_sign_off() CASCADE"),
        protect(
            "cutover_importsignoff",
            staff=Access("SELECT, INSERT", OWN_IMPORT, f"{OWN_IMPORT} AND signed_by_id = {OWN_USER}"),
        ),
    ]
