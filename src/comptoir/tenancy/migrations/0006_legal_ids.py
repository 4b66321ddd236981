from django.db import migrations

IDS = """country, registration_scheme, registration_number, vat_id, tax_registration, electronic_scheme,
    electronic_address"""
GRANTS = f"""
GRANT UPDATE ({IDS}) ON tenancy_company TO comptoir_staff;
GRANT UPDATE ({IDS}, late_penalty) ON tenancy_vendor TO comptoir_staff;
"""
TAKEN_BACK = f"""
REVOKE UPDATE ({IDS}) ON tenancy_company FROM comptoir_staff;
REVOKE UPDATE ({IDS}, late_penalty) ON tenancy_vendor FROM comptoir_staff;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('tenancy', '0005_terms'),
    ]

    operations = [
        migrations.RunSQL(GRANTS, TAKEN_BACK),
    ]
