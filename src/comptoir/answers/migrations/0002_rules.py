from django.db import migrations

from comptoir.kit.sql import append_only
from comptoir.tenancy.rls import OWN_USER, OWN_VENDOR, Access, protect

# Customers read their own vendor's answers; the team writes in the own name.
OF_OWN_VENDOR = "EXISTS (SELECT 1 FROM tenancy_vendor parent WHERE parent.id = {table}.vendor_id)"


class Migration(migrations.Migration):
    dependencies = [("answers", "0001_initial"), ("tenancy", "0003_door_events")]
    operations = [
        append_only("answers_answeredition"),
        protect(
            "answers_answeredition",
            portal=Access("SELECT", OF_OWN_VENDOR),
            staff=Access(
                "SELECT, INSERT",
                f"vendor_id = {OWN_VENDOR}",
                written=f"vendor_id = {OWN_VENDOR} AND written_by_id = {OWN_USER}",
            ),
        ),
    ]
