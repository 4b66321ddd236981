from django.db import migrations

from comptoir.kit.sql import append_only, check_at_commit, fixed_columns
from comptoir.tenancy.rls import OWN_VENDOR, Access, may_emit, own_vendor, protect, visible_parent

# What is written of a wave's moves before these tables were there.
AS_IT_WAS = """
INSERT INTO cutover_handover (move_id, subscription_id, billed_through)
SELECT m.id, s.id, s.billed_from FROM cutover_move m JOIN subscriptions_subscription s ON s.company_id = m.company_id
WHERE m.moved_on IS NOT NULL AND s.legacy_key <> '';
INSERT INTO cutover_letter (move_id, reference, "to", why, written_at)
SELECT m.id, 'cutover-letter:' || c.public_id, m.letter_to, 'first', m.moved_at
FROM cutover_move m JOIN tenancy_company c ON c.id = m.company_id WHERE m.moved_on IS NOT NULL;
INSERT INTO cutover_wavenotice (wave_id, kind, due_on)
SELECT id, 'deadline', deadline FROM cutover_wave WHERE status = 'planned';
"""

# Which system bills a company changes with its move alone: to here on the move's day, and back only with a move that
# is taken back, while the company has no invoice here.
CHANGES_SYSTEMS = """
DROP TRIGGER tenancy_company_moves_once ON tenancy_company;
CREATE FUNCTION cutover_company_changes_systems() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.billed_since IS NULL THEN
        IF NOT EXISTS (SELECT 1 FROM cutover_move WHERE company_id = NEW.id AND moved_on = NEW.billed_since
                       AND taken_back_at IS NULL) THEN
            RAISE EXCEPTION 'company % is billed here only from the day of its move', NEW.id
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF NEW.billed_since IS NOT NULL OR EXISTS (SELECT 1 FROM invoicing_invoice WHERE company_id = NEW.id)
       OR EXISTS (SELECT 1 FROM cutover_move WHERE company_id = NEW.id AND moved_on IS NOT NULL
                  AND taken_back_at IS NULL)
       OR NOT EXISTS (SELECT 1 FROM cutover_move WHERE company_id = NEW.id AND moved_on = OLD.billed_since) THEN
        RAISE EXCEPTION 'since when company % is billed here does not change', NEW.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cutover_company_changes_systems BEFORE UPDATE OF billed_since ON tenancy_company
    FOR EACH ROW WHEN (OLD.billed_since IS DISTINCT FROM NEW.billed_since)
    EXECUTE FUNCTION cutover_company_changes_systems();
"""

# At commit, a moved company is billed here from that day, and each service that the old system knew goes on here on
# the day where that one stopped; a company taken back is not billed here.
MOVED_WHOLE = """
CREATE FUNCTION cutover_moved_whole() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    billed date := (SELECT billed_since FROM tenancy_company WHERE id = NEW.company_id);
BEGIN
    IF NEW.taken_back_at IS NOT NULL THEN
        IF NEW.moved_on IS NOT NULL AND billed = NEW.moved_on AND NOT EXISTS (
            SELECT 1 FROM cutover_move WHERE company_id = NEW.company_id AND moved_on = billed AND taken_back_at IS NULL)
        THEN
            RAISE EXCEPTION 'company % was taken back and is still billed here', NEW.company_id
                USING ERRCODE = 'check_violation';
        END IF;
    ELSIF NEW.moved_on IS NOT NULL THEN
        IF billed IS DISTINCT FROM NEW.moved_on THEN
            RAISE EXCEPTION 'company % was moved on %, and is not billed here from then', NEW.company_id, NEW.moved_on
                USING ERRCODE = 'check_violation';
        END IF;
        IF EXISTS (
            SELECT 1 FROM subscriptions_subscription s
            LEFT JOIN cutover_handover h ON h.subscription_id = s.id AND h.move_id = NEW.id
            WHERE s.company_id = NEW.company_id AND s.legacy_key <> ''
              AND h.billed_through IS DISTINCT FROM s.billed_from)
        THEN
            RAISE EXCEPTION 'a service of company % does not go on where the old system stopped', NEW.company_id
                USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NULL;
END $$;
"""

# Once handed over, where a service begins here is not corrected any more: a day would be billed twice, or never.
STARTS_WHERE_HANDED_OVER = """
CREATE FUNCTION cutover_starts_where_handed_over() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM cutover_handover h JOIN cutover_move m ON m.id = h.move_id AND m.taken_back_at IS NULL
               WHERE h.subscription_id = NEW.id) THEN
        RAISE EXCEPTION 'service % was handed over on %, and begins there', NEW.id, OLD.billed_from
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cutover_starts_where_handed_over BEFORE UPDATE OF billed_from ON subscriptions_subscription
    FOR EACH ROW WHEN (OLD.billed_from IS DISTINCT FROM NEW.billed_from)
    EXECUTE FUNCTION cutover_starts_where_handed_over();
"""

# A wave that was sent can be stopped and go on; nothing else of it changes, nor do its dates and who was held out. A
# planned one counts each change.
SENT = """
DROP TRIGGER cutover_wave_sent ON cutover_wave;
CREATE FUNCTION cutover_wave_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version <> OLD.version + 1 THEN
        RAISE EXCEPTION 'wave % does not count this change', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.status = 'sent' AND (to_jsonb(OLD) - 'stopped_at' - 'version') <> (to_jsonb(NEW) - 'stopped_at' - 'version')
    THEN
        RAISE EXCEPTION 'wave % has been sent: a change of it is refused', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cutover_wave_changes BEFORE UPDATE ON cutover_wave
    FOR EACH ROW EXECUTE FUNCTION cutover_wave_changes();
CREATE TRIGGER cutover_notice_of_sent_wave BEFORE INSERT OR DELETE ON cutover_wavenotice
    FOR EACH ROW EXECUTE FUNCTION cutover_refuse_sent_wave();
CREATE TRIGGER cutover_holdout_of_sent_wave BEFORE INSERT OR DELETE ON cutover_holdout
    FOR EACH ROW EXECUTE FUNCTION cutover_refuse_sent_wave();
CREATE TRIGGER cutover_move_taken_back BEFORE UPDATE ON cutover_move
    FOR EACH ROW WHEN (OLD.taken_back_at IS NOT NULL) EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER cutover_move_was_moved BEFORE UPDATE ON cutover_move
    FOR EACH ROW WHEN (OLD.moved_on IS NOT NULL AND (OLD.moved_on IS DISTINCT FROM NEW.moved_on
                       OR OLD.moved_at IS DISTINCT FROM NEW.moved_at)) EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER cutover_move_keeps_its_link BEFORE UPDATE ON cutover_move
    FOR EACH ROW WHEN (OLD.public_id IS DISTINCT FROM NEW.public_id) EXECUTE FUNCTION kit_refuse_change();
"""

# A letter's link says whose vendor's it is, and that it was opened, and nothing else: whoever has it is nobody yet.
OPENED = """
CREATE FUNCTION cutover_letter_vendor(asked uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT v.slug FROM cutover_move m JOIN cutover_wave w ON w.id = m.wave_id JOIN tenancy_vendor v ON v.id = w.vendor_id
    WHERE m.public_id = asked AND m.moved_on IS NOT NULL
$$;
CREATE FUNCTION cutover_note_opened(asked uuid, at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE cutover_move SET portal_opened_at = at
    WHERE public_id = asked AND portal_opened_at IS NULL AND moved_on IS NOT NULL AND taken_back_at IS NULL
$$;
GRANT EXECUTE ON FUNCTION cutover_letter_vendor(uuid), cutover_note_opened(uuid, timestamptz) TO comptoir_web;
"""

# Whether somebody of a company can log in: a password itself is nobody's to read.
PASSWORDS = f"""
CREATE FUNCTION cutover_passwords_set(asked bigint[]) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT m.company_id FROM customers_member m
    JOIN identity_user u ON u.id = m.user_id JOIN tenancy_company c ON c.id = m.company_id
    WHERE m.company_id = ANY(asked) AND m.ended_at IS NULL AND u.password <> '' AND u.password NOT LIKE '!%'
      AND c.vendor_id = coalesce({OWN_VENDOR}, c.vendor_id)
$$;
GRANT EXECUTE ON FUNCTION cutover_passwords_set(bigint[]) TO comptoir_staff;
"""

OWN_WAVE = "EXISTS (SELECT 1 FROM cutover_wave parent WHERE parent.id = {table}.wave_id)"
OWN_WAVE_AND_COMPANY = f"""
{OWN_WAVE} AND EXISTS (SELECT 1 FROM tenancy_company company WHERE company.id = {{table}}.company_id)
"""
WAVE_COLUMNS = "name, first_invoice_month, letter_on, deadline, criteria, stopped_at, version"
GRANTS = f"""
GRANT UPDATE ({WAVE_COLUMNS}) ON cutover_wave TO comptoir_staff;
GRANT UPDATE (reached_by, printed_at, called_at, call_note, taken_back_at, taken_back_why)
    ON cutover_move TO comptoir_staff;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cutover", "0006_moving"),
        ("customers", "0013_member_invitation_rules"),
        ("identity", "0005_admins_set_the_brand"),
        ("invoicing", "0015_einvoice_data"),
        ("subscriptions", "0004_charges_withdrawn"),
        ("tenancy", "0009_brand_rules"),
    ]
    operations = [
        migrations.RunSQL(AS_IT_WAS, migrations.RunSQL.noop),
        migrations.RunSQL(CHANGES_SYSTEMS, migrations.RunSQL.noop),
        migrations.RunSQL(MOVED_WHOLE, migrations.RunSQL.noop),
        check_at_commit("cutover_move", "cutover_moved_whole", on="UPDATE"),
        migrations.RunSQL(STARTS_WHERE_HANDED_OVER, migrations.RunSQL.noop),
        migrations.RunSQL(SENT, migrations.RunSQL.noop),
        migrations.RunSQL(OPENED, migrations.RunSQL.noop),
        migrations.RunSQL(PASSWORDS, migrations.RunSQL.noop),
        append_only("cutover_handover"),
        append_only("cutover_letter"),
        append_only("cutover_lettertext"),
        fixed_columns("cutover_wavenotice", ["wave_id", "kind", "due_on"]),
        protect("cutover_wavenotice", staff=Access("SELECT, INSERT, DELETE", OWN_WAVE)),
        protect("cutover_holdout", staff=Access("SELECT, INSERT, DELETE", OWN_WAVE_AND_COMPANY)),
        protect("cutover_handover", staff=visible_parent("SELECT", parent="cutover_move", column="move_id")),
        protect("cutover_letter", staff=visible_parent("SELECT", parent="cutover_move", column="move_id")),
        protect("cutover_lettertext", staff=own_vendor("SELECT, INSERT")),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        may_emit("staff", "letter_asked"),
    ]
