from django.db import migrations

# What a company without a store takes for itself is taxed by the company's own country.
OUTDATES = """
CREATE TRIGGER tenancy_company_outdates_update AFTER UPDATE ON tenancy_company
    REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION cutover_outdate_changed(
        'SELECT id AS company_id FROM changed JOIN before USING (id) WHERE changed.country <> before.country');
"""


class Migration(migrations.Migration):
    dependencies = [("cutover", "0023_outdating_by_rules_alone"), ("tenancy", "0011_ids_stay")]
    operations = [
        migrations.RunSQL(OUTDATES, "DROP TRIGGER tenancy_company_outdates_update ON tenancy_company"),
    ]
