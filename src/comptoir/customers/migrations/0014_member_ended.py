from django.db import migrations

from comptoir.tenancy.rls import may_emit


class Migration(migrations.Migration):
    dependencies = [("customers", "0013_member_invitation_rules")]
    operations = [may_emit("portal", "member_ended")]
