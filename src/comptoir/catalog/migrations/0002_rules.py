from django.db import migrations

from comptoir.kit.sql import never_deleted
from comptoir.tenancy.rls import own_vendor, protect, visible_parent

OF_OWN_VENDOR = {"parent": "tenancy_vendor", "column": "vendor_id"}


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("tenancy", "0002_rules")]
    operations = [
        never_deleted("catalog_product"),
        never_deleted("catalog_plan"),
        protect("catalog_product", portal=visible_parent("SELECT", **OF_OWN_VENDOR), staff=own_vendor("SELECT")),
        protect("catalog_plan", portal=visible_parent("SELECT", **OF_OWN_VENDOR), staff=own_vendor("SELECT")),
        protect("catalog_price", staff=visible_parent("SELECT", parent="catalog_plan", column="plan_id")),
    ]
