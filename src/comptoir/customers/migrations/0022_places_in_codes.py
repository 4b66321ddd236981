from django.db import migrations

# A state by its name matches no jurisdiction: the store would be billed without any tax, and nobody told. Rows from
# before this rule are met by it when they are written next.
RULES = """
ALTER TABLE customers_location ADD CONSTRAINT state_is_a_code
    CHECK (country NOT IN ('US', 'CA') OR state ~ '^([A-Z]{2})?$') NOT VALID;
GRANT UPDATE (county, country) ON customers_location TO comptoir_staff;
"""
UNDONE = """
REVOKE UPDATE (county, country) ON customers_location FROM comptoir_staff;
ALTER TABLE customers_location DROP CONSTRAINT state_is_a_code;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0021_locations_stay")]
    operations = [migrations.RunSQL(RULES, UNDONE)]
