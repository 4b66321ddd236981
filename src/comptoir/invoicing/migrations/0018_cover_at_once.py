from django.db import migrations

# As in 0002, but only where a subscription has several lines is it looked at how they follow each other.
COVER = """
CREATE OR REPLACE FUNCTION invoicing_cover() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE lines bigint; chains bigint; moved bigint;
BEGIN
    PERFORM invoicing_refuse_parts_of_issued(array_agg(DISTINCT invoice_id)) FROM added;
    SELECT count(subscription_id), count(DISTINCT subscription_id) INTO lines, chains FROM added;
    IF lines > chains AND EXISTS (SELECT 1 FROM (
            SELECT starts_on, lag(ends_on) OVER (PARTITION BY subscription_id ORDER BY starts_on) AS before
            FROM added WHERE subscription_id IS NOT NULL) AS chained
        WHERE before <> starts_on) THEN
        RAISE EXCEPTION 'lines of a subscription must follow without gap or overlap' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO invoicing_coverage (invoice_id, position, subscription_id, starts_on, ends_on, live_until)
    SELECT invoice_id, position, subscription_id, starts_on, ends_on, ends_on
    FROM added WHERE subscription_id IS NOT NULL;
    UPDATE subscriptions_subscription s SET billed_through = chain.ends_on
    FROM (SELECT subscription_id, min(starts_on) AS starts_on, max(ends_on) AS ends_on FROM added GROUP BY 1) AS chain
    WHERE s.id = chain.subscription_id AND s.billed_through = chain.starts_on
      AND (s.ends_on IS NULL OR chain.ends_on <= s.ends_on);
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> chains THEN
        RAISE EXCEPTION 'lines must start at billed-through and stay within the subscription: % of % do',
            moved, chains USING ERRCODE = 'exclusion_violation';
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0017_check_by_invoice")]
    operations = [migrations.RunSQL(COVER, migrations.RunSQL.noop)]
