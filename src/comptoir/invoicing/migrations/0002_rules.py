from django.db import migrations

from comptoir.kit.sql import append_only, check_at_commit, fixed_columns, never_deleted
from comptoir.tenancy.rls import Access, own_company, own_vendor, protect, visible_parent

# Inserting coverage is what moves billed-through: new coverage starts exactly where it stands, or nothing is written.
COVER = """
CREATE FUNCTION invoicing_cover() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE chains bigint; moved bigint;
BEGIN
    IF EXISTS (SELECT 1 FROM (
            SELECT starts_on, lag(ends_on) OVER (PARTITION BY subscription_id ORDER BY starts_on) AS before
            FROM added) AS chained
        WHERE before <> starts_on) THEN
        RAISE EXCEPTION 'coverage of a subscription must follow without gap or overlap' USING ERRCODE = 'check_violation';
    END IF;
    SELECT count(DISTINCT subscription_id) INTO chains FROM added;
    UPDATE subscriptions_subscription s SET billed_through = chain.ends_on
    FROM (SELECT subscription_id, min(starts_on) AS starts_on, max(ends_on) AS ends_on FROM added GROUP BY 1) AS chain
    WHERE s.id = chain.subscription_id AND s.billed_through = chain.starts_on
      AND (s.ends_on IS NULL OR chain.ends_on <= s.ends_on);
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> chains THEN
        RAISE EXCEPTION 'coverage must start at billed-through and stay within the subscription: % of % do',
            moved, chains USING ERRCODE = 'exclusion_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER invoicing_coverage_moves_billed_through AFTER INSERT ON invoicing_coverage
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION invoicing_cover();
"""

# Inserting numbers is what moves the series, so that there is never a gap.
NUMBER = """
CREATE FUNCTION invoicing_number() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE chains bigint; moved bigint;
BEGIN
    SELECT count(DISTINCT series_id) INTO chains FROM added;
    UPDATE invoicing_numberseries s SET next_number = taken.last + 1
    FROM (SELECT series_id, min(number) AS first, max(number) AS last, count(*) AS count FROM added GROUP BY 1) AS taken
    WHERE s.id = taken.series_id AND s.next_number = taken.first AND taken.last - taken.first + 1 = taken.count;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> chains THEN
        RAISE EXCEPTION 'invoice numbers must follow the series without a gap' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER invoicing_invoicenumber_moves_series AFTER INSERT ON invoicing_invoicenumber
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION invoicing_number();
CREATE TRIGGER invoicing_numberseries_moved_by_numbers BEFORE UPDATE ON invoicing_numberseries
    FOR EACH ROW WHEN (OLD.next_number IS DISTINCT FROM NEW.next_number AND pg_trigger_depth() = 0)
    EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER invoicing_numberseries_starts_at_one BEFORE INSERT ON invoicing_numberseries
    FOR EACH ROW WHEN (NEW.next_number <> 1) EXECUTE FUNCTION kit_refuse_change();
"""

# One deferred trigger per batch checks all of its invoices by set, then closes it.
CHECK_BATCH = """
CREATE FUNCTION invoicing_check_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE bad bigint;
BEGIN
    SELECT i.id INTO bad
    FROM invoicing_invoice i
    LEFT JOIN tenancy_company c ON c.id = i.company_id AND c.vendor_id = i.vendor_id
    LEFT JOIN tenancy_vendor v ON v.id = i.vendor_id AND v.currency = i.currency
    LEFT JOIN invoicing_invoicenumber n ON n.invoice_id = i.id
    LEFT JOIN invoicing_numberseries s ON s.id = n.series_id AND s.vendor_id = i.vendor_id
    LEFT JOIN invoicing_invoicebalance b ON b.invoice_id = i.id AND b.open_minor = i.total_minor
    WHERE i.batch_id = NEW.id
      AND (c.id IS NULL OR v.id IS NULL OR s.id IS NULL OR b.invoice_id IS NULL OR i.vendor_id <> NEW.vendor_id
           OR (i.total_minor > 0 AND NOT EXISTS (SELECT 1 FROM ledger_posting p WHERE p.document_id = i.id)))
    LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'invoice % lacks its number, balance, posting or a company and currency of its vendor', bad
            USING ERRCODE = 'check_violation';
    END IF;

    SELECT i.id INTO bad
    FROM invoicing_invoice i
    LEFT JOIN invoicing_invoiceline l ON l.invoice_id = i.id
    LEFT JOIN subscriptions_subscription s ON s.id = l.subscription_id AND s.company_id = i.company_id
    LEFT JOIN invoicing_coverage g
        ON g.subscription_id = l.subscription_id AND g.line_id = l.id
        AND g.starts_on = l.starts_on AND g.ends_on = l.ends_on
    WHERE i.batch_id = NEW.id
    GROUP BY i.id
    HAVING sum(l.amount_minor) IS DISTINCT FROM i.total_minor OR count(s.id) <> count(l.id)
        OR count(g.id) <> count(l.id) OR bool_or(l.location_id IS DISTINCT FROM s.location_id)
    LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'invoice %: its lines do not add up, or a line lacks its coverage or subscription', bad
            USING ERRCODE = 'check_violation';
    END IF;
    UPDATE invoicing_invoicebatch SET closed = true WHERE id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER invoicing_invoicebatch_stays_closed BEFORE UPDATE ON invoicing_invoicebatch
    FOR EACH ROW WHEN (OLD.closed) EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER invoicing_invoicebatch_starts_open BEFORE INSERT ON invoicing_invoicebatch
    FOR EACH ROW WHEN (NEW.closed) EXECUTE FUNCTION kit_refuse_change();
"""

# Rows of an invoice are written in the transaction of their batch, or not at all.
BATCH_IS_OPEN = """
CREATE FUNCTION invoicing_invoices_go_into_open_batches() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added LEFT JOIN invoicing_invoicebatch b ON b.id = added.batch_id AND NOT b.closed
               WHERE b.id IS NULL) THEN
        RAISE EXCEPTION 'the invoice batch is closed, or there is none' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER invoicing_invoice_open AFTER INSERT ON invoicing_invoice
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION invoicing_invoices_go_into_open_batches();

CREATE FUNCTION invoicing_parts_go_into_open_batches() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added
               LEFT JOIN invoicing_invoice i ON i.id = added.invoice_id
               LEFT JOIN invoicing_invoicebatch b ON b.id = i.batch_id AND NOT b.closed
               WHERE b.id IS NULL) THEN
        RAISE EXCEPTION 'the invoice is issued, or there is none' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER invoicing_invoiceline_open AFTER INSERT ON invoicing_invoiceline
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION invoicing_parts_go_into_open_batches();
CREATE TRIGGER invoicing_invoicebalance_open AFTER INSERT ON invoicing_invoicebalance
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION invoicing_parts_go_into_open_batches();
CREATE TRIGGER invoicing_invoicenumber_open AFTER INSERT ON invoicing_invoicenumber
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION invoicing_parts_go_into_open_batches();

CREATE FUNCTION invoicing_coverage_goes_with_its_line() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added
               LEFT JOIN invoicing_invoiceline l ON l.id = added.line_id
               LEFT JOIN invoicing_invoice i ON i.id = l.invoice_id
               LEFT JOIN invoicing_invoicebatch b ON b.id = i.batch_id AND NOT b.closed
               WHERE b.id IS NULL) THEN
        RAISE EXCEPTION 'coverage names no line of an open batch' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER invoicing_coverage_open AFTER INSERT ON invoicing_coverage
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION invoicing_coverage_goes_with_its_line();
"""

# The receivable in the ledger is what is open, invoice by invoice, whichever of the two is written.
RECEIVABLE = """
CREATE FUNCTION invoicing_receivable_of_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE bad bigint;
BEGIN
    SELECT touched.document_id INTO bad
    FROM (SELECT DISTINCT p.document_id FROM ledger_journalentry e JOIN ledger_posting p ON p.entry_id = e.id
          WHERE e.batch_id = NEW.id AND p.document_id IS NOT NULL) AS touched
    JOIN ledger_posting p ON p.document_id = touched.document_id
    LEFT JOIN invoicing_invoicebalance b ON b.invoice_id = touched.document_id
    LEFT JOIN invoicing_invoice i ON i.id = touched.document_id
    GROUP BY touched.document_id, b.open_minor, i.company_id
    HAVING sum(p.amount_minor) IS DISTINCT FROM b.open_minor OR bool_or(p.company_id IS DISTINCT FROM i.company_id)
    LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'the receivable of invoice % is not what is open on it', bad USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER invoicing_receivable_of_batch_at_commit AFTER INSERT ON ledger_journalbatch
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION invoicing_receivable_of_batch();

CREATE FUNCTION invoicing_receivable_of_invoice() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF (SELECT coalesce(sum(p.amount_minor), 0) FROM ledger_posting p WHERE p.document_id = NEW.invoice_id)
       <> (SELECT b.open_minor FROM invoicing_invoicebalance b WHERE b.invoice_id = NEW.invoice_id) THEN
        RAISE EXCEPTION 'the receivable of invoice % is not what is open on it', NEW.invoice_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER invoicing_receivable_of_invoice_at_commit AFTER UPDATE OF open_minor ON invoicing_invoicebalance
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION invoicing_receivable_of_invoice();
"""

# What was applied to an invoice is what its entry took off the receivable.
ALLOCATION = """
CREATE FUNCTION invoicing_allocation_is_posted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM ledger_posting p WHERE p.entry_id = NEW.entry_id
                   AND p.document_id = NEW.invoice_id AND p.amount_minor = -NEW.amount_minor) THEN
        RAISE EXCEPTION 'allocation % is not what its journal entry posted', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
"""

OF_OWN_INVOICES = {"parent": "invoicing_invoice", "column": "invoice_id"}


def parts_of_invoices(table: str) -> migrations.RunSQL:
    return protect(
        table, portal=visible_parent("SELECT", **OF_OWN_INVOICES), staff=visible_parent("SELECT", **OF_OWN_INVOICES)
    )


BALANCES = Access(
    "SELECT, UPDATE (in_flight_minor)",
    "EXISTS (SELECT 1 FROM invoicing_invoice parent WHERE parent.id = {table}.invoice_id)",
)


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0001_initial"),
        ("ledger", "0002_rules"),
        ("subscriptions", "0002_rules"),
        ("customers", "0002_rules"),
    ]
    operations = [
        migrations.RunSQL(COVER, "DROP FUNCTION invoicing_cover() CASCADE"),
        migrations.RunSQL(NUMBER, "DROP FUNCTION invoicing_number() CASCADE"),
        migrations.RunSQL(CHECK_BATCH, "DROP FUNCTION invoicing_check_batch() CASCADE"),
        check_at_commit("invoicing_invoicebatch", "invoicing_check_batch"),
        migrations.RunSQL(BATCH_IS_OPEN, migrations.RunSQL.noop),
        migrations.RunSQL(RECEIVABLE, migrations.RunSQL.noop),
        migrations.RunSQL(ALLOCATION, "DROP FUNCTION invoicing_allocation_is_posted() CASCADE"),
        check_at_commit("invoicing_allocation", "invoicing_allocation_is_posted"),
        append_only("invoicing_invoice"),
        append_only("invoicing_invoiceline"),
        append_only("invoicing_coverage"),
        append_only("invoicing_invoicenumber"),
        append_only("invoicing_allocation"),
        never_deleted("invoicing_invoicebalance"),
        never_deleted("invoicing_invoicebatch"),
        fixed_columns("invoicing_invoicebatch", ["id", "vendor_id", "run_id", "recorded_at"]),
        never_deleted("invoicing_numberseries"),
        fixed_columns("invoicing_numberseries", ["vendor_id", "prefix"]),
        never_deleted("invoicing_billrun"),
        fixed_columns("invoicing_billrun", ["vendor_id", "through", "issue_date"]),
        protect("invoicing_billrun", staff=own_vendor("SELECT, INSERT, UPDATE (status)")),
        protect("invoicing_billrunitem", staff=visible_parent("SELECT", parent="invoicing_billrun", column="run_id")),
        protect("invoicing_invoicebatch"),
        protect("invoicing_invoice", portal=own_company("SELECT"), staff=own_vendor("SELECT")),
        parts_of_invoices("invoicing_invoiceline"),
        protect("invoicing_coverage"),
        protect("invoicing_invoicebalance", portal=BALANCES, staff=BALANCES),
        parts_of_invoices("invoicing_invoicenumber"),
        parts_of_invoices("invoicing_allocation"),
        protect(
            "invoicing_numberseries",
            portal=visible_parent("SELECT (id, vendor_id, prefix)", parent="tenancy_vendor", column="vendor_id"),
            staff=own_vendor("SELECT"),
        ),
    ]
