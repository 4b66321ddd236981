from django.db import migrations

# The billing team puts down stores of its own vendor, for its own companies.
OPEN = """
GRANT INSERT ON customers_location, customers_ownership TO comptoir_staff;
GRANT USAGE ON SEQUENCE customers_location_id_seq, customers_ownership_id_seq TO comptoir_staff;
ALTER POLICY staff ON customers_ownership WITH CHECK (
    EXISTS (SELECT 1 FROM tenancy_company c JOIN customers_location l ON l.vendor_id = c.vendor_id
            WHERE c.id = customers_ownership.company_id AND l.id = customers_ownership.location_id));
"""
CLOSE = """
REVOKE INSERT ON customers_location, customers_ownership FROM comptoir_staff;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_rules")]
    operations = [migrations.RunSQL(OPEN, CLOSE)]
