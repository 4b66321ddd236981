from django.db import migrations

# Whoever ends a plan ends the add-ons that it leaves alone, and asks for them by the rule's own function.
GRANT = "GRANT EXECUTE ON FUNCTION subscriptions_addon_without_plan(bigint, bigint) TO comptoir_staff"
REVOKE = "REVOKE EXECUTE ON FUNCTION subscriptions_addon_without_plan(bigint, bigint) FROM comptoir_staff"


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0002_rules")]
    operations = [migrations.RunSQL(GRANT, REVOKE)]
