from django.db import migrations

from comptoir.kit.sql import fixed_columns, never_deleted
from comptoir.tenancy.rls import OWN_USER, may_emit, own_company, protect, visible_parent

ASKED_ONESELF = f"""
CREATE POLICY asked_oneself ON customers_emailchange AS RESTRICTIVE FOR INSERT TO comptoir_portal
    WITH CHECK (asked_by_id = {OWN_USER} AND told_at IS NULL AND confirmed_at IS NULL AND stopped_at IS NULL
                AND expires_at <= now() + interval '8 days');
"""

# Whoever has a link is nobody yet, so no door opens: two functions, which know a change by a token's hash alone. The
# new address agrees once the old one was told; the old one stops it until it expires, and undoes it if it was done.
LINKS = """
CREATE FUNCTION customers_open_email_change(wanted text)
RETURNS TABLE (vendor_slug text, vendor_name text, company_name text, new_email text, purpose text, is_done boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT vendor.slug, vendor.name, company.name, change.new_email,
           CASE wanted WHEN change.stop_hash THEN 'stop' ELSE 'confirm' END, change.confirmed_at IS NOT NULL
    FROM customers_emailchange change
    JOIN tenancy_company company ON company.id = change.company_id
    JOIN tenancy_vendor vendor ON vendor.id = company.vendor_id
    WHERE change.stopped_at IS NULL AND change.told_at IS NOT NULL AND change.expires_at > now()
      AND (change.stop_hash = wanted OR (change.confirm_hash = wanted AND change.confirmed_at IS NULL))
$$;

CREATE FUNCTION customers_use_email_change(wanted text, request text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    change customers_emailchange;
    goes_to text;
BEGIN
    SELECT * INTO change FROM customers_emailchange
        WHERE stopped_at IS NULL AND told_at IS NOT NULL AND expires_at > now()
          AND (stop_hash = wanted OR (confirm_hash = wanted AND confirmed_at IS NULL)) FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF change.stop_hash = wanted THEN
        UPDATE customers_emailchange SET stopped_at = now() WHERE id = change.id;
        goes_to := CASE WHEN change.confirmed_at IS NULL THEN NULL ELSE change.old_email END;
    ELSE
        UPDATE customers_emailchange SET confirmed_at = now() WHERE id = change.id;
        goes_to := change.new_email;
    END IF;
    IF goes_to <> '' THEN
        INSERT INTO customers_contact (company_id, role, name, email) VALUES (change.company_id, 'billing', '', goes_to)
            ON CONFLICT (company_id, role) DO UPDATE SET email = excluded.email;
    END IF;
    INSERT INTO tenancy_auditentry (recorded_at, vendor_id, company_id, actor_kind, actor_label, action, subject, before,
                                    after, reason, request_id)
        SELECT now(), company.vendor_id, company.id, 'system',
               CASE wanted WHEN change.stop_hash THEN change.old_email ELSE change.new_email END,
               CASE wanted WHEN change.stop_hash THEN 'billing e-mail change stopped' ELSE 'billing e-mail changed' END,
               'company:' || company.id, jsonb_build_object('email', change.old_email),
               jsonb_build_object('email', change.new_email), '', request
        FROM tenancy_company company WHERE company.id = change.company_id;
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION customers_open_email_change, customers_use_email_change FROM PUBLIC;
GRANT EXECUTE ON FUNCTION customers_open_email_change, customers_use_email_change TO comptoir_web;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_store_difference_rules"), ("tenancy", "0003_door_events")]
    operations = [
        never_deleted("customers_emailchange"),
        fixed_columns(
            "customers_emailchange",
            [
                "public_id", "company_id", "old_email", "new_email", "confirm_hash", "stop_hash", "asked_by_id",
                "asked_at", "expires_at",
            ],
        ),
        protect(
            "customers_emailchange",
            portal=own_company("SELECT, INSERT, UPDATE (stopped_at)"),
            staff=visible_parent("SELECT", parent="tenancy_company", column="company_id"),
        ),
        may_emit("portal", "billing_email_change_asked"),
        migrations.RunSQL(ASKED_ONESELF, migrations.RunSQL.noop),
        migrations.RunSQL(LINKS, "DROP FUNCTION customers_open_email_change, customers_use_email_change"),
    ]
