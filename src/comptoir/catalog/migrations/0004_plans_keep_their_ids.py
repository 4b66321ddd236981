from django.db import migrations

# What points at a plan is looked at when it comes, and never again: the plan is never deleted, nor called otherwise.
KEEPS_ITS_ID = """
CREATE TRIGGER catalog_plan_keeps_its_id BEFORE UPDATE ON catalog_plan
    FOR EACH ROW WHEN (OLD.id IS DISTINCT FROM NEW.id) EXECUTE FUNCTION kit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_staff_add")]
    operations = [
        migrations.RunSQL(KEEPS_ITS_ID, "DROP TRIGGER catalog_plan_keeps_its_id ON catalog_plan"),
    ]
