from django.db import migrations

from comptoir.kit.sql import never_deleted
from comptoir.tenancy.rls import OWN_COMPANY, OWN_USER, Access, own_company, own_vendor, protect, visible_parent

# A person sees the own memberships before a company is chosen, and the companies they lead to.
OWN_MEMBERSHIPS = f"(company_id = {OWN_COMPANY} OR user_id = {OWN_USER})"
MEMBERS_COMPANIES = f"""
CREATE POLICY member_of ON tenancy_company FOR SELECT TO comptoir_portal USING (EXISTS (
    SELECT 1 FROM customers_member member
    WHERE member.company_id = tenancy_company.id AND member.user_id = {OWN_USER} AND member.ended_at IS NULL));
CREATE POLICY members ON identity_user FOR SELECT TO comptoir_portal, comptoir_staff USING (EXISTS (
    SELECT 1 FROM customers_member member WHERE member.user_id = identity_user.id));
"""
OWNED_LOCATIONS = "EXISTS (SELECT 1 FROM customers_ownership own WHERE own.location_id = {table}.id)"


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial"), ("identity", "0002_rules")]
    operations = [
        never_deleted("customers_location"),
        protect(
            "customers_contact",
            portal=own_company("SELECT"),
            staff=visible_parent("SELECT", parent="tenancy_company", column="company_id"),
        ),
        protect(
            "customers_ownership",
            portal=own_company("SELECT"),
            staff=visible_parent("SELECT", parent="tenancy_company", column="company_id"),
        ),
        protect("customers_location", portal=Access("SELECT", OWNED_LOCATIONS), staff=own_vendor("SELECT")),
        protect(
            "customers_storeverification",
            portal=own_company("SELECT, INSERT, UPDATE"),
            staff=visible_parent("SELECT", parent="tenancy_company", column="company_id"),
        ),
        protect(
            "customers_member",
            portal=Access("SELECT", OWN_MEMBERSHIPS),
            staff=visible_parent("SELECT", parent="tenancy_company", column="company_id"),
        ),
        migrations.RunSQL(MEMBERS_COMPANIES, migrations.RunSQL.noop),
    ]
