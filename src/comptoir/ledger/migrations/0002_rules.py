from django.db import migrations

from comptoir.kit.sql import append_only, check_at_commit, fixed_columns, never_deleted
from comptoir.tenancy.rls import own_vendor, protect, visible_parent

# One deferred trigger per batch checks all of its entries by set: balance, parents, currency, documents.
CHECK_BATCH = """
CREATE FUNCTION ledger_check_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE bad bigint;
BEGIN
    SELECT e.id INTO bad
    FROM ledger_journalentry e
    LEFT JOIN ledger_posting p ON p.entry_id = e.id
    LEFT JOIN ledger_ledgeraccount a ON a.id = p.account_id AND a.vendor_id = NEW.vendor_id
    LEFT JOIN tenancy_company c ON c.id = p.company_id AND c.vendor_id = NEW.vendor_id
    WHERE e.batch_id = NEW.id
    GROUP BY e.id
    HAVING count(p.entry_id) < 2 OR sum(p.amount_minor) <> 0 OR min(a.currency) <> max(a.currency)
        OR count(a.id) <> count(p.entry_id) OR count(c.id) <> count(p.entry_id)
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

# A batch is open only inside the transaction that wrote it.
BATCH_IS_OPEN = """
CREATE FUNCTION ledger_entries_go_into_open_batches() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added LEFT JOIN ledger_journalbatch b ON b.id = added.batch_id AND NOT b.closed
               WHERE b.id IS NULL) THEN
        RAISE EXCEPTION 'the journal batch is closed, or there is none' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_journalentry_open AFTER INSERT ON ledger_journalentry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_go_into_open_batches();

CREATE FUNCTION ledger_postings_go_into_open_batches() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT entry_id FROM added) AS written
               LEFT JOIN ledger_journalentry e ON e.id = written.entry_id
               LEFT JOIN ledger_journalbatch b ON b.id = e.batch_id AND NOT b.closed
               WHERE b.id IS NULL) THEN
        RAISE EXCEPTION 'the journal batch is closed, or there is none' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_posting_open AFTER INSERT ON ledger_posting
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_postings_go_into_open_batches();

CREATE TRIGGER ledger_journalbatch_stays_closed BEFORE UPDATE ON ledger_journalbatch
    FOR EACH ROW WHEN (OLD.closed) EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER ledger_journalbatch_starts_open BEFORE INSERT ON ledger_journalbatch
    FOR EACH ROW WHEN (NEW.closed) EXECUTE FUNCTION kit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("tenancy", "0002_rules")]
    operations = [
        migrations.RunSQL(CHECK_BATCH, "DROP FUNCTION ledger_check_batch() CASCADE"),
        migrations.RunSQL(BATCH_IS_OPEN, migrations.RunSQL.noop),
        check_at_commit("ledger_journalbatch", "ledger_check_batch"),
        never_deleted("ledger_ledgeraccount"),
        fixed_columns("ledger_ledgeraccount", ["vendor_id", "code", "currency"]),
        never_deleted("ledger_journalbatch"),
        fixed_columns("ledger_journalbatch", ["id", "vendor_id", "posted_on", "reason", "recorded_at"]),
        append_only("ledger_journalentry"),
        append_only("ledger_posting"),
        protect("ledger_ledgeraccount", staff=own_vendor("SELECT")),
        protect("ledger_journalbatch", staff=own_vendor("SELECT")),
        protect("ledger_journalentry", staff=visible_parent("SELECT", parent="ledger_journalbatch", column="batch_id")),
        protect("ledger_posting", staff=visible_parent("SELECT", parent="ledger_ledgeraccount", column="account_id")),
    ]
