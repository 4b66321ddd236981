from django.db import migrations

from comptoir.kit.sql import fixed_columns, never_deleted
from comptoir.tenancy.rls import OWN_USER, may_emit, own_company, protect, visible_parent

# Behind a door anything may be said: that nobody agrees for somebody else, and that few are asked, is seen to here.
ASKED_ONESELF = f"""
CREATE POLICY asked_oneself ON customers_extrarecipient AS RESTRICTIVE FOR INSERT TO comptoir_portal
    WITH CHECK (asked_by_id = {OWN_USER} AND agreed_at IS NULL AND ended_at IS NULL
                AND expires_at <= now() + interval '8 days');

CREATE FUNCTION customers_few_recipients() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM tenancy_company WHERE id = NEW.company_id FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM customers_extrarecipient WHERE company_id = NEW.company_id AND ended_at IS NULL) >= 10
       OR (SELECT count(*) FROM customers_extrarecipient
           WHERE company_id = NEW.company_id AND asked_at > NEW.asked_at - interval '1 day') >= 20
    THEN
        RAISE EXCEPTION 'company % asks too many addresses', NEW.company_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER customers_few_recipients BEFORE INSERT ON customers_extrarecipient
    FOR EACH ROW EXECUTE FUNCTION customers_few_recipients();
CREATE TRIGGER customers_extrarecipient_stays_ended BEFORE UPDATE ON customers_extrarecipient
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER customers_extrarecipient_agrees_once BEFORE UPDATE ON customers_extrarecipient
    FOR EACH ROW WHEN (OLD.agreed_at IS NOT NULL AND OLD.agreed_at IS DISTINCT FROM NEW.agreed_at)
    EXECUTE FUNCTION kit_refuse_change();
"""

# Whoever has a link is nobody yet, so no door opens: two functions, which know a recipient by a token's hash alone.
LINKS = """
CREATE FUNCTION customers_open_recipient(wanted text)
RETURNS TABLE (vendor_slug text, vendor_name text, company_name text, email text, purpose text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT vendor.slug, vendor.name, company.name, recipient.email,
           CASE wanted WHEN recipient.leave_hash THEN 'leave' ELSE 'agree' END
    FROM customers_extrarecipient recipient
    JOIN tenancy_company company ON company.id = recipient.company_id
    JOIN tenancy_vendor vendor ON vendor.id = company.vendor_id
    WHERE recipient.ended_at IS NULL
      AND (recipient.leave_hash = wanted
           OR (recipient.agree_hash = wanted AND recipient.agreed_at IS NULL AND recipient.expires_at > now()))
$$;

CREATE FUNCTION customers_use_recipient(wanted text, request text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    recipient customers_extrarecipient;
BEGIN
    SELECT * INTO recipient FROM customers_extrarecipient
        WHERE ended_at IS NULL
          AND (leave_hash = wanted OR (agree_hash = wanted AND agreed_at IS NULL AND expires_at > now())) FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF recipient.leave_hash = wanted THEN
        UPDATE customers_extrarecipient SET ended_at = now() WHERE id = recipient.id;
    ELSE
        UPDATE customers_extrarecipient SET agreed_at = now() WHERE id = recipient.id;
    END IF;
    INSERT INTO tenancy_auditentry (recorded_at, vendor_id, company_id, actor_kind, actor_label, action, subject, before,
                                    after, reason, request_id)
        SELECT now(), company.vendor_id, company.id, 'system', recipient.email,
               CASE wanted WHEN recipient.leave_hash THEN 'recipient left' ELSE 'recipient agreed' END,
               'company:' || company.id, NULL, jsonb_build_object('email', recipient.email), '', request
        FROM tenancy_company company WHERE company.id = recipient.company_id;
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION customers_open_recipient, customers_use_recipient FROM PUBLIC;
GRANT EXECUTE ON FUNCTION customers_open_recipient, customers_use_recipient TO comptoir_web;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0009_one_open_email_change"), ("tenancy", "0007_company_language")]
    operations = [
        never_deleted("customers_extrarecipient"),
        fixed_columns(
            "customers_extrarecipient",
            ["public_id", "company_id", "email", "agree_hash", "leave_hash", "asked_by_id", "asked_at", "expires_at"],
        ),
        protect(
            "customers_extrarecipient",
            portal=own_company("SELECT, INSERT, UPDATE (ended_at)"),
            staff=visible_parent("SELECT", parent="tenancy_company", column="company_id"),
        ),
        never_deleted("customers_paperwish"),
        protect(
            "customers_paperwish",
            portal=own_company("SELECT, INSERT, UPDATE (invoices_by)"),
            staff=visible_parent("SELECT", parent="tenancy_company", column="company_id"),
        ),
        may_emit("portal", "recipient_asked"),
        migrations.RunSQL(ASKED_ONESELF, "DROP FUNCTION customers_few_recipients() CASCADE"),
        migrations.RunSQL(LINKS, "DROP FUNCTION customers_open_recipient, customers_use_recipient"),
    ]
