from django.db import migrations

# A company goes back to the old system while it has no invoice here, but for what was brought from there and is
# credited in full again.
BEFORE = "EXISTS (SELECT 1 FROM invoicing_invoice WHERE company_id = NEW.id)"
NOW = """EXISTS (
            SELECT 1 FROM invoicing_invoice i WHERE i.company_id = NEW.id AND (i.kind <> 'opening' OR i.total_minor > (
                SELECT coalesce(sum(n.total_minor), 0) FROM invoicing_creditnote n WHERE n.invoice_id = i.id)))"""


def changes_systems(billed: str) -> str:
    """Write the rule by which a company is billed here from the day of its move, and goes back while it is not billed."""
    return f"""
CREATE OR REPLACE FUNCTION cutover_company_changes_systems() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.billed_since IS NULL THEN
        IF NOT EXISTS (SELECT 1 FROM cutover_move WHERE company_id = NEW.id AND moved_on = NEW.billed_since
                       AND taken_back_at IS NULL) THEN
            RAISE EXCEPTION 'company % is billed here only from the day of its move', NEW.id
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF NEW.billed_since IS NOT NULL OR {billed}
       OR EXISTS (SELECT 1 FROM cutover_move WHERE company_id = NEW.id AND moved_on IS NOT NULL
                  AND taken_back_at IS NULL)
       OR NOT EXISTS (SELECT 1 FROM cutover_move WHERE company_id = NEW.id AND moved_on = OLD.billed_since) THEN
        RAISE EXCEPTION 'since when company % is billed here does not change', NEW.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("cutover", "0013_brings_balances"), ("invoicing", "0016_opening_once")]
    operations = [
        migrations.RunSQL(changes_systems(NOW), changes_systems(BEFORE)),
        migrations.RunSQL("GRANT UPDATE (brings_balances) ON cutover_wave TO comptoir_staff", migrations.RunSQL.noop),
    ]
