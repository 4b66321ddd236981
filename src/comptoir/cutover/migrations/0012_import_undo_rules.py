from django.db import migrations

from comptoir.kit.sql import fixed_columns, never_deleted
from comptoir.tenancy.rls import OWN_USER, Access, may_emit, protect

# Only what an import took, changing nothing that was here, is undone; a manager asks for it; at its end nothing is left.
ASKED = """
CREATE FUNCTION cutover_check_undo() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.status <> 'requested' OR NOT EXISTS (
        SELECT 1 FROM cutover_legacyimport i JOIN identity_staffmember s ON s.vendor_id = i.vendor_id
        WHERE i.id = NEW.read_id AND i.status = 'done' AND NOT i.is_trial
            AND i.report #>> '{counts,updated}' = '0'
            AND s.user_id = NEW.requested_by_id AND s.ended_at IS NULL AND s.role IN ('manager', 'admin'))
    THEN
        RAISE EXCEPTION 'import %: a manager asks to undo one that has changed nothing', NEW.read_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cutover_importundo_check BEFORE INSERT ON cutover_importundo
    FOR EACH ROW EXECUTE FUNCTION cutover_check_undo();
CREATE TRIGGER cutover_importundo_finished BEFORE UPDATE ON cutover_importundo
    FOR EACH ROW WHEN (OLD.status <> 'requested') EXECUTE FUNCTION kit_refuse_change();

CREATE FUNCTION cutover_check_undone() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM cutover_legacycompany WHERE imported_by_id = NEW.read_id)
        OR EXISTS (SELECT 1 FROM cutover_legacyinvoice WHERE imported_by_id = NEW.read_id)
    THEN
        RAISE EXCEPTION 'import %: something that it brought is still there', NEW.read_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cutover_importundo_done BEFORE UPDATE ON cutover_importundo
    FOR EACH ROW WHEN (NEW.status = 'done') EXECUTE FUNCTION cutover_check_undone();

CREATE FUNCTION cutover_refuse_sign_off_of_undone() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM cutover_importundo WHERE read_id = NEW.read_id AND status <> 'refused') THEN
        RAISE EXCEPTION 'import %: what was undone is not signed off', NEW.read_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cutover_importsignoff_of_undone BEFORE INSERT ON cutover_importsignoff
    FOR EACH ROW EXECUTE FUNCTION cutover_refuse_sign_off_of_undone();
"""
DROP_ASKED = """
DROP FUNCTION cutover_check_undo() CASCADE;
DROP FUNCTION cutover_check_undone() CASCADE;
DROP FUNCTION cutover_refuse_sign_off_of_undone() CASCADE;
DROP TRIGGER cutover_importundo_finished ON cutover_importundo;
"""

# What may go: a company, with its stores and services, that an import brought which is being undone, and a paper of
# it. Tables with foreign keys refuse by themselves; those without, for the sake of speed, are looked into here.
BEING_UNDONE = """
EXISTS (SELECT 1 FROM cutover_legacycompany l JOIN cutover_importundo u ON u.read_id = l.imported_by_id
        WHERE l.company_id = {company} AND u.status = 'requested')
"""
MAY_GO = {
    "tenancy_company": f"""
        gone.billed_since IS NULL AND {BEING_UNDONE.format(company="gone.id")}
        AND NOT EXISTS (SELECT 1 FROM invoicing_invoice x WHERE x.company_id = gone.id)
        AND NOT EXISTS (SELECT 1 FROM invoicing_billrunitem x WHERE x.company_id = gone.id)
        AND NOT EXISTS (SELECT 1 FROM ledger_posting x WHERE x.company_id = gone.id)
    """,
    "subscriptions_subscription": f"""
        gone.legacy_key <> '' AND {BEING_UNDONE.format(company="gone.company_id")}
        AND NOT EXISTS (SELECT 1 FROM invoicing_coverage x WHERE x.subscription_id = gone.id)
        AND NOT EXISTS (SELECT 1 FROM invoicing_invoiceline x WHERE x.subscription_id = gone.id)
    """,
    "customers_location": """
        EXISTS (SELECT 1 FROM cutover_importundo u JOIN cutover_legacyimport i ON i.id = u.read_id
                WHERE u.status = 'requested' AND i.kind = 'customers' AND i.vendor_id = gone.vendor_id)
        AND NOT EXISTS (SELECT 1 FROM invoicing_invoice x WHERE x.location_id = gone.id)
        AND NOT EXISTS (SELECT 1 FROM invoicing_invoiceline x WHERE x.location_id = gone.id)
    """,
    "documents_storeddocument": """
        EXISTS (SELECT 1 FROM cutover_importundo u JOIN cutover_legacyimport i ON i.id = u.read_id
                CROSS JOIN LATERAL jsonb_array_elements_text(i.report -> 'kept') AS kept(id)
                WHERE u.status = 'requested' AND i.kind = 'papers' AND i.vendor_id = gone.vendor_id
                    AND gone.reference = 'old_invoice:' || kept.id)
    """,
}


def only_undone(table: str) -> str:
    """Write the SQL that lets rows go that an import brought which is being undone, and no others."""
    return f"""
        CREATE FUNCTION cutover_keep_{table}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = public, pg_temp AS $$
        BEGIN
            IF EXISTS (SELECT 1 FROM gone WHERE NOT ({MAY_GO[table]})) THEN
                RAISE EXCEPTION '{table} is kept: only what an import brought that is being undone may go'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER {table}_only_undone AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone
            FOR EACH STATEMENT EXECUTE FUNCTION cutover_keep_{table}();
    """


NEVER_DELETED = ("tenancy_company", "subscriptions_subscription", "customers_location")
LET_GO = "".join(f"DROP TRIGGER {table}_never_deleted ON {table};" for table in NEVER_DELETED)
KEEP = "".join(
    f"CREATE TRIGGER {table}_never_deleted BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION kit_refuse_change();"
    for table in NEVER_DELETED
)
LET_PAPERS_GO = """
DROP TRIGGER documents_storeddocument_append_only ON documents_storeddocument;
CREATE TRIGGER documents_storeddocument_append_only BEFORE UPDATE ON documents_storeddocument
    FOR EACH ROW EXECUTE FUNCTION kit_refuse_change();
"""
KEEP_PAPERS = LET_PAPERS_GO.replace("BEFORE UPDATE", "BEFORE UPDATE OR DELETE")
OWN_IMPORT = "EXISTS (SELECT 1 FROM cutover_legacyimport parent WHERE parent.id = {table}.read_id)"


class Migration(migrations.Migration):
    dependencies = [
        ("cutover", "0011_import_undo"),
        ("customers", "0002_rules"),
        ("documents", "0002_rules"),
        ("invoicing", "0002_rules"),
        ("ledger", "0002_rules"),
        ("subscriptions", "0002_rules"),
        ("tenancy", "0002_rules"),
    ]
    operations = [
        never_deleted("cutover_importundo"),
        fixed_columns("cutover_importundo", ["read_id", "reason", "requested_by_id", "requested_by_name", "requested_at"]),
        migrations.RunSQL(ASKED, DROP_ASKED),
        *(
            migrations.RunSQL(only_undone(table), f"DROP FUNCTION cutover_keep_{table}() CASCADE")
            for table in MAY_GO
        ),
        migrations.RunSQL(LET_GO, KEEP),
        migrations.RunSQL(LET_PAPERS_GO, KEEP_PAPERS),
        protect(
            "cutover_importundo",
            staff=Access("SELECT, INSERT", OWN_IMPORT, f"{OWN_IMPORT} AND requested_by_id = {OWN_USER}"),
        ),
        may_emit("staff", "import_undo_requested"),
    ]
