from django.db import migrations

# Pages of a company read by company, those of a team by vendor: a row that named two vendors would be read by both.
OF_ITS_VENDOR = """
CREATE FUNCTION documents_check_company() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM tenancy_company c WHERE c.id = NEW.company_id AND c.vendor_id = NEW.vendor_id) THEN
        RAISE EXCEPTION 'document %: its company is another vendor''s', NEW.reference
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER documents_storeddocument_of_its_vendor BEFORE INSERT ON documents_storeddocument
    FOR EACH ROW EXECUTE FUNCTION documents_check_company();
"""


def true_to_its_hash(table: str, name: str) -> migrations.RunSQL:
    """Return the rule that a file's hash is its content's."""
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (sha256 = encode(sha256(content), 'hex'))",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("documents", "0005_own_papers"), ("tenancy", "0002_rules")]
    operations = [
        true_to_its_hash("documents_storeddocument", "document_is_true_to_its_hash"),
        true_to_its_hash("documents_printpart", "part_is_true_to_its_hash"),
        migrations.RunSQL(OF_ITS_VENDOR, "DROP FUNCTION documents_check_company() CASCADE"),
    ]
