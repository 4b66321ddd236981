from django.db import migrations

from comptoir.tenancy.rls import OWN_COMPANY

# A customer is warned where the old system may still take payment: for that its pages read how it did, and the month.
READ = f"""
GRANT SELECT (id, company_id, paid_by) ON cutover_legacycompany TO comptoir_portal;
CREATE POLICY portal ON cutover_legacycompany TO comptoir_portal USING (company_id = {OWN_COMPANY});
GRANT SELECT (id, first_invoice_month) ON cutover_wave TO comptoir_portal;
CREATE POLICY portal ON cutover_wave TO comptoir_portal USING (EXISTS (
    SELECT 1 FROM cutover_move move WHERE move.wave_id = cutover_wave.id AND move.company_id = {OWN_COMPANY}));
"""


class Migration(migrations.Migration):
    dependencies = [("cutover", "0002_rules")]
    operations = [migrations.RunSQL(READ, migrations.RunSQL.noop)]
