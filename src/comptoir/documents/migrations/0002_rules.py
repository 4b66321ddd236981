from django.db import migrations

from comptoir.kit.sql import append_only
from comptoir.tenancy.rls import own_company, own_vendor, protect


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial"), ("tenancy", "0002_rules")]
    operations = [
        append_only("documents_storeddocument"),
        protect("documents_storeddocument", portal=own_company("SELECT"), staff=own_vendor("SELECT")),
    ]
