from django.db import migrations

# NOTIFY takes one lock of the whole server until its transaction is flushed: whoever notifies commits alone. So one at
# a time wakes the worker; what commits beside it is found at the worker's next look, within a second.
ONE_AT_A_TIME = """
CREATE OR REPLACE FUNCTION kit_wake_worker() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_try_advisory_xact_lock(hashtext('comptoir_events')) THEN
        PERFORM pg_notify('comptoir_events', '');
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("kit", "0002_rules")]
    operations = [migrations.RunSQL(ONE_AT_A_TIME, migrations.RunSQL.noop)]
