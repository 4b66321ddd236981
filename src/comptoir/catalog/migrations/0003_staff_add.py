from django.db import migrations

# The billing team adds to the catalog; the policies of 0002 keep it to its own vendor.
GRANTS = """
GRANT INSERT ON catalog_product, catalog_plan TO comptoir_staff;
GRANT USAGE ON SEQUENCE catalog_product_id_seq, catalog_plan_id_seq TO comptoir_staff;
"""
UNDO = """
REVOKE INSERT ON catalog_product, catalog_plan FROM comptoir_staff;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_rules")]
    operations = [migrations.RunSQL(GRANTS, UNDO)]
