from django.db import migrations

from comptoir.tenancy.rls import OWN_COMPANY

# As 0005 meant it, by a policy of our own beside tenancy's, which says again what tenancy says.
SHOWN = f"ALTER POLICY portal ON tenancy_auditentry USING (company_id = {OWN_COMPANY})"
HIDDEN_BY_TENANCYS = (
    f"ALTER POLICY portal ON tenancy_auditentry USING (company_id = {OWN_COMPANY} AND action <> 'note written')"
)
HIDDEN = """
CREATE POLICY notes_are_the_teams ON tenancy_auditentry AS RESTRICTIVE FOR SELECT TO comptoir_portal
    USING (action <> 'note written')
"""
NO_LONGER_HIDDEN = "DROP POLICY notes_are_the_teams ON tenancy_auditentry"


class Migration(migrations.Migration):
    dependencies = [("inbox", "0005_notes_are_the_teams")]
    operations = [migrations.RunSQL(HIDDEN, NO_LONGER_HIDDEN), migrations.RunSQL(SHOWN, HIDDEN_BY_TENANCYS)]
