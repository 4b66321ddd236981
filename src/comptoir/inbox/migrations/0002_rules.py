from django.db import migrations

from comptoir.kit.sql import check_at_commit, fixed_columns, never_deleted
from comptoir.tenancy.rls import OWN_COMPANY, OWN_USER, OWN_VENDOR, Access, own_vendor, protect, visible_parent

OF_OWN_COMPANY = f"""
company_id = {OWN_COMPANY}
AND vendor_id = (SELECT company.vendor_id FROM tenancy_company company WHERE company.id = {OWN_COMPANY})
"""
OF_OWN_VENDOR = f"""
vendor_id = {OWN_VENDOR}
AND EXISTS (SELECT 1 FROM tenancy_company company WHERE company.id = {{table}}.company_id)
"""
IN_SEEN_THREAD = "EXISTS (SELECT 1 FROM inbox_thread parent WHERE parent.id = {table}.thread_id)"
WRITTEN_ONESELF = f"author_id = {OWN_USER} AND {IN_SEEN_THREAD}"
OWN_MARKS = f"user_id = {OWN_USER} AND {IN_SEEN_THREAD}"

# Whoever opens a conversation is whoever opened the door; the team alone gives one to somebody.
OPENED_ONESELF = f"""
CREATE POLICY opened_oneself ON inbox_thread AS RESTRICTIVE FOR INSERT TO comptoir_portal, comptoir_staff
    WITH CHECK (opened_by_id = {OWN_USER} AND assigned_to_id IS NULL);
"""

# Across tables that a policy may hide from whoever writes.
FITS = """
CREATE FUNCTION inbox_thread_fits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM tenancy_company c WHERE c.id = NEW.company_id AND c.vendor_id = NEW.vendor_id) THEN
        RAISE EXCEPTION 'conversation % is with a company of another vendor', NEW.public_id USING ERRCODE = '23514';
    END IF;
    IF NEW.assigned_to_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM identity_staffmember m
        WHERE m.vendor_id = NEW.vendor_id AND m.user_id = NEW.assigned_to_id AND m.ended_at IS NULL)
    THEN
        RAISE EXCEPTION 'conversation % is given to somebody outside of the team', NEW.public_id USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER inbox_thread_fits BEFORE INSERT OR UPDATE OF assigned_to_id ON inbox_thread
    FOR EACH ROW EXECUTE FUNCTION inbox_thread_fits();
"""

# A message says how many files come with it, so none can be put to it afterwards.
FILES = """
CREATE FUNCTION inbox_message_has_its_files() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    wanted bigint := CASE TG_TABLE_NAME WHEN 'inbox_message' THEN (to_jsonb(NEW) ->> 'id')::bigint
                                        ELSE (to_jsonb(NEW) ->> 'message_id')::bigint END;
BEGIN
    IF (SELECT files FROM inbox_message WHERE id = wanted)
       <> (SELECT count(*) FROM inbox_attachment WHERE message_id = wanted)
    THEN
        RAISE EXCEPTION 'message % has not the files that came with it', wanted USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
"""

# The mark of a key, a nonce, a tag: what is shorter was not sealed.
SEALED = """
ALTER TABLE inbox_thread ADD CONSTRAINT thread_subject_is_sealed CHECK (octet_length(sealed_subject) > 32);
ALTER TABLE inbox_message ADD CONSTRAINT message_text_is_sealed CHECK (octet_length(sealed_text) > 32);
ALTER TABLE inbox_attachment
    ADD CONSTRAINT file_is_sealed CHECK (octet_length(sealed_name) > 32 AND octet_length(sealed_content) = size_bytes + 32);
"""


class Migration(migrations.Migration):
    dependencies = [("inbox", "0001_initial"), ("identity", "0002_rules"), ("customers", "0002_rules")]
    operations = [
        migrations.RunSQL(FITS, "DROP FUNCTION inbox_thread_fits CASCADE"),
        migrations.RunSQL(FILES, "DROP FUNCTION inbox_message_has_its_files CASCADE"),
        migrations.RunSQL(SEALED, migrations.RunSQL.noop),
        check_at_commit("inbox_message", "inbox_message_has_its_files"),
        check_at_commit("inbox_attachment", "inbox_message_has_its_files"),
        never_deleted("inbox_thread"),
        never_deleted("inbox_message"),
        never_deleted("inbox_attachment"),
        fixed_columns(
            "inbox_thread",
            ["public_id", "vendor_id", "company_id", "topic", "about", "urgent", "opened_by_id", "opened_at"],
        ),
        fixed_columns(
            "inbox_message",
            ["public_id", "thread_id", "side", "kind", "author_id", "author_label", "files", "written_at"],
        ),
        fixed_columns("inbox_attachment", ["public_id", "message_id", "media_type", "size_bytes"]),
        protect(
            "inbox_thread",
            portal=Access(
                "SELECT, INSERT, UPDATE (last_at, answer_due_at, closed_at)",
                f"company_id = {OWN_COMPANY}",
                written=OF_OWN_COMPANY,
            ),
            staff=Access(
                "SELECT, INSERT, UPDATE (last_at, answer_due_at, closed_at, assigned_to_id)",
                f"vendor_id = {OWN_VENDOR}",
                written=OF_OWN_VENDOR,
            ),
        ),
        migrations.RunSQL(OPENED_ONESELF, migrations.RunSQL.noop),
        protect(
            "inbox_message",
            portal=Access(
                "SELECT, INSERT",
                f"kind = 'message' AND {IN_SEEN_THREAD}",
                written=f"kind = 'message' AND side = 'customer' AND {WRITTEN_ONESELF}",
            ),
            staff=Access("SELECT, INSERT", IN_SEEN_THREAD, written=f"side = 'staff' AND {WRITTEN_ONESELF}"),
        ),
        protect(
            "inbox_attachment",
            portal=visible_parent("SELECT, INSERT", parent="inbox_message", column="message_id"),
            staff=visible_parent("SELECT, INSERT", parent="inbox_message", column="message_id"),
        ),
        protect(
            "inbox_readmark",
            portal=Access("SELECT, INSERT, UPDATE (through_message_id)", OWN_MARKS),
            staff=Access("SELECT, INSERT, UPDATE (through_message_id)", OWN_MARKS),
        ),
        protect(
            "inbox_answerpromise",
            portal=Access("SELECT", "EXISTS (SELECT 1 FROM tenancy_vendor v WHERE v.id = {table}.vendor_id)"),
            staff=own_vendor("SELECT, INSERT, UPDATE (weekdays, opens_at, closes_at, hours, urgent_hours)"),
        ),
    ]
