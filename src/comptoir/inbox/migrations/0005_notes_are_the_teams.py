from django.db import migrations

from comptoir.tenancy.rls import OWN_COMPANY

# That the team noted something is for the team alone, too; a customer reads the rest of the own company's trail.
HIDDEN = f"ALTER POLICY portal ON tenancy_auditentry USING (company_id = {OWN_COMPANY} AND action <> 'note written')"
SHOWN = f"ALTER POLICY portal ON tenancy_auditentry USING (company_id = {OWN_COMPANY})"


class Migration(migrations.Migration):
    dependencies = [("inbox", "0004_kept_files"), ("tenancy", "0002_rules")]
    operations = [migrations.RunSQL(HIDDEN, SHOWN)]
