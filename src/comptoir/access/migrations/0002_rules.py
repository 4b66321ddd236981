from django.db import migrations

from comptoir.tenancy.rls import protect

TABLES = ("application", "grant", "accesstoken", "refreshtoken", "idtoken")


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial"), ("tenancy", "0002_rules")]
    operations = [protect(f"access_{table}") for table in TABLES]
