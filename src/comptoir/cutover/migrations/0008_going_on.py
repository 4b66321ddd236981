from django.db import migrations

# Who lets a wave go on has looked at what was in the way.
LOOKED_AT = "GRANT UPDATE (problem) ON cutover_move TO comptoir_staff"


class Migration(migrations.Migration):
    dependencies = [("cutover", "0007_moving_rules")]
    operations = [migrations.RunSQL(LOOKED_AT, migrations.RunSQL.noop)]
