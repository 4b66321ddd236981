from django.db import migrations

from comptoir.kit.sql import fixed_columns, never_deleted
from comptoir.tenancy.rls import own_company, own_vendor, protect

# Billed-through moves only from within the trigger of coverage (depth above 0). Until the first day is billed here,
# the old system's word may still be corrected, both dates together.
BILLED_THROUGH = """
CREATE FUNCTION subscriptions_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'billed-through of subscription % is moved by coverage alone', NEW.id
        USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER subscriptions_subscription_billed_through BEFORE UPDATE ON subscriptions_subscription
    FOR EACH ROW WHEN (
        (OLD.billed_through IS DISTINCT FROM NEW.billed_through OR OLD.billed_from IS DISTINCT FROM NEW.billed_from)
        AND pg_trigger_depth() = 0
        AND NOT (OLD.billed_from = OLD.billed_through AND NEW.billed_from = NEW.billed_through)
    ) EXECUTE FUNCTION subscriptions_refuse_move();
CREATE TRIGGER subscriptions_subscription_starts_unbilled BEFORE INSERT ON subscriptions_subscription
    FOR EACH ROW WHEN (NEW.billed_through <> NEW.billed_from) EXECUTE FUNCTION subscriptions_refuse_move();
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0001_initial"), ("tenancy", "0002_rules")]
    operations = [
        migrations.RunSQL(BILLED_THROUGH, "DROP FUNCTION subscriptions_refuse_move() CASCADE"),
        never_deleted("subscriptions_subscription"),
        fixed_columns("subscriptions_subscription", ["vendor_id", "company_id", "location_id", "plan_id"]),
        protect("subscriptions_subscription", portal=own_company("SELECT"), staff=own_vendor("SELECT")),
    ]
