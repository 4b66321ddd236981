from django.db import migrations

# What waited under an earlier name when the names changed is told under the one of today: no worker knows the other.
RENAMED = """
UPDATE kit_event SET name = 'stores_changed' WHERE name = 'subscriptions_changed' AND id IN (
    SELECT event_id FROM kit_eventdelivery WHERE done_at IS NULL);
UPDATE kit_eventdelivery d SET listener = renamed.today, next_attempt_at = now()
FROM (VALUES
    ('comptoir.access.tasks.tell_programs_of_subscriptions', 'comptoir.access.tasks.tell_programs_of_changed_stores'),
    ('comptoir.access.tasks.tell_programs_of_stores', 'comptoir.access.tasks.tell_programs_of_due_stores'),
    ('comptoir.access.tasks.tell_programs_of_import', 'comptoir.access.tasks.tell_programs_to_ask_again')
) AS renamed (earlier, today)
WHERE d.done_at IS NULL AND d.listener = renamed.earlier;
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0011_told_through"), ("kit", "0003_one_wakes")]
    operations = [migrations.RunSQL(RENAMED, migrations.RunSQL.noop)]
