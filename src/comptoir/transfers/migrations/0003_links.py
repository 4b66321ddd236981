from django.db import migrations

# Whoever has a link is nobody yet, so no door opens: functions, which know a change of owner by a token's hash alone,
# do for the web's login what it may not do itself. What follows is told to the listeners that the wiring names.
LINKS = """
CREATE FUNCTION transfers_of_link(wanted text) RETURNS SETOF transfers_transfer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT * FROM transfers_transfer
    WHERE (accept_hash = wanted AND status = 'started' AND buyer_accepted_at IS NULL AND invitation_expires_at > now())
       OR (withdraw_hash = wanted AND status IN ('started', 'accepted', 'approved') AND buyer_accepted_at IS NOT NULL)
$$;

CREATE FUNCTION transfers_open_link(wanted text)
RETURNS TABLE (vendor_id bigint, vendor_slug text, vendor_name text, seller_name text, buyer_name text,
               buyer_email text, takes_effect_on date, stores text[], purpose text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT vendor.id, vendor.slug, vendor.name, t.seller_name, t.buyer_name, t.buyer_email, t.takes_effect_on,
           ARRAY(SELECT s.label FROM transfers_transferstore s WHERE s.transfer_id = t.id ORDER BY s.label),
           CASE wanted WHEN t.accept_hash THEN 'accept' ELSE 'withdraw' END
    FROM transfers_of_link(wanted) t JOIN tenancy_vendor vendor ON vendor.id = t.vendor_id
$$;

CREATE FUNCTION transfers_tell(t transfers_transfer, news text, by_whom text, listeners text[], request text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    told bigint;
BEGIN
    INSERT INTO tenancy_auditentry (vendor_id, company_id, actor_kind, actor_label, action, subject, reason, request_id)
        VALUES (t.vendor_id, t.seller_id, 'system', by_whom, 'change of owner ' || news, 'transfer:' || t.public_id,
                t.reason, request);
    INSERT INTO kit_event (name, topic, vendor_id, company_id, data, request_id)
        VALUES ('transfer_changed', 'transfer:' || t.public_id, t.vendor_id, t.seller_id,
                jsonb_build_object('transfer', t.public_id, 'news', news), request)
        RETURNING id INTO told;
    INSERT INTO kit_eventdelivery (event_id, listener, topic, attempts, last_error)
        SELECT told, listener, 'transfer:' || t.public_id, 0, '' FROM unnest(listeners) AS listener;
END $$;

CREATE FUNCTION transfers_accept_by_link(wanted text, person bigint, company bigint, new_company jsonb,
                                         listeners text[], request text)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    t transfers_transfer;
    by_whom text;
BEGIN
    SELECT * INTO t FROM transfers_transfer WHERE accept_hash = wanted FOR UPDATE;
    IF NOT FOUND OR NOT EXISTS (SELECT 1 FROM transfers_of_link(wanted) l WHERE l.id = t.id AND l.accept_hash = wanted)
    THEN
        RETURN 'gone';
    END IF;
    IF company IS NOT NULL AND company = t.seller_id THEN
        RETURN 'own';
    END IF;
    by_whom := t.buyer_email;
    IF company IS NOT NULL THEN
        SELECT u.email INTO by_whom FROM customers_member m
            JOIN identity_user u ON u.id = m.user_id JOIN tenancy_company c ON c.id = m.company_id
            WHERE m.user_id = person AND m.company_id = company AND m.role = 'owner' AND m.ended_at IS NULL
              AND c.vendor_id = t.vendor_id;
        IF NOT FOUND THEN
            RETURN 'no_owner';
        END IF;
    ELSE
        INSERT INTO transfers_newcompany (transfer_id, name, person, language, address_lines, number, given_at)
            SELECT t.id, new_company ->> 'name', new_company ->> 'person', new_company ->> 'language',
                   ARRAY(SELECT jsonb_array_elements_text(new_company -> 'address_lines')), '', now();
    END IF;
    UPDATE transfers_transfer SET
        buyer_id = company, buyer_name = coalesce(new_company ->> 'name', buyer_name),
        buyer_language = coalesce(new_company ->> 'language', buyer_language),
        buyer_accepted_at = now(), buyer_accepted_by = by_whom,
        status = CASE WHEN seller_accepted_at IS NULL THEN 'started' ELSE 'accepted' END
        WHERE id = t.id RETURNING * INTO t;
    PERFORM transfers_tell(t, 'accepted', by_whom, listeners, request);
    RETURN 'accepted';
END $$;

CREATE FUNCTION transfers_withdraw_by_link(wanted text, why text, listeners text[], request text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    t transfers_transfer;
BEGIN
    SELECT * INTO t FROM transfers_transfer WHERE accept_hash = wanted OR withdraw_hash = wanted FOR UPDATE;
    IF NOT FOUND OR NOT EXISTS (SELECT 1 FROM transfers_of_link(wanted)) THEN
        RETURN false;
    END IF;
    UPDATE transfers_transfer SET status = 'withdrawn', withdrawn_at = now(), withdrawn_side = 'buyer',
        withdrawn_by = t.buyer_email, reason = why WHERE id = t.id RETURNING * INTO t;
    PERFORM transfers_tell(t, 'withdrawn', t.buyer_email, listeners, request);
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION transfers_of_link, transfers_open_link, transfers_tell, transfers_accept_by_link,
    transfers_withdraw_by_link FROM PUBLIC;
GRANT EXECUTE ON FUNCTION transfers_open_link, transfers_accept_by_link, transfers_withdraw_by_link TO comptoir_web;
"""
UNDO = """
DROP FUNCTION transfers_withdraw_by_link, transfers_accept_by_link, transfers_tell, transfers_open_link,
    transfers_of_link
"""


class Migration(migrations.Migration):
    dependencies = [("transfers", "0002_rules")]
    operations = [migrations.RunSQL(LINKS, UNDO)]
