from django.db import migrations

from comptoir.kit.sql import fixed_columns, never_deleted
from comptoir.tenancy.rls import Access, own_company, own_vendor, protect, visible_parent

# A finished import is evidence; a company may be taken out of a wave until the wave is sent.
RULES = """
CREATE TRIGGER cutover_legacyimport_finished BEFORE UPDATE ON cutover_legacyimport
    FOR EACH ROW WHEN (OLD.status <> 'requested') EXECUTE FUNCTION kit_refuse_change();

CREATE FUNCTION cutover_refuse_sent_wave() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    touched bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.wave_id ELSE NEW.wave_id END;
BEGIN
    IF EXISTS (SELECT 1 FROM cutover_wave WHERE id = touched AND status = 'sent') THEN
        RAISE EXCEPTION 'wave % has been sent: its companies stay as they are', touched
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER cutover_move_of_sent_wave BEFORE INSERT OR DELETE ON cutover_move
    FOR EACH ROW EXECUTE FUNCTION cutover_refuse_sent_wave();
CREATE TRIGGER cutover_move_no_truncate BEFORE TRUNCATE ON cutover_move
    FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER cutover_wave_sent BEFORE UPDATE ON cutover_wave
    FOR EACH ROW WHEN (OLD.status = 'sent') EXECUTE FUNCTION kit_refuse_change();
"""
DROP_RULES = """
DROP FUNCTION cutover_refuse_sent_wave() CASCADE;
DROP TRIGGER cutover_legacyimport_finished ON cutover_legacyimport;
DROP TRIGGER cutover_move_no_truncate ON cutover_move;
DROP TRIGGER cutover_wave_sent ON cutover_wave;
"""
OWN_WAVE_AND_COMPANY = """
EXISTS (SELECT 1 FROM cutover_wave parent WHERE parent.id = {table}.wave_id)
AND EXISTS (SELECT 1 FROM tenancy_company company WHERE company.id = {table}.company_id)
"""
REQUESTED = ["vendor_id", "profile_name", "profile", "filename", "content", "sha256", "requested_by", "requested_at"]


class Migration(migrations.Migration):
    dependencies = [("cutover", "0001_initial"), ("tenancy", "0002_rules")]
    operations = [
        never_deleted("cutover_legacyimport"),
        never_deleted("cutover_wave"),
        fixed_columns("cutover_legacyimport", REQUESTED),
        fixed_columns("cutover_move", ["wave_id", "company_id"]),
        migrations.RunSQL(RULES, DROP_RULES),
        protect("cutover_legacyimport", staff=own_vendor("SELECT, INSERT")),
        protect("cutover_legacycompany", staff=visible_parent("SELECT", parent="tenancy_company", column="company_id")),
        protect("cutover_wave", staff=own_vendor("SELECT, INSERT, UPDATE (status, sent_at, sent_on)")),
        protect(
            "cutover_move",
            portal=own_company("SELECT, UPDATE (portal_opened_at)"),
            staff=Access("SELECT, INSERT, DELETE, UPDATE (letter_to)", OWN_WAVE_AND_COMPANY),
        ),
    ]
