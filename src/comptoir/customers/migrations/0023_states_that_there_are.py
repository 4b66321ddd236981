from django.db import migrations

US = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA "
    "RI SC SD TN TX UT VT VA WA WV WI WY PR VI GU AS MP"
).split()
CA = ["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"]

# Taxes are found by country and state: what is no code of ISO 3166-2 matches none. Rows from before this rule are met
# by it when they are written next.
RULES = f"""
ALTER TABLE customers_location DROP CONSTRAINT state_is_a_code;
ALTER TABLE customers_location ADD CONSTRAINT country_is_a_code CHECK (country ~ '^[A-Z]{{2}}$') NOT VALID;
ALTER TABLE customers_location ADD CONSTRAINT state_is_a_code CHECK (state = '' OR CASE country
    WHEN 'US' THEN state = ANY('{{{",".join(US)}}}') WHEN 'CA' THEN state = ANY('{{{",".join(CA)}}}')
    ELSE state ~ '^[A-Z0-9]{{1,3}}$' END) NOT VALID;
"""
UNDONE = """
ALTER TABLE customers_location DROP CONSTRAINT state_is_a_code;
ALTER TABLE customers_location DROP CONSTRAINT country_is_a_code;
ALTER TABLE customers_location ADD CONSTRAINT state_is_a_code
    CHECK (country NOT IN ('US', 'CA') OR state ~ '^([A-Z]{2})?$') NOT VALID;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0022_places_in_codes")]
    operations = [migrations.RunSQL(RULES, UNDONE)]
