from django.db import migrations

# A policy of earlier days may suspend or hand over without a final notice: nothing of it ever came, since nothing
# proved it, and nobody could change it. What it could not do it says no longer.
SETTLED = """
DELETE FROM dunning_step s WHERE s.kind IN ('suspension', 'hand_over') AND NOT EXISTS (
    SELECT 1 FROM dunning_step f WHERE f.policy_id = s.policy_id AND f.kind = 'final_notice');
"""


class Migration(migrations.Migration):
    dependencies = [("dunning", "0006_named_day")]
    operations = [migrations.RunSQL(SETTLED, migrations.RunSQL.noop)]
