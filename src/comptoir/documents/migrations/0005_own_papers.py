from django.db import migrations

# What is put together for the printer of a vendor are that vendor's papers, whoever asks.
OWN_PAPERS = """
CREATE FUNCTION documents_print_own_papers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bad text;
BEGIN
    SELECT paper.reference INTO bad
    FROM jsonb_array_elements(NEW.sheets) AS sheet(own)
    CROSS JOIN LATERAL jsonb_array_elements_text(sheet.own -> 2) AS paper(reference)
    WHERE NOT EXISTS (SELECT 1 FROM documents_storeddocument d
                      WHERE d.reference = paper.reference AND d.vendor_id = NEW.vendor_id)
    LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'print batch: % is no paper of its vendor', bad USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER documents_printbatch_own_papers BEFORE INSERT ON documents_printbatch
    FOR EACH ROW EXECUTE FUNCTION documents_print_own_papers();
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0004_printing_rules")]
    operations = [migrations.RunSQL(OWN_PAPERS, "DROP FUNCTION documents_print_own_papers() CASCADE")]
