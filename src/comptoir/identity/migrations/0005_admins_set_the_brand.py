from django.db import migrations

from comptoir.tenancy.rls import OWN_USER

ADMINS_ALONE = f"""
CREATE POLICY admins_set_the_brand ON tenancy_vendor AS RESTRICTIVE FOR UPDATE TO comptoir_staff USING (EXISTS (
    SELECT 1 FROM identity_staffmember member
    WHERE member.vendor_id = tenancy_vendor.id AND member.user_id = {OWN_USER} AND member.role = 'admin'
      AND member.ended_at IS NULL));
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0004_login_event_rules"), ("tenancy", "0009_brand_rules")]
    operations = [migrations.RunSQL(ADMINS_ALONE, "DROP POLICY admins_set_the_brand ON tenancy_vendor")]
