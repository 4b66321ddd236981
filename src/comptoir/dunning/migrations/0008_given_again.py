from django.db import migrations, models
from django.db.models import Q

# As before, but a mail whose provider told that the recipient's server took it counts from that day on, not from the
# one on which the provider took it.
RECEIVED = """
CREATE OR REPLACE FUNCTION dunning_received_on(wanted bigint) RETURNS date
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT least(
        CASE WHEN m.sent_at IS NOT NULL AND m.returned_at IS NULL AND m.failed_at IS NULL AND m.doubted_at IS NULL
             THEN greatest(n.sent_on, CASE
                 WHEN v.business_date IS NULL
                 THEN (greatest(m.sent_at, m.delivered_at) AT TIME ZONE v.time_zone)::date ELSE n.sent_on END) END,
        CASE WHEN n.paper_returned_on IS NULL THEN n.posted_on + 5 END)
    FROM dunning_notice n JOIN tenancy_vendor v ON v.id = n.vendor_id LEFT JOIN mailer_message m ON m.id = n.message_id
    WHERE n.id = wanted
$$;
"""

# Posted is what was printed of it, as it was written last.
PRINTED = """
CREATE OR REPLACE FUNCTION dunning_posted_is_printed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM documents_printbatch b WHERE b.id = NEW.printed_in_id AND b.vendor_id = NEW.vendor_id
                   AND b.sheets @> jsonb_build_array(jsonb_build_array(jsonb_build_array(
                       coalesce(nullif(NEW.paper, ''), 'reminder:' || NEW.public_id)))))
    THEN
        RAISE EXCEPTION 'notice %: a letter is posted that was never printed', NEW.id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER dunning_notice_posted_once ON dunning_notice;
CREATE TRIGGER dunning_notice_posted_once BEFORE UPDATE ON dunning_notice FOR EACH ROW
    WHEN (OLD.posted_on IS NOT NULL AND
          ROW(OLD.has_paper, OLD.paper, OLD.printed_in_id, OLD.posted_on, OLD.posted_by)
          IS DISTINCT FROM ROW(NEW.has_paper, NEW.paper, NEW.printed_in_id, NEW.posted_on, NEW.posted_by))
    EXECUTE FUNCTION kit_refuse_change();
"""

# A final notice arrives before the day that it names: neither printed nor posted is one that could not.
IN_TIME = """
CREATE FUNCTION dunning_names_a_day_ahead() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.closes_from <= 5 + coalesce(
        NEW.posted_on, (SELECT b.requested_on FROM documents_printbatch b WHERE b.id = NEW.printed_in_id))
    THEN
        RAISE EXCEPTION 'notice %: the day that it names comes before the post does', NEW.id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dunning_names_a_day_ahead BEFORE UPDATE OF printed_in_id, posted_on ON dunning_notice FOR EACH ROW
    WHEN (ROW(OLD.printed_in_id, OLD.posted_on) IS DISTINCT FROM ROW(NEW.printed_in_id, NEW.posted_on))
    EXECUTE FUNCTION dunning_names_a_day_ahead();
"""

# What was named stands, but where it is written again on paper before it is posted; and then for no earlier day.
STANDS = """
DROP TRIGGER dunning_notice_named_day ON dunning_notice;
CREATE TRIGGER dunning_notice_named_day BEFORE UPDATE ON dunning_notice FOR EACH ROW
    WHEN (OLD.closes_from IS DISTINCT FROM NEW.closes_from
          AND (OLD.posted_on IS NOT NULL OR NOT NEW.has_paper OR NEW.closes_from < OLD.closes_from))
    EXECUTE FUNCTION kit_refuse_change();
"""

# Once more only where the one before came back from the post, proves nothing, and somebody asked for it.
AGAIN = """
CREATE FUNCTION dunning_given_again() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM dunning_noticeitem i JOIN dunning_notice n ON n.id = i.notice_id
        WHERE i.invoice_id = NEW.invoice_id AND i.kind = NEW.kind AND i.nth = NEW.nth - 1 AND n.again_by <> ''
          AND dunning_received_on(n.id) IS NULL)
    THEN
        RAISE EXCEPTION 'invoice %: a final notice is given once, unless it came back', NEW.invoice_id
            USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dunning_given_again BEFORE INSERT ON dunning_noticeitem
    FOR EACH ROW WHEN (NEW.nth > 1) EXECUTE FUNCTION dunning_given_again();
GRANT UPDATE (again_by) ON dunning_notice TO comptoir_staff;
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0007_on_demand"), ("dunning", "0007_settled_policies"), ("mailer", "0003_delivery")]
    operations = [
        migrations.AddField(
            model_name="notice",
            name="paper",
            field=models.TextField(
                blank=True,
                default="",
                help_text="what the letter is kept under, as written last; empty: as it was first",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="again_by",
            field=models.TextField(blank=True, default="", help_text="who of the team has it given once more"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=Q(again_by="") | Q(kind="final_notice", paper_returned_on__isnull=False),
                name="given_again_is_a_final_notice_that_came_back",
            ),
        ),
        migrations.AddField(
            model_name="noticeitem", name="nth", field=models.PositiveSmallIntegerField(default=1)
        ),
        migrations.RemoveConstraint(model_name="noticeitem", name="step_is_written_once_per_invoice"),
        migrations.AddConstraint(
            model_name="noticeitem",
            constraint=models.UniqueConstraint(
                fields=["invoice", "kind", "nth"], name="step_is_written_once_per_invoice"
            ),
        ),
        migrations.AddConstraint(
            model_name="noticeitem",
            constraint=models.CheckConstraint(
                condition=Q(nth=1) | Q(nth__gt=1, kind="final_notice"), name="given_again_is_final"
            ),
        ),
        migrations.RunSQL(RECEIVED, migrations.RunSQL.noop),
        migrations.RunSQL(PRINTED, migrations.RunSQL.noop),
        migrations.RunSQL(IN_TIME, "DROP FUNCTION dunning_names_a_day_ahead CASCADE"),
        migrations.RunSQL(STANDS, migrations.RunSQL.noop),
        migrations.RunSQL(AGAIN, "DROP FUNCTION dunning_given_again CASCADE"),
    ]
