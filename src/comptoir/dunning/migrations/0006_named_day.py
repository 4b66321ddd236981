from django.db import migrations, models
from django.db.models import F, Q

# What was written before named the day by the policy of its time, which is on no record: taken is the one of today. It
# closed what it closed. A letter on paper, after a mail that came back, was written when it was posted, at the latest.
NAMED = """
UPDATE dunning_notice n SET closes_from = least(
    CASE WHEN m.returned_at IS NOT NULL OR m.failed_at IS NOT NULL OR m.held_at IS NOT NULL
         THEN coalesce(n.posted_on, n.sent_on) ELSE n.sent_on END
    + greatest(p.notice_days, (SELECT s.days - f.days FROM dunning_step s JOIN dunning_step f USING (policy_id)
                               WHERE s.policy_id = p.id AND s.kind = 'suspension' AND f.kind = 'final_notice')),
    (SELECT min(c.decided_on) FROM dunning_closing c WHERE c.proof_id = n.id AND c.done_at IS NOT NULL))
FROM dunning_notice o
LEFT JOIN mailer_message m ON m.id = o.message_id
LEFT JOIN dunning_policychoice chosen ON chosen.company_id = o.company_id
JOIN dunning_policy p ON p.id = chosen.policy_id OR chosen.policy_id IS NULL AND p.vendor_id = o.vendor_id AND p.is_usual
WHERE o.id = n.id AND n.kind = 'final_notice';
UPDATE dunning_closing c SET dropped_at = now() FROM dunning_notice n
WHERE n.id = c.proof_id AND c.done_at IS NULL AND c.dropped_at IS NULL AND n.closes_from > c.decided_on;
"""

# As before, and never before the day that the notice named.
PROOF = """
CREATE OR REPLACE FUNCTION dunning_closing_has_proof() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    received date := dunning_received_on(NEW.proof_id);
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.done_at IS NULL THEN
        RETURN NEW;
    END IF;
    IF received IS NULL OR received > NEW.proven_on OR NOT EXISTS (
        SELECT 1 FROM dunning_notice n WHERE n.id = NEW.proof_id AND n.company_id = NEW.company_id
        AND n.kind = 'final_notice')
    THEN
        RAISE EXCEPTION 'company %: nothing is closed without proof that a final notice was received', NEW.company_id
            USING ERRCODE = '23514';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM dunning_notice n WHERE n.id = NEW.proof_id AND n.closes_from <= NEW.decided_on) THEN
        RAISE EXCEPTION 'company %: nothing is closed before the day that the final notice named', NEW.company_id
            USING ERRCODE = '23514';
    END IF;
    IF NEW.done_at IS NOT NULL AND EXISTS (
        SELECT 1 FROM dunning_brakestop b WHERE b.id = NEW.stop_id AND b.approved IS DISTINCT FROM true)
    THEN
        RAISE EXCEPTION 'company %: a second person has not allowed it', NEW.company_id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
"""

# What was named stands, but where it did not arrive and is written again on paper; and then for no earlier day.
STANDS = """
CREATE TRIGGER dunning_notice_named_day BEFORE UPDATE ON dunning_notice FOR EACH ROW
    WHEN (OLD.closes_from IS DISTINCT FROM NEW.closes_from
          AND (OLD.has_paper OR NOT NEW.has_paper OR NEW.closes_from < OLD.closes_from))
    EXECUTE FUNCTION kit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("dunning", "0005_notice_first")]
    operations = [
        migrations.AddField(
            model_name="notice",
            name="closes_from",
            field=models.DateField(
                help_text="of a final notice: nothing is closed by it before; empty: it speaks of no closing", null=True
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=Q(closes_from=None) | Q(kind="final_notice", closes_from__gt=F("sent_on")),
                name="final_notice_names_a_later_day",
            ),
        ),
        migrations.RunSQL(NAMED, migrations.RunSQL.noop),
        migrations.RunSQL(PROOF, migrations.RunSQL.noop),
        migrations.RunSQL(STANDS, "DROP TRIGGER dunning_notice_named_day ON dunning_notice"),
    ]
