from django.db import migrations

# What changes at stores is told by one event, of whichever kind it is.
GONE = "DELETE FROM tenancy_doorevent WHERE name = 'subscriptions_changed'"


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0006_staff_tells_changes")]
    operations = [migrations.RunSQL(GONE, migrations.RunSQL.noop)]
