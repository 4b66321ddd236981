from django.db import migrations

from comptoir.tenancy.rls import OWN_COMPANY, Access, protect

OF_OWN_VENDOR = f"vendor_id = (SELECT vendor_id FROM tenancy_company WHERE id = {OWN_COMPANY})"


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0011_ids_stay")]
    operations = [protect("tenancy_doneonce", portal=Access("INSERT", OF_OWN_VENDOR))]
