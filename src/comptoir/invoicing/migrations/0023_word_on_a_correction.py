import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from comptoir.kit.sql import fixed_columns

ASKED = ["vendor_id", "invoice_id", "kind", "lines", "amount_minor", "reason", "requested_by"]
BEFORE = fixed_columns("invoicing_correction", ASKED)

# Behind the team's door a person asks in the own name, and does not allow later what waited for somebody else's word,
# whatever limit they have by then. Within the limit it is allowed in the transaction in which it is asked for.
SOMEBODY_ELSE = """
CREATE FUNCTION invoicing_correction_needs_another() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE visitor bigint := nullif(current_setting('app.user_id', true), '')::bigint;
BEGIN
    IF TG_OP = 'INSERT' AND visitor IS NOT NULL AND NEW.requested_by_user_id IS DISTINCT FROM visitor THEN
        RAISE EXCEPTION 'a correction is asked for in the own name' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.status = 'approved' AND OLD.status = 'requested'
       AND NEW.requested_by_user_id = visitor AND NEW.requested_at < now() THEN
        RAISE EXCEPTION 'correction %: somebody else allows what was asked for', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER invoicing_correction_needs_another BEFORE INSERT OR UPDATE ON invoicing_correction
    FOR EACH ROW EXECUTE FUNCTION invoicing_correction_needs_another();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0022_void_over_nothing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="correction",
            name="requested_by_user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(BEFORE.reverse_sql, BEFORE.sql),
        fixed_columns("invoicing_correction", [*ASKED, "explanation", "requested_by_user_id", "requested_at"]),
        migrations.RunSQL(SOMEBODY_ELSE, "DROP FUNCTION invoicing_correction_needs_another() CASCADE"),
    ]
