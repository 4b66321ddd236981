from django.db import migrations

# As in 0024, but in the invoice's currency, too. The vendor's receivables are looked up once: there is one a currency.
RECEIVABLE = """
CREATE OR REPLACE FUNCTION invoicing_receivable_of_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE bad bigint;
BEGIN
    WITH touched AS MATERIALIZED (
        SELECT DISTINCT p.document_id FROM ledger_journalentry e JOIN ledger_posting p ON p.entry_id = e.id
        WHERE e.batch_id = NEW.id AND p.document_id IS NOT NULL),
    receivable AS MATERIALIZED (
        SELECT id, currency FROM ledger_ledgeraccount WHERE vendor_id = NEW.vendor_id AND code = 'receivable')
    SELECT touched.document_id INTO bad
    FROM touched
    JOIN ledger_posting p ON p.document_id = touched.document_id
    LEFT JOIN invoicing_invoicebalance b ON b.invoice_id = touched.document_id
    LEFT JOIN invoicing_invoice i ON i.id = touched.document_id
    LEFT JOIN receivable a ON a.id = p.account_id
    GROUP BY touched.document_id, b.open_minor, i.company_id
    HAVING sum(p.amount_minor) IS DISTINCT FROM b.open_minor OR bool_or(p.company_id IS DISTINCT FROM i.company_id)
        OR bool_or(a.currency <> i.currency)
    LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'the receivable of invoice % is not what is open on it, in its currency', bad
            USING ERRCODE = 'check_violation';
    END IF;
    UPDATE ledger_journalbatch SET closed = true WHERE id = NEW.id AND NOT closed;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0024_whoever_checks_closes")]
    operations = [migrations.RunSQL(RECEIVABLE, migrations.RunSQL.noop)]
