from django.db import migrations

from comptoir.kit.sql import append_only
from comptoir.tenancy.rls import OWN_USER, Access, may_emit, protect, visible_parent

# A refused method is released by writing down who releases it, and in no other way; a consent that goes with it is the
# one that stands for this method now.
RELEASE = """
CREATE FUNCTION payments_release_method() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.authorisation_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM payments_authorisation a WHERE a.id = NEW.authorisation_id AND a.method_id = NEW.method_id
          AND a.active_since IS NOT NULL AND a.ended_at IS NULL)
    THEN
        RAISE EXCEPTION 'method %: the consent by which it is released does not stand for it', NEW.method_id
            USING ERRCODE = 'check_violation';
    END IF;
    UPDATE payments_paymentmethod SET unusable_reason = ''
    WHERE id = NEW.method_id AND unusable_reason = NEW.refused_code AND removed_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'method % was not refused for that', NEW.method_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER payments_methodrelease_releases AFTER INSERT ON payments_methodrelease
    FOR EACH ROW EXECUTE FUNCTION payments_release_method();
CREATE TRIGGER payments_paymentmethod_stays_refused BEFORE UPDATE ON payments_paymentmethod
    FOR EACH ROW WHEN (OLD.unusable_reason <> '' AND NEW.unusable_reason = '' AND pg_trigger_depth() = 0)
    EXECUTE FUNCTION kit_refuse_change();
"""

OWN = "EXISTS (SELECT 1 FROM payments_paymentmethod parent WHERE parent.id = {table}.method_id)"


class Migration(migrations.Migration):
    dependencies = [("payments", "0026_methodrelease")]
    operations = [
        migrations.RunSQL(RELEASE, "DROP FUNCTION payments_release_method() CASCADE"),
        append_only("payments_methodrelease"),
        protect(
            "payments_methodrelease",
            portal=Access("SELECT, INSERT", OWN, written=f"{OWN} AND released_by_id = {OWN_USER}"),
            staff=visible_parent("SELECT", parent="payments_paymentmethod", column="method_id"),
        ),
        may_emit("portal", "payment_method_released"),
    ]
