from django.db import migrations

from comptoir.kit.sql import fixed_columns, never_deleted
from comptoir.tenancy.rls import OWN_VENDOR, own_vendor, protect

# A key that is revoked stays so.
REVOKED_ONCE = """
CREATE TRIGGER access_apikey_revoked_once BEFORE UPDATE ON access_apikey
    FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL) EXECUTE FUNCTION kit_refuse_change();
"""

# What a program asks for: which products a store is subscribed to.
OPEN = f"""
GRANT SELECT (id, vendor_id, product_id, name, client_id, redirect_uris, post_logout_redirect_uris, backchannel_logout_uri)
    ON access_application TO comptoir_staff;
CREATE POLICY staff ON access_application TO comptoir_staff USING (vendor_id = {OWN_VENDOR});
GRANT SELECT (id, vendor_id, key_hash, revoked_at) ON access_apikey TO comptoir_access;
CREATE POLICY access ON access_apikey TO comptoir_access USING (true);
GRANT SELECT (id, company_id, location_id, plan_id, vendor_id, starts_on, ends_on)
    ON subscriptions_subscription TO comptoir_access;
CREATE POLICY access ON subscriptions_subscription TO comptoir_access USING (vendor_id = {OWN_VENDOR});
GRANT SELECT (id, vendor_id, product_id) ON catalog_plan TO comptoir_access;
CREATE POLICY access ON catalog_plan TO comptoir_access USING (vendor_id = {OWN_VENDOR});
"""
CLOSE = """
DROP POLICY access ON subscriptions_subscription; DROP POLICY access ON catalog_plan;
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0007_programs"), ("subscriptions", "0001_initial")]
    operations = [
        never_deleted("access_apikey"),
        fixed_columns("access_apikey", ["vendor_id", "name", "key_hash", "ending", "made_by", "made_at"]),
        migrations.RunSQL(REVOKED_ONCE, migrations.RunSQL.noop),
        protect("access_apikey", staff=own_vendor("SELECT, INSERT, UPDATE (revoked_by, revoked_at)")),
        protect("access_newsaddress", staff=own_vendor("SELECT, INSERT, UPDATE (url, sealed_secret), DELETE")),
        migrations.RunSQL(OPEN, CLOSE),
    ]
