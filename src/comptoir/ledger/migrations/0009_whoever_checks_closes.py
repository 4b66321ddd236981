from django.db import migrations

# As in 0007, but others who check the batch, too, close it, and may have done so before.
CHECK_BATCH = """
CREATE OR REPLACE FUNCTION ledger_check_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE bad bigint;
BEGIN
    WITH entry AS MATERIALIZED (SELECT id FROM ledger_journalentry WHERE batch_id = NEW.id),
    share AS MATERIALIZED (
        SELECT e.id AS entry_id, p.company_id, count(p.entry_id) AS postings, sum(p.amount_minor) AS amount_minor,
               count(a.id) FILTER (WHERE a.vendor_id = NEW.vendor_id) AS accounts,
               min(a.currency) AS first_currency, max(a.currency) AS last_currency,
               bool_or(a.code NOT IN ('bank', 'suspense', 'processor_clearing', 'processor_fees')) AS of_somebody,
               bool_or((a.code = 'receivable') <> (p.document_id IS NOT NULL)) AS misplaced
        FROM entry e
        LEFT JOIN ledger_posting p ON p.entry_id = e.id
        LEFT JOIN ledger_ledgeraccount a ON a.id = p.account_id
        GROUP BY e.id, p.company_id)
    SELECT s.entry_id INTO bad
    FROM share s
    LEFT JOIN tenancy_company c ON c.id = s.company_id AND c.vendor_id = NEW.vendor_id
    GROUP BY s.entry_id
    HAVING sum(s.postings) < 2 OR sum(s.amount_minor) <> 0 OR min(s.first_currency) <> max(s.last_currency)
        OR sum(s.accounts) <> sum(s.postings)
        OR bool_or(c.id IS NULL AND (s.company_id IS NOT NULL OR s.of_somebody))
        OR bool_or(s.misplaced)
    LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'journal entry % does not balance, or a posting names no account, company or document of its vendor', bad
            USING ERRCODE = 'check_violation';
    END IF;
    UPDATE ledger_journalbatch SET closed = true WHERE id = NEW.id AND NOT closed;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_accounts_stay")]
    operations = [migrations.RunSQL(CHECK_BATCH, migrations.RunSQL.noop)]
