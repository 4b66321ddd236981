from django.db import migrations

from comptoir.kit.sql import append_only, fixed_columns, never_deleted
from comptoir.tenancy.rls import may_emit, own_vendor, protect, visible_parent

# A mail counts as received on the day on which a server took it, for as long as it has not come back; paper five days
# after it was posted. A sandbox vendor's days are not the calendar's, so there the business date stands for both.
RECEIVED = """
CREATE FUNCTION dunning_received_on(wanted bigint) RETURNS date
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT least(
        CASE WHEN m.sent_at IS NOT NULL AND m.returned_at IS NULL AND m.failed_at IS NULL AND m.doubted_at IS NULL
             THEN greatest(n.sent_on, CASE WHEN v.business_date IS NULL
                                           THEN (m.sent_at AT TIME ZONE v.time_zone)::date ELSE n.sent_on END) END,
        n.posted_on + 5)
    FROM dunning_notice n JOIN tenancy_vendor v ON v.id = n.vendor_id LEFT JOIN mailer_message m ON m.id = n.message_id
    WHERE n.id = wanted
$$;
GRANT EXECUTE ON FUNCTION dunning_received_on TO comptoir_staff;
"""

# Nothing is closed without proof: a final notice to this very company that was received, when it is decided and when
# it happens.
PROOF = """
CREATE FUNCTION dunning_closing_has_proof() RETURNS trigger
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
    IF NEW.done_at IS NOT NULL AND EXISTS (
        SELECT 1 FROM dunning_brakestop b WHERE b.id = NEW.stop_id AND b.approved IS DISTINCT FROM true)
    THEN
        RAISE EXCEPTION 'company %: a second person has not allowed it', NEW.company_id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dunning_closing_has_proof BEFORE INSERT OR UPDATE ON dunning_closing
    FOR EACH ROW EXECUTE FUNCTION dunning_closing_has_proof();
"""

# What is of a company is of its vendor; a policy that a company chose, too.
FITS = """
CREATE FUNCTION dunning_fits_its_vendor() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said jsonb := to_jsonb(NEW);
    own bigint := (SELECT vendor_id FROM tenancy_company WHERE id = NEW.company_id);
BEGIN
    IF coalesce((said ->> 'vendor_id')::bigint,
                (SELECT vendor_id FROM dunning_policy WHERE id = (said ->> 'policy_id')::bigint)) <> own
       OR (SELECT vendor_id FROM catalog_product WHERE id = (said ->> 'product_id')::bigint) <> own
    THEN
        RAISE EXCEPTION 'company %: not its vendor''s', NEW.company_id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
"""
FITTING = ("notice", "pause", "closing", "handover", "policychoice")

# Nobody waits for a policy: a vendor has one from its first moment.
SEED = """
CREATE FUNCTION dunning_seed_policy() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM dunning_make_policy(NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION dunning_make_policy(of_vendor bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH made AS (
        INSERT INTO dunning_policy (public_id, vendor_id, name, is_usual, notice_days, least_overdue_minor,
                                    debit_restores, most_companies, most_percent)
        VALUES (gen_random_uuid(), of_vendor, '', true, 7, 0, true, 25, 5) RETURNING id)
    INSERT INTO dunning_step (policy_id, kind, days, on_paper_too, fee_minor)
    SELECT made.id, step.kind, step.days, false, 0 FROM made, (VALUES
        ('due_soon', -5), ('reminder', 3), ('firm_reminder', 10), ('final_notice', 17), ('suspension', 25),
        ('hand_over', 60)) AS step (kind, days);
$$;
CREATE TRIGGER dunning_seed_policy AFTER INSERT ON tenancy_vendor
    FOR EACH ROW EXECUTE FUNCTION dunning_seed_policy();
SELECT dunning_make_policy(id) FROM tenancy_vendor;
"""

# The team decides a stop once, and releases a pause once.
ONCE = """
CREATE TRIGGER dunning_brakestop_decided_once BEFORE UPDATE ON dunning_brakestop
    FOR EACH ROW WHEN (OLD.decided_at IS NOT NULL) EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER dunning_pause_released_once BEFORE UPDATE ON dunning_pause
    FOR EACH ROW WHEN (OLD.released_at IS NOT NULL) EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER dunning_notice_posted_once BEFORE UPDATE ON dunning_notice
    FOR EACH ROW WHEN (OLD.posted_on IS NOT NULL) EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER dunning_closing_ended BEFORE UPDATE ON dunning_closing
    FOR EACH ROW WHEN (OLD.done_at IS NOT NULL OR OLD.dropped_at IS NOT NULL) EXECUTE FUNCTION kit_refuse_change();
"""
WRITE = "SELECT, INSERT, UPDATE, DELETE"


class Migration(migrations.Migration):
    dependencies = [("dunning", "0001_initial"), ("access", "0004_standing_rules")]
    operations = [
        migrations.RunSQL(RECEIVED, "DROP FUNCTION dunning_received_on"),
        migrations.RunSQL(PROOF, "DROP FUNCTION dunning_closing_has_proof CASCADE"),
        migrations.RunSQL(FITS, "DROP FUNCTION dunning_fits_its_vendor CASCADE"),
        *(
            migrations.RunSQL(
                f"""CREATE TRIGGER dunning_{table}_fits BEFORE INSERT OR UPDATE ON dunning_{table}
                    FOR EACH ROW EXECUTE FUNCTION dunning_fits_its_vendor()""",
                migrations.RunSQL.noop,
            )
            for table in FITTING
        ),
        migrations.RunSQL(SEED, "DROP FUNCTION dunning_seed_policy, dunning_make_policy CASCADE"),
        migrations.RunSQL(ONCE, migrations.RunSQL.noop),
        append_only("dunning_noticeitem"),
        never_deleted("dunning_notice"),
        never_deleted("dunning_pause"),
        never_deleted("dunning_brakestop"),
        never_deleted("dunning_closing"),
        never_deleted("dunning_handover"),
        fixed_columns(
            "dunning_notice",
            ["public_id", "vendor_id", "company_id", "kind", "sent_on", "sent_at", "sent_to", "message_id", "charge_id"],
        ),
        fixed_columns(
            "dunning_pause",
            ["vendor_id", "company_id", "kind", "until", "amount_minor", "reason", "made_on", "made_at", "made_by"],
        ),
        fixed_columns("dunning_brakestop", ["vendor_id", "day", "stopped_at"]),
        fixed_columns(
            "dunning_closing",
            ["vendor_id", "company_id", "product_id", "effect", "proof_id", "proven_on", "notice_days", "decided_on"],
        ),
        fixed_columns("dunning_handover", ["vendor_id", "company_id", "listed_on"]),
        protect("dunning_policy", staff=own_vendor("SELECT, INSERT, UPDATE")),
        protect("dunning_step", staff=visible_parent(WRITE, parent="dunning_policy", column="policy_id")),
        protect("dunning_steptext", staff=visible_parent(WRITE, parent="dunning_policy", column="policy_id")),
        protect("dunning_productrule", staff=visible_parent(WRITE, parent="dunning_policy", column="policy_id")),
        protect("dunning_policychoice", staff=visible_parent(WRITE, parent="dunning_policy", column="policy_id")),
        protect("dunning_storehours", staff=visible_parent(WRITE, parent="customers_location", column="location_id")),
        protect("dunning_notice", staff=own_vendor("SELECT, UPDATE (posted_on, posted_by)")),
        protect("dunning_noticeitem", staff=visible_parent("SELECT", parent="dunning_notice", column="notice_id")),
        protect("dunning_pause", staff=own_vendor("SELECT, INSERT, UPDATE (released_at, released_by)")),
        protect(
            "dunning_brakestop",
            staff=own_vendor("SELECT, UPDATE (approved, decided_at, decided_by, reason)"),
        ),
        protect("dunning_closing", staff=own_vendor("SELECT")),
        protect("dunning_handover", staff=own_vendor("SELECT")),
        may_emit("staff", "dunning_changed"),
    ]
