from django.db import migrations

# As in 0017, but a line names no tax that its invoice does not have, either where it comes to nothing: the sums of such a
# tax are zero on both sides.
BATCH = """
CREATE OR REPLACE FUNCTION invoicing_check_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE bad bigint;
BEGIN
    WITH mine AS MATERIALIZED (SELECT * FROM invoicing_invoice WHERE batch_id = NEW.id)
    SELECT i.id INTO bad
    FROM mine i
    LEFT JOIN tenancy_company c ON c.id = i.company_id AND c.vendor_id = i.vendor_id
    LEFT JOIN tenancy_vendor v ON v.id = i.vendor_id AND v.currency = i.currency
    LEFT JOIN customers_location o ON o.id = i.location_id
    WHERE (c.id IS NULL OR v.id IS NULL OR i.vendor_id <> NEW.vendor_id
           OR (i.location_id IS NOT NULL AND o.vendor_id IS DISTINCT FROM i.vendor_id)
           OR (i.total_minor > 0 AND NOT EXISTS (SELECT 1 FROM ledger_posting p WHERE p.document_id = i.id)))
    LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'invoice % lacks its posting, or a company, store and currency of its vendor', bad
            USING ERRCODE = 'check_violation';
    END IF;

    WITH mine AS MATERIALIZED (SELECT id, company_id, net_minor, kind FROM invoicing_invoice WHERE batch_id = NEW.id)
    SELECT i.id INTO bad
    FROM mine i
    CROSS JOIN LATERAL (
        SELECT sum(l.amount_minor) AS net_minor,
               bool_or(CASE
                   WHEN l.subscription_id IS NOT NULL
                       THEN s.company_id IS DISTINCT FROM i.company_id OR l.location_id IS DISTINCT FROM s.location_id
                   WHEN l.charge_id IS NOT NULL
                       THEN g.company_id IS DISTINCT FROM i.company_id OR l.location_id IS DISTINCT FROM g.location_id
                            OR l.amount_minor <> g.amount_minor
                   ELSE i.kind <> 'opening' END) AS of_others
        FROM invoicing_invoiceline l
        LEFT JOIN subscriptions_subscription s ON s.id = l.subscription_id
        LEFT JOIN subscriptions_oneoffcharge g ON g.id = l.charge_id
        WHERE l.invoice_id = i.id) AS line
    WHERE line.net_minor IS DISTINCT FROM i.net_minor OR line.of_others
    LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'invoice %: its lines do not add up, or one bills what is not the company''s', bad
            USING ERRCODE = 'check_violation';
    END IF;

    WITH mine AS MATERIALIZED (SELECT id, tax_minor FROM invoicing_invoice WHERE batch_id = NEW.id)
    SELECT i.id INTO bad
    FROM mine i
    WHERE i.tax_minor <> (SELECT coalesce(sum(t.tax_minor), 0) FROM invoicing_invoicetax t WHERE t.invoice_id = i.id)
       OR EXISTS (
            SELECT 1
            FROM (
                SELECT t.position, t.tax_minor, t.taxable_minor, true AS there
                FROM invoicing_invoicetax t WHERE t.invoice_id = i.id
                UNION ALL
                SELECT unnest(l.tax_positions), -unnest(l.tax_parts), -l.amount_minor, false
                FROM invoicing_invoiceline l WHERE l.invoice_id = i.id
            ) AS side
            GROUP BY side.position
            HAVING sum(side.tax_minor) <> 0 OR sum(side.taxable_minor) <> 0 OR count(side.tax_minor) <> count(*)
                OR NOT bool_or(side.there))
    LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'invoice %: its taxes do not add up, or not to what its lines bear', bad
            USING ERRCODE = 'check_violation';
    END IF;
    UPDATE invoicing_invoicebatch SET closed = true WHERE id = NEW.id;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0019_ids_stay")]
    operations = [migrations.RunSQL(BATCH, migrations.RunSQL.noop)]
