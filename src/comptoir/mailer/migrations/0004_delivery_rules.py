from django.db import migrations

from comptoir.kit.sql import append_only, fixed_columns, never_deleted
from comptoir.tenancy.rls import Access, may_emit, own_vendor, protect

# What a provider or mail server tells is put down before anybody knows whose it is.
REPORTS = """
CREATE POLICY intake_mail ON kit_event TO comptoir_intake
    USING (name = 'mail_reported' AND company_id IS NULL)
    WITH CHECK (name = 'mail_reported' AND company_id IS NULL AND vendor_id IS NULL)
"""


class Migration(migrations.Migration):
    dependencies = [("mailer", "0003_delivery"), ("tenancy", "0003_door_events")]
    operations = [
        append_only("mailer_deliveryreport"),
        protect("mailer_deliveryreport", intake=Access("SELECT (event_id), INSERT", "true")),
        never_deleted("mailer_markedaddress"),
        fixed_columns("mailer_markedaddress", ["vendor_id", "address", "reason", "detail", "message_id", "marked_at"]),
        migrations.RunSQL(
            """
            CREATE TRIGGER mailer_markedaddress_cleared_once BEFORE UPDATE ON mailer_markedaddress
                FOR EACH ROW WHEN (OLD.cleared_at IS NOT NULL) EXECUTE FUNCTION kit_refuse_change()
            """,
            "DROP TRIGGER mailer_markedaddress_cleared_once ON mailer_markedaddress",
        ),
        protect("mailer_markedaddress", staff=own_vendor("SELECT, UPDATE (cleared_at, cleared_by)")),
        migrations.RunSQL(REPORTS, "DROP POLICY intake_mail ON kit_event"),
        may_emit("staff", "mail_decided", "mail_address_cleared"),
    ]
