from django.db import migrations

from comptoir.kit.sql import check_at_commit

# What is open on an invoice of the old system, by its number on the line, is collected here once per company, unless
# what was brought before is credited in full. Only opening invoices are looked at: service invoices cost nothing.
ONCE = """
CREATE FUNCTION invoicing_opening_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM invoicing_invoiceline mine
        JOIN invoicing_invoice other ON other.company_id = NEW.company_id AND other.kind = 'opening' AND other.id <> NEW.id
        JOIN invoicing_invoiceline its ON its.invoice_id = other.id AND its.description = mine.description
        WHERE mine.invoice_id = NEW.id AND other.total_minor > (
            SELECT coalesce(sum(n.total_minor), 0) FROM invoicing_creditnote n WHERE n.invoice_id = other.id))
    THEN
        RAISE EXCEPTION 'company %: this invoice of the old system was brought here before', NEW.company_id
            USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NULL;
END $$;
"""
CHECK = check_at_commit("invoicing_invoice", "invoicing_opening_once")
CHECK_SQL = str(CHECK.sql).replace("FOR EACH ROW EXECUTE", "FOR EACH ROW WHEN (NEW.kind = 'opening') EXECUTE")


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0015_einvoice_data")]
    operations = [
        migrations.RunSQL(ONCE, "DROP FUNCTION invoicing_opening_once()"),
        migrations.RunSQL(CHECK_SQL, CHECK.reverse_sql),
    ]
