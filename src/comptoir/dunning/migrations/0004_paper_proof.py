import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

# As before, but paper that the post brought back proves nothing, either.
RECEIVED = """
CREATE OR REPLACE FUNCTION dunning_received_on(wanted bigint) RETURNS date
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT least(
        CASE WHEN m.sent_at IS NOT NULL AND m.returned_at IS NULL AND m.failed_at IS NULL AND m.doubted_at IS NULL
             THEN greatest(n.sent_on, CASE WHEN v.business_date IS NULL
                                           THEN (m.sent_at AT TIME ZONE v.time_zone)::date ELSE n.sent_on END) END,
        CASE WHEN n.paper_returned_on IS NULL THEN n.posted_on + 5 END)
    FROM dunning_notice n JOIN tenancy_vendor v ON v.id = n.vendor_id LEFT JOIN mailer_message m ON m.id = n.message_id
    WHERE n.id = wanted
$$;
"""

# Somebody's word that a letter was posted is about what was printed with it; and where there is no address to post it
# to, there is no letter.
PAPER = """
CREATE FUNCTION dunning_posted_is_printed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM documents_printbatch b WHERE b.id = NEW.printed_in_id AND b.vendor_id = NEW.vendor_id
                   AND b.sheets @> jsonb_build_array(jsonb_build_array(jsonb_build_array('reminder:' || NEW.public_id))))
    THEN
        RAISE EXCEPTION 'notice %: a letter is posted that was never printed', NEW.id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dunning_posted_is_printed BEFORE INSERT OR UPDATE OF posted_on, printed_in_id ON dunning_notice
    FOR EACH ROW WHEN (NEW.posted_on IS NOT NULL) EXECUTE FUNCTION dunning_posted_is_printed();
CREATE FUNCTION dunning_paper_has_an_address() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (SELECT jsonb_array_length(address_lines) FROM tenancy_company WHERE id = NEW.company_id) = 0 THEN
        RAISE EXCEPTION 'company %: it has no address to which paper could go', NEW.company_id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dunning_paper_has_an_address BEFORE INSERT OR UPDATE OF has_paper ON dunning_notice
    FOR EACH ROW WHEN (NEW.has_paper) EXECUTE FUNCTION dunning_paper_has_an_address();
"""

# That a letter was posted is said once, and once that it came back.
ONCE = """
DROP TRIGGER dunning_notice_posted_once ON dunning_notice;
CREATE TRIGGER dunning_notice_posted_once BEFORE UPDATE ON dunning_notice FOR EACH ROW
    WHEN (OLD.posted_on IS NOT NULL AND
          ROW(OLD.has_paper, OLD.printed_in_id, OLD.posted_on, OLD.posted_by)
          IS DISTINCT FROM ROW(NEW.has_paper, NEW.printed_in_id, NEW.posted_on, NEW.posted_by))
    EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER dunning_notice_came_back_once BEFORE UPDATE ON dunning_notice FOR EACH ROW
    WHEN (OLD.paper_returned_on IS NOT NULL AND
          ROW(OLD.paper_returned_on, OLD.paper_returned_by)
          IS DISTINCT FROM ROW(NEW.paper_returned_on, NEW.paper_returned_by))
    EXECUTE FUNCTION kit_refuse_change();
GRANT UPDATE (printed_in_id, paper_returned_on, paper_returned_by) ON dunning_notice TO comptoir_staff;
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0007_on_demand"), ("dunning", "0003_store_days")]
    operations = [
        migrations.AddField(
            model_name="notice",
            name="printed_in",
            field=models.ForeignKey(
                help_text="what was printed, and holds the paper",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="documents.printbatch",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="paper_returned_on",
            field=models.DateField(help_text="when the post brought it back: it proves nothing then", null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="paper_returned_by",
            field=models.TextField(blank=True, default="", help_text="who of the team said so"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=Q(paper_returned_on=None, paper_returned_by="")
                | Q(paper_returned_on__isnull=False, posted_on__isnull=False, paper_returned_on__gte=F("posted_on"))
                & ~Q(paper_returned_by=""),
                name="paper_that_came_back_was_posted",
            ),
        ),
        migrations.RunSQL(RECEIVED, migrations.RunSQL.noop),
        migrations.RunSQL(PAPER, "DROP FUNCTION dunning_posted_is_printed, dunning_paper_has_an_address CASCADE"),
        migrations.RunSQL(ONCE, migrations.RunSQL.noop),
    ]
