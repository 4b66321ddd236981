from django.db import migrations

# As in 0005, but money that nobody knows the owner of, or that moves between the vendor's own accounts, names no company.
CHECK_BATCH = """
CREATE OR REPLACE FUNCTION ledger_check_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE bad bigint;
BEGIN
    WITH entry AS MATERIALIZED (SELECT id FROM ledger_journalentry WHERE batch_id = NEW.id)
    SELECT e.id INTO bad
    FROM entry e
    LEFT JOIN ledger_posting p ON p.entry_id = e.id
    LEFT JOIN ledger_ledgeraccount a ON a.id = p.account_id AND a.vendor_id = NEW.vendor_id
    LEFT JOIN tenancy_company c ON c.id = p.company_id AND c.vendor_id = NEW.vendor_id
    GROUP BY e.id
    HAVING count(p.entry_id) < 2 OR sum(p.amount_minor) <> 0 OR min(a.currency) <> max(a.currency)
        OR count(a.id) <> count(p.entry_id)
        OR bool_or(c.id IS NULL AND (p.company_id IS NOT NULL
            OR a.code NOT IN ('bank', 'suspense', 'processor_clearing', 'processor_fees')))
        OR bool_or((a.code = 'receivable') <> (p.document_id IS NOT NULL))
    LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'journal entry % does not balance, or a posting names no account, company or document of its vendor', bad
            USING ERRCODE = 'check_violation';
    END IF;
    UPDATE ledger_journalbatch SET closed = true WHERE id = NEW.id;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_check_batch_by_itself")]
    operations = [
        migrations.RunSQL(CHECK_BATCH, migrations.RunSQL.noop),
    ]
