from django.db import migrations

from comptoir.tenancy.rls import OWN_USER, OWN_VENDOR, Access, open_to_web, own_vendor, protect

CACHE = """
CREATE TABLE identity_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX identity_cache_expires ON identity_cache (expires);
"""

LOGIN_TABLES = {
    "identity_user": "SELECT, UPDATE",
    "identity_loginaddress": "SELECT",
    "identity_cache": "SELECT, INSERT, UPDATE, DELETE",
    "django_session": "SELECT, INSERT, UPDATE, DELETE",
    "django_content_type": "SELECT",
    "account_emailaddress": "SELECT, INSERT, UPDATE, DELETE",
    "account_emailconfirmation": "SELECT, INSERT, UPDATE, DELETE",
    "mfa_authenticator": "SELECT, INSERT, UPDATE, DELETE",
}

# Whoever is on the billing team may be named to it, and a person may see the own roles before choosing a vendor.
OWN_ROLES = f"(vendor_id = {OWN_VENDOR} OR user_id = {OWN_USER})"
STAFF_VENDORS = f"""
CREATE POLICY staff_of ON tenancy_vendor FOR SELECT TO comptoir_staff USING (EXISTS (
    SELECT 1 FROM identity_staffmember member
    WHERE member.vendor_id = tenancy_vendor.id AND member.user_id = {OWN_USER} AND member.ended_at IS NULL));
"""
PEOPLE = f"""
ALTER TABLE identity_user ENABLE ROW LEVEL SECURITY;
CREATE POLICY web ON identity_user TO comptoir_web USING (true) WITH CHECK (true);
GRANT SELECT (id, email, name, language) ON identity_user TO comptoir_portal, comptoir_staff;
CREATE POLICY colleagues ON identity_user FOR SELECT TO comptoir_staff USING (EXISTS (
    SELECT 1 FROM identity_staffmember member WHERE member.user_id = identity_user.id));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
        ("tenancy", "0002_rules"),
        ("sessions", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("account", "0001_initial"),
        ("mfa", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(CACHE, "DROP TABLE identity_cache"),
        *(open_to_web(table, privileges) for table, privileges in LOGIN_TABLES.items()),
        protect("identity_staffmember", staff=Access("SELECT, INSERT, UPDATE (ended_at)", OWN_ROLES)),
        protect("identity_staffinvitation", staff=own_vendor("SELECT, INSERT")),
        migrations.RunSQL(STAFF_VENDORS, migrations.RunSQL.noop),
        migrations.RunSQL(PEOPLE, migrations.RunSQL.noop),
    ]
