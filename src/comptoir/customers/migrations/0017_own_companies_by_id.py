from django.db import migrations

from comptoir.tenancy.rls import OWN_USER

# The same rows as before, asked for in lists: PostgreSQL looks the companies of a list up by their ids, while to learn
# whether one exists it read the table from its beginning until it came to the person's own.
BY_ID = f"""
ALTER POLICY member_of ON tenancy_company USING (id = ANY (ARRAY(
    SELECT member.company_id FROM customers_member member
    WHERE member.user_id = {OWN_USER} AND member.ended_at IS NULL)));
ALTER POLICY portal ON tenancy_vendor USING (id = ANY (ARRAY(SELECT c.vendor_id FROM tenancy_company c)))
    WITH CHECK (id = ANY (ARRAY(SELECT c.vendor_id FROM tenancy_company c)));
"""
ONE_BY_ONE = f"""
ALTER POLICY member_of ON tenancy_company USING (EXISTS (
    SELECT 1 FROM customers_member member
    WHERE member.company_id = tenancy_company.id AND member.user_id = {OWN_USER} AND member.ended_at IS NULL));
ALTER POLICY portal ON tenancy_vendor
    USING (EXISTS (SELECT 1 FROM tenancy_company c WHERE c.vendor_id = tenancy_vendor.id))
    WITH CHECK (EXISTS (SELECT 1 FROM tenancy_company c WHERE c.vendor_id = tenancy_vendor.id));
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0016_location_brand"), ("tenancy", "0009_brand_rules")]
    operations = [migrations.RunSQL(BY_ID, ONE_BY_ONE)]
