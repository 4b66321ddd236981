from django.db import migrations

from comptoir.kit.sql import append_only, fixed_columns, never_deleted
from comptoir.tenancy.rls import own_company, own_vendor, protect, visible_parent

OF_OWN_INVOICES = {"parent": "invoicing_invoice", "column": "invoice_id"}


def parts_of_invoices(table: str) -> migrations.RunSQL:
    return protect(
        table, portal=visible_parent("SELECT", **OF_OWN_INVOICES), staff=visible_parent("SELECT", **OF_OWN_INVOICES)
    )


# The functions that check by set go by index, whatever the planner believes of tables that fill up while they run: a
# plan made when a table was empty would read it whole ever after.
#
# A line's amount is its price less its discount, prorated by days, rounded half up once.
AMOUNTS = """
ALTER TABLE invoicing_invoiceline ADD CONSTRAINT line_amount_is_prorated CHECK (
    CASE WHEN subscription_id IS NULL THEN amount_minor = unit_minor - discount_minor
         ELSE amount_minor = (2 * (unit_minor - discount_minor) * (ends_on - starts_on) + full_days) / (2 * full_days) END
);
ALTER TABLE invoicing_invoiceline ADD CONSTRAINT line_has_a_part_of_each_of_its_taxes CHECK (
    cardinality(tax_positions) = cardinality(tax_parts)
);
-- Each row is updated once, when its part is issued: with room in its page, no index is touched.
ALTER TABLE invoicing_billrunitem SET (fillfactor = 50);
ALTER TABLE invoicing_billrunpart ADD CONSTRAINT bill_run_part_has_companies CHECK (cardinality(company_ids) > 0);
"""

# Rows of an invoice are written in the transaction of their batch, or not at all. With the invoice comes its balance.
INVOICES = """
CREATE FUNCTION invoicing_invoices_open() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added LEFT JOIN invoicing_invoicebatch b ON b.id = added.batch_id AND NOT b.closed
               WHERE b.id IS NULL) THEN
        RAISE EXCEPTION 'the invoice batch is closed, or there is none' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO invoicing_invoicebalance (invoice_id, open_minor, settled_at)
    SELECT id, total_minor, CASE WHEN total_minor = 0 THEN now() END FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER invoicing_invoice_opens_its_balance AFTER INSERT ON invoicing_invoice
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION invoicing_invoices_open();

CREATE FUNCTION invoicing_refuse_parts_of_issued(of_invoices bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM unnest(of_invoices) AS part(id)
               LEFT JOIN invoicing_invoice i ON i.id = part.id
               LEFT JOIN invoicing_invoicebatch b ON b.id = i.batch_id AND NOT b.closed
               WHERE b.id IS NULL) THEN
        RAISE EXCEPTION 'the invoice is issued, or there is none' USING ERRCODE = 'check_violation';
    END IF;
END $$;

CREATE FUNCTION invoicing_taxes_are_of_open_invoices() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM invoicing_refuse_parts_of_issued(array_agg(DISTINCT invoice_id)) FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER invoicing_invoicetax_of_open_invoice AFTER INSERT ON invoicing_invoicetax
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION invoicing_taxes_are_of_open_invoices();
"""

# Writing lines is what covers days and moves billed-through: a line starts exactly where it stands, or nothing is
# written. Giving days back shrinks coverage from its end, the latest first, and moves billed-through back.
COVERAGE = """
CREATE FUNCTION invoicing_cover() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE chains bigint; moved bigint;
BEGIN
    PERFORM invoicing_refuse_parts_of_issued(array_agg(DISTINCT invoice_id)) FROM added;
    IF EXISTS (SELECT 1 FROM (
            SELECT starts_on, lag(ends_on) OVER (PARTITION BY subscription_id ORDER BY starts_on) AS before
            FROM added WHERE subscription_id IS NOT NULL) AS chained
        WHERE before <> starts_on) THEN
        RAISE EXCEPTION 'lines of a subscription must follow without gap or overlap' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO invoicing_coverage (invoice_id, position, subscription_id, starts_on, ends_on, live_until)
    SELECT invoice_id, position, subscription_id, starts_on, ends_on, ends_on
    FROM added WHERE subscription_id IS NOT NULL;
    SELECT count(DISTINCT subscription_id) INTO chains FROM added;
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
CREATE TRIGGER invoicing_invoiceline_covers AFTER INSERT ON invoicing_invoiceline
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION invoicing_cover();

CREATE FUNCTION invoicing_refuse_coverage_by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'coverage is written by its line' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER invoicing_coverage_comes_with_its_line BEFORE INSERT ON invoicing_coverage
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION invoicing_refuse_coverage_by_hand();

CREATE FUNCTION invoicing_give_days_back() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.live_until >= OLD.live_until THEN
        RAISE EXCEPTION 'coverage only shrinks' USING ERRCODE = 'check_violation';
    END IF;
    UPDATE subscriptions_subscription SET billed_through = NEW.live_until
    WHERE id = NEW.subscription_id AND billed_through = OLD.live_until;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'days are given back from billed-through, the latest first' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER invoicing_coverage_gives_back BEFORE UPDATE ON invoicing_coverage
    FOR EACH ROW EXECUTE FUNCTION invoicing_give_days_back();
CREATE FUNCTION invoicing_days_given_back_are_credited() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE live date;
BEGIN
    SELECT live_until INTO live FROM invoicing_coverage
    WHERE invoice_id = NEW.invoice_id AND position = NEW.position;
    IF (SELECT coalesce(sum(l.ends_on - l.starts_on), 0) FROM invoicing_creditnoteline l
        WHERE l.invoice_id = NEW.invoice_id AND l.corrects = NEW.position) <> NEW.ends_on - live THEN
        RAISE EXCEPTION 'the days given back of line % of invoice % are not those of its credit notes',
            NEW.position, NEW.invoice_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER invoicing_days_given_back_are_credited_at_commit AFTER UPDATE ON invoicing_coverage
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION invoicing_days_given_back_are_credited();
"""

# Inserting numbers is what moves a series, so that there is never a gap. An issued document has its number.
NUMBERS = """
CREATE FUNCTION invoicing_move_series(series bigint, first bigint, last bigint, taken bigint) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE invoicing_numberseries SET next_number = last + 1
    WHERE id = series AND next_number = first AND last - first + 1 = taken;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'numbers must follow their series without a gap' USING ERRCODE = 'check_violation';
    END IF;
END $$;

CREATE FUNCTION invoicing_number_invoices() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added
               LEFT JOIN invoicing_invoice i ON i.id = added.invoice_id
               LEFT JOIN invoicing_numberseries s ON s.id = added.series_id AND s.vendor_id = i.vendor_id
                   AND s.kind = CASE i.kind WHEN 'opening' THEN 'opening' ELSE 'invoice' END
               WHERE s.id IS NULL) THEN
        RAISE EXCEPTION 'a number is of its vendor''s series for that kind of invoice' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM invoicing_move_series(series_id, min(number), max(number), count(*)) FROM added GROUP BY series_id;
    RETURN NULL;
END $$;
CREATE TRIGGER invoicing_invoicenumber_moves_series AFTER INSERT ON invoicing_invoicenumber
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION invoicing_number_invoices();

CREATE FUNCTION invoicing_number_credit_notes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added
               LEFT JOIN invoicing_creditnote c ON c.id = added.credit_note_id
               LEFT JOIN invoicing_numberseries s ON s.id = added.series_id AND s.vendor_id = c.vendor_id
                   AND s.kind = 'credit_note'
               WHERE s.id IS NULL) THEN
        RAISE EXCEPTION 'a number is of its vendor''s series of credit notes' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM invoicing_move_series(series_id, min(number), max(number), count(*)) FROM added GROUP BY series_id;
    RETURN NULL;
END $$;
CREATE TRIGGER invoicing_creditnotenumber_moves_series AFTER INSERT ON invoicing_creditnotenumber
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION invoicing_number_credit_notes();

CREATE TRIGGER invoicing_numberseries_moved_by_numbers BEFORE UPDATE ON invoicing_numberseries
    FOR EACH ROW WHEN (OLD.next_number IS DISTINCT FROM NEW.next_number AND pg_trigger_depth() = 0)
    EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER invoicing_numberseries_starts_at_one BEFORE INSERT ON invoicing_numberseries
    FOR EACH ROW WHEN (NEW.next_number <> 1) EXECUTE FUNCTION kit_refuse_change();

CREATE FUNCTION invoicing_batch_is_numbered() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM invoicing_invoice i LEFT JOIN invoicing_invoicenumber n ON n.invoice_id = i.id
               WHERE i.batch_id = NEW.id AND n.invoice_id IS NULL) THEN
        RAISE EXCEPTION 'an invoice of batch % lacks its number', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER invoicing_batch_is_numbered_at_commit AFTER INSERT ON invoicing_invoicebatch
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION invoicing_batch_is_numbered();
"""

# One deferred trigger per batch checks all of its invoices by set, then closes it.
CHECK_BATCH = """
CREATE FUNCTION invoicing_check_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE bad bigint;
BEGIN
    SELECT i.id INTO bad
    FROM invoicing_invoice i
    LEFT JOIN tenancy_company c ON c.id = i.company_id AND c.vendor_id = i.vendor_id
    LEFT JOIN tenancy_vendor v ON v.id = i.vendor_id AND v.currency = i.currency
    LEFT JOIN customers_location o ON o.id = i.location_id
    WHERE i.batch_id = NEW.id
      AND (c.id IS NULL OR v.id IS NULL OR i.vendor_id <> NEW.vendor_id
           OR (i.location_id IS NOT NULL AND o.vendor_id IS DISTINCT FROM i.vendor_id)
           OR (i.total_minor > 0 AND NOT EXISTS (SELECT 1 FROM ledger_posting p WHERE p.document_id = i.id)))
    LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'invoice % lacks its posting, or a company, store and currency of its vendor', bad
            USING ERRCODE = 'check_violation';
    END IF;

    SELECT i.id INTO bad
    FROM invoicing_invoice i
    LEFT JOIN invoicing_invoiceline l ON l.invoice_id = i.id
    LEFT JOIN subscriptions_subscription s ON s.id = l.subscription_id
    LEFT JOIN subscriptions_oneoffcharge g ON g.id = l.charge_id
    WHERE i.batch_id = NEW.id
    GROUP BY i.id
    HAVING sum(l.amount_minor) IS DISTINCT FROM i.net_minor
        OR bool_or(CASE
            WHEN l.subscription_id IS NOT NULL
                THEN s.company_id IS DISTINCT FROM i.company_id OR l.location_id IS DISTINCT FROM s.location_id
            WHEN l.charge_id IS NOT NULL
                THEN g.company_id IS DISTINCT FROM i.company_id OR l.location_id IS DISTINCT FROM g.location_id
                     OR l.amount_minor <> g.amount_minor
            ELSE i.kind <> 'opening' END)
    LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'invoice %: its lines do not add up, or one bills what is not the company''s', bad
            USING ERRCODE = 'check_violation';
    END IF;

    -- Both sides of each sum in one pass: joining two aggregates that nobody has statistics on yet would be quadratic.
    SELECT sides.invoice_id INTO bad
    FROM (
        SELECT i.id AS invoice_id, 0 AS position, i.tax_minor AS tax, 0 AS taxable
        FROM invoicing_invoice i WHERE i.batch_id = NEW.id
        UNION ALL
        SELECT i.id, side.position, side.sign * t.tax_minor, side.taxable * t.taxable_minor
        FROM invoicing_invoice i JOIN invoicing_invoicetax t ON t.invoice_id = i.id
        CROSS JOIN LATERAL (VALUES (0, -1, 0), (t.position::integer, 1, 1)) AS side(position, sign, taxable)
        WHERE i.batch_id = NEW.id
        UNION ALL
        SELECT i.id, p.position, -p.minor, -l.amount_minor
        FROM invoicing_invoice i JOIN invoicing_invoiceline l ON l.invoice_id = i.id
        CROSS JOIN LATERAL unnest(l.tax_positions, l.tax_parts) AS p(position, minor)
        WHERE i.batch_id = NEW.id
    ) AS sides
    GROUP BY sides.invoice_id, sides.position
    HAVING sum(sides.tax) <> 0 OR sum(sides.taxable) <> 0
    LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'invoice %: its taxes do not add up, or not to what its lines bear', bad
            USING ERRCODE = 'check_violation';
    END IF;
    UPDATE invoicing_invoicebatch SET closed = true WHERE id = NEW.id;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER invoicing_check_batch_at_commit AFTER INSERT ON invoicing_invoicebatch
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION invoicing_check_batch();
CREATE TRIGGER invoicing_invoicebatch_stays_closed BEFORE UPDATE ON invoicing_invoicebatch
    FOR EACH ROW WHEN (OLD.closed) EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER invoicing_invoicebatch_starts_open BEFORE INSERT ON invoicing_invoicebatch
    FOR EACH ROW WHEN (NEW.closed) EXECUTE FUNCTION kit_refuse_change();
"""

# A bill run's companies are its vendor's.
RUN_ITEMS = """
CREATE FUNCTION invoicing_items_are_of_the_vendor() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added
               LEFT JOIN invoicing_billrun r ON r.id = added.run_id
               LEFT JOIN tenancy_company c ON c.id = added.company_id AND c.vendor_id = r.vendor_id
               WHERE c.id IS NULL) THEN
        RAISE EXCEPTION 'a company of a bill run is its vendor''s' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER invoicing_billrunitem_of_the_vendor AFTER INSERT ON invoicing_billrunitem
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION invoicing_items_are_of_the_vendor();
"""



class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0001_initial"),
        ("ledger", "0002_rules"),
        ("subscriptions", "0002_rules"),
        ("customers", "0002_rules"),
    ]
    operations = [
        migrations.RunSQL(AMOUNTS, migrations.RunSQL.noop),
        migrations.RunSQL(INVOICES, migrations.RunSQL.noop),
        migrations.RunSQL(COVERAGE, migrations.RunSQL.noop),
        migrations.RunSQL(NUMBERS, migrations.RunSQL.noop),
        migrations.RunSQL(CHECK_BATCH, migrations.RunSQL.noop),
        migrations.RunSQL(RUN_ITEMS, migrations.RunSQL.noop),
        append_only("invoicing_invoice"),
        append_only("invoicing_invoiceline"),
        append_only("invoicing_invoicetax"),
        append_only("invoicing_invoicenumber"),
        never_deleted("invoicing_coverage"),
        fixed_columns("invoicing_coverage", ["invoice_id", "position", "subscription_id", "starts_on", "ends_on"]),
        never_deleted("invoicing_invoicebatch"),
        fixed_columns("invoicing_invoicebatch", ["id", "vendor_id", "run_id", "recorded_at"]),
        never_deleted("invoicing_numberseries"),
        fixed_columns("invoicing_numberseries", ["vendor_id", "kind", "prefix"]),
        never_deleted("invoicing_billrun"),
        fixed_columns("invoicing_billrun", ["vendor_id", "through", "issue_date"]),
        never_deleted("invoicing_billrunpart"),
        fixed_columns("invoicing_billrunpart", ["run_id", "position", "company_ids"]),
        never_deleted("invoicing_billrunitem"),
        fixed_columns("invoicing_billrunitem", ["run_id", "company_id", "planned_minor", "planned_lines"]),
        protect("invoicing_billrun", staff=own_vendor("SELECT, INSERT, UPDATE (status)")),
        protect("invoicing_billrunpart", staff=visible_parent("SELECT", parent="invoicing_billrun", column="run_id")),
        protect("invoicing_billrunitem", staff=visible_parent("SELECT", parent="invoicing_billrun", column="run_id")),
        protect("invoicing_invoicebatch"),
        protect("invoicing_invoice", portal=own_company("SELECT"), staff=own_vendor("SELECT")),
        parts_of_invoices("invoicing_invoiceline"),
        parts_of_invoices("invoicing_invoicetax"),
        parts_of_invoices("invoicing_invoicenumber"),
        protect("invoicing_coverage", staff=visible_parent("SELECT", **OF_OWN_INVOICES)),
        protect(
            "invoicing_numberseries",
            portal=visible_parent("SELECT (id, vendor_id, prefix)", parent="tenancy_vendor", column="vendor_id"),
            staff=own_vendor("SELECT"),
        ),
    ]
