from django.db import migrations

# Each check that is made once of a batch closes it: one that is told to speak before the others, when there is nothing
# yet to speak of, leaves no room for what it would not see.
#
# As in 0020, but others may have closed the batch before.
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
    UPDATE invoicing_invoicebatch SET closed = true WHERE id = NEW.id AND NOT closed;
    RETURN NULL;
END $$;
"""

# As in 0002.
NUMBERED = """
CREATE OR REPLACE FUNCTION invoicing_batch_is_numbered() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM invoicing_invoice i LEFT JOIN invoicing_invoicenumber n ON n.invoice_id = i.id
               WHERE i.batch_id = NEW.id AND n.invoice_id IS NULL) THEN
        RAISE EXCEPTION 'an invoice of batch % lacks its number', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    UPDATE invoicing_invoicebatch SET closed = true WHERE id = NEW.id AND NOT closed;
    RETURN NULL;
END $$;
"""

# As in 0016.
OPENING = """
CREATE OR REPLACE FUNCTION invoicing_opening_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM invoicing_invoiceline mine
        JOIN invoicing_invoice other ON other.company_id = NEW.company_id AND other.kind = 'opening' AND other.id <> NEW.id
        JOIN invoicing_invoiceline its ON its.invoice_id = other.id AND its.description = mine.description
        WHERE mine.invoice_id = NEW.id AND other.total_minor > (
            SELECT coalesce(sum(n.total_minor), 0) FROM invoicing_creditnote n WHERE n.invoice_id = other.id))
    THEN
        RAISE EXCEPTION 'company %: this invoice of the old system was brought here before', NEW.company_id
            USING ERRCODE = 'unique_violation';
    END IF;
    UPDATE invoicing_invoicebatch SET closed = true WHERE id = NEW.batch_id AND NOT closed;
    RETURN NULL;
END $$;
"""

# As in 0004.
RECEIVABLE = """
CREATE OR REPLACE FUNCTION invoicing_receivable_of_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE bad bigint;
BEGIN
    WITH touched AS MATERIALIZED (
        SELECT DISTINCT p.document_id FROM ledger_journalentry e JOIN ledger_posting p ON p.entry_id = e.id
        WHERE e.batch_id = NEW.id AND p.document_id IS NOT NULL)
    SELECT touched.document_id INTO bad
    FROM touched
    JOIN ledger_posting p ON p.document_id = touched.document_id
    LEFT JOIN invoicing_invoicebalance b ON b.invoice_id = touched.document_id
    LEFT JOIN invoicing_invoice i ON i.id = touched.document_id
    GROUP BY touched.document_id, b.open_minor, i.company_id
    HAVING sum(p.amount_minor) IS DISTINCT FROM b.open_minor OR bool_or(p.company_id IS DISTINCT FROM i.company_id)
    LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'the receivable of invoice % is not what is open on it', bad
            USING ERRCODE = 'check_violation';
    END IF;
    UPDATE ledger_journalbatch SET closed = true WHERE id = NEW.id AND NOT closed;
    RETURN NULL;
END $$;
"""

# As in 0003 and 0004. What a movement says is the whole of what its entry moves: the entry's batch is closed with it.
CREDIT = """
CREATE OR REPLACE FUNCTION invoicing_credit_of_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE bad bigint;
BEGIN
    WITH posted AS MATERIALIZED (
        SELECT p.entry_id, p.account_id FROM ledger_journalentry e JOIN ledger_posting p ON p.entry_id = e.id
        WHERE e.batch_id = NEW.id)
    SELECT p.entry_id INTO bad
    FROM posted p
    JOIN ledger_ledgeraccount a ON a.id = p.account_id AND a.code = 'customer_credit'
    WHERE NOT EXISTS (SELECT 1 FROM invoicing_creditmovement m WHERE m.entry_id = p.entry_id)
    LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'journal entry % moves a company''s credit without saying so', bad
            USING ERRCODE = 'check_violation';
    END IF;
    UPDATE ledger_journalbatch SET closed = true WHERE id = NEW.id AND NOT closed;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION invoicing_movement_is_posted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (SELECT sum(p.amount_minor) FROM ledger_posting p
        JOIN ledger_ledgeraccount a ON a.id = p.account_id AND a.code = 'customer_credit'
        JOIN invoicing_companycredit g ON g.id = NEW.credit_id AND g.currency = a.currency
            AND g.company_id = p.company_id
        WHERE p.entry_id = NEW.entry_id) IS DISTINCT FROM -NEW.amount_minor THEN
        RAISE EXCEPTION 'credit movement % is not what its journal entry posted', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    UPDATE ledger_journalbatch b SET closed = true
    FROM ledger_journalentry e WHERE e.id = NEW.entry_id AND b.id = e.batch_id AND NOT b.closed;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0023_word_on_a_correction"), ("ledger", "0009_whoever_checks_closes")]
    operations = [
        migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (BATCH, NUMBERED, OPENING, RECEIVABLE, CREDIT)
    ]
