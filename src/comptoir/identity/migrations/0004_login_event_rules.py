from django.db import migrations

from comptoir.kit.sql import fixed_columns
from comptoir.tenancy.rls import open_to_web


class Migration(migrations.Migration):
    dependencies = [("identity", "0002_rules"), ("usersessions", "0001_initial")]
    operations = [
        fixed_columns("identity_loginevent", ["user_id", "kind", "way", "at", "ip", "user_agent"]),
        open_to_web("identity_loginevent", "SELECT, INSERT"),
        open_to_web("usersessions_usersession", "SELECT, INSERT, UPDATE, DELETE"),
    ]
