from django.db import migrations

REFUSE_CHANGE = """
CREATE FUNCTION kit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: what is on record there does not change', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""

# The worker listens, so that an event is delivered at once and not at the next look.
WAKE_WORKER = """
CREATE FUNCTION kit_wake_worker() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('comptoir_events', '');
    RETURN NULL;
END $$;
CREATE TRIGGER kit_eventdelivery_wake AFTER INSERT ON kit_eventdelivery
    FOR EACH STATEMENT EXECUTE FUNCTION kit_wake_worker();
"""


class Migration(migrations.Migration):
    dependencies = [("kit", "0001_initial")]
    operations = [
        migrations.RunSQL(REFUSE_CHANGE, "DROP FUNCTION kit_refuse_change()"),
        migrations.RunSQL(WAKE_WORKER, "DROP FUNCTION kit_wake_worker() CASCADE"),
    ]
