from django.db import migrations

from comptoir.kit.sql import append_only, fixed_columns, never_deleted
from comptoir.tenancy.rls import OWN_USER, Access, may_emit, own_company, own_vendor, protect, visible_parent

# A trial stays a trial, and a file of invoices one of invoices: evidence like the rest of what was asked for.
ASKED = fixed_columns("cutover_legacyimport", ["kind", "is_trial"])
ASKED_SQL = str(ASKED.sql).replace("cutover_legacyimport_fixed_columns", "cutover_legacyimport_fixed_kind")

RULES = """
CREATE FUNCTION cutover_refuse_unexplained_move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM cutover_legacyinvoice WHERE company_id = NEW.id) AND NOT EXISTS (
        SELECT 1 FROM cutover_comparison c WHERE c.company_id = NEW.id AND c.is_current AND (
            c.verdict <> 'unexplained' OR EXISTS (
                SELECT 1 FROM cutover_comparisonsignature s WHERE s.company_id = c.company_id
                    AND s.fingerprint = c.fingerprint AND s.withdrawn_at IS NULL)))
    THEN
        RAISE EXCEPTION 'company %: its next invoice is not compared with the old one, explained or signed', NEW.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cutover_unexplained_move BEFORE UPDATE OF billed_since ON tenancy_company
    FOR EACH ROW WHEN (OLD.billed_since IS NULL AND NEW.billed_since IS NOT NULL)
    EXECUTE FUNCTION cutover_refuse_unexplained_move();

CREATE FUNCTION cutover_check_signature() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM cutover_comparison c WHERE c.company_id = NEW.company_id AND c.is_current
        AND c.fingerprint = NEW.fingerprint AND c.verdict = 'unexplained' FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'company %: there is no such unexplained difference to sign', NEW.company_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM identity_staffmember s JOIN tenancy_company c ON c.vendor_id = s.vendor_id
        WHERE c.id = NEW.company_id AND s.user_id = NEW.signed_by_id AND s.ended_at IS NULL AND s.role IN ('manager', 'admin'))
    THEN
        RAISE EXCEPTION 'company %: a difference is signed by a manager', NEW.company_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cutover_comparisonsignature_check BEFORE INSERT ON cutover_comparisonsignature
    FOR EACH ROW EXECUTE FUNCTION cutover_check_signature();
CREATE TRIGGER cutover_comparisonsignature_withdrawn BEFORE UPDATE ON cutover_comparisonsignature
    FOR EACH ROW WHEN (OLD.withdrawn_at IS NOT NULL) EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER cutover_comparisonrun_finished BEFORE UPDATE ON cutover_comparisonrun
    FOR EACH ROW WHEN (OLD.finished_at IS NOT NULL) EXECUTE FUNCTION kit_refuse_change();
"""
DROP_RULES = """
DROP FUNCTION cutover_refuse_unexplained_move() CASCADE;
DROP FUNCTION cutover_check_signature() CASCADE;
DROP TRIGGER cutover_comparisonsignature_withdrawn ON cutover_comparisonsignature;
DROP TRIGGER cutover_comparisonrun_finished ON cutover_comparisonrun;
"""
VISIBLE_COMPANY = "EXISTS (SELECT 1 FROM tenancy_company parent WHERE parent.id = {table}.company_id)"


class Migration(migrations.Migration):
    dependencies = [("cutover", "0003_portal_warns"), ("identity", "0002_rules"), ("tenancy", "0002_rules")]
    operations = [
        migrations.RunSQL(ASKED_SQL, "DROP TRIGGER cutover_legacyimport_fixed_kind ON cutover_legacyimport"),
        append_only("cutover_comparisonnote"),
        never_deleted("cutover_comparisonrun"),
        never_deleted("cutover_comparisonsignature"),
        fixed_columns("cutover_comparisonrun", ["vendor_id", "tolerance_minor", "requested_by", "requested_at"]),
        fixed_columns(
            "cutover_comparisonsignature", ["company_id", "fingerprint", "reason", "signed_by_id", "signed_by_name", "signed_at"]
        ),
        migrations.RunSQL(RULES, DROP_RULES),
        protect(
            "cutover_legacyinvoice",
            portal=own_company("SELECT"),
            staff=visible_parent("SELECT", parent="tenancy_company", column="company_id"),
        ),
        protect("cutover_comparisonrun", staff=own_vendor("SELECT, INSERT")),
        protect("cutover_comparison", staff=visible_parent("SELECT", parent="tenancy_company", column="company_id")),
        protect(
            "cutover_comparisonnote",
            staff=Access("SELECT, INSERT", VISIBLE_COMPANY, f"{VISIBLE_COMPANY} AND written_by_id = {OWN_USER}"),
        ),
        protect(
            "cutover_comparisonsignature",
            staff=visible_parent(
                "SELECT, INSERT, UPDATE (withdrawn_by_id, withdrawn_by_name, withdrawn_at)",
                parent="tenancy_company",
                column="company_id",
            ),
        ),
        may_emit("staff", "comparison_requested"),
    ]
