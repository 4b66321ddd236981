from django.db import migrations

from comptoir.kit.sql import append_only, check_at_commit, fixed_columns, never_deleted
from comptoir.tenancy.rls import Access, own_company, own_vendor, protect, visible_parent

OF_OWN_INVOICES = {"parent": "invoicing_invoice", "column": "invoice_id"}
OF_OWN_NOTES = {"parent": "invoicing_creditnote", "column": "credit_note_id"}

# The receivable in the ledger is what is open, invoice by invoice, whichever of the two is written.
RECEIVABLE = """
CREATE FUNCTION invoicing_receivable_of_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
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
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM ledger_posting p WHERE p.entry_id = NEW.entry_id
                   AND p.document_id = NEW.invoice_id AND p.amount_minor = -NEW.amount_minor) THEN
        RAISE EXCEPTION 'allocation % is not what its journal entry posted', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM invoicing_invoice i
                   LEFT JOIN invoicing_creditnote c ON c.id = NEW.credit_note_id
                   LEFT JOIN invoicing_writeoff w ON w.id = NEW.write_off_id
                   LEFT JOIN invoicing_creditmovement m ON m.id = NEW.credit_movement_id
                   LEFT JOIN invoicing_companycredit g ON g.id = m.credit_id
                   WHERE i.id = NEW.invoice_id
                     AND (NEW.credit_note_id IS NULL OR c.invoice_id = i.id)
                     AND (NEW.write_off_id IS NULL OR (w.invoice_id = i.id AND w.amount_minor = NEW.amount_minor))
                     AND (NEW.credit_movement_id IS NULL
                          OR (g.company_id = i.company_id AND m.amount_minor = -NEW.amount_minor))) THEN
        RAISE EXCEPTION 'allocation % and what it comes from are not of one invoice', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
"""

# A company's credit is moved by its movements alone, and its liability in the ledger by entries that have one.
CREDIT = """
CREATE FUNCTION invoicing_move_credit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE invoicing_companycredit SET balance_minor = balance_minor + NEW.amount_minor WHERE id = NEW.credit_id;
    RETURN NULL;
END $$;
CREATE TRIGGER invoicing_creditmovement_moves_credit AFTER INSERT ON invoicing_creditmovement
    FOR EACH ROW EXECUTE FUNCTION invoicing_move_credit();
CREATE TRIGGER invoicing_companycredit_moved_by_movements BEFORE UPDATE ON invoicing_companycredit
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER invoicing_companycredit_starts_empty BEFORE INSERT ON invoicing_companycredit
    FOR EACH ROW WHEN (NEW.balance_minor <> 0) EXECUTE FUNCTION kit_refuse_change();

CREATE FUNCTION invoicing_movement_is_posted() RETURNS trigger
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
    RETURN NULL;
END $$;

CREATE FUNCTION invoicing_credit_of_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE bad bigint;
BEGIN
    SELECT p.entry_id INTO bad FROM ledger_ledgeraccount a
    JOIN ledger_posting p ON p.account_id = a.id
    JOIN ledger_journalentry e ON e.id = p.entry_id AND e.batch_id = NEW.id
    WHERE a.vendor_id = NEW.vendor_id AND a.code = 'customer_credit'
      AND NOT EXISTS (SELECT 1 FROM invoicing_creditmovement m WHERE m.entry_id = p.entry_id)
    LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'journal entry % moves a company''s credit without saying so', bad
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER invoicing_credit_of_batch_at_commit AFTER INSERT ON ledger_journalbatch
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION invoicing_credit_of_batch();
"""

# A credit note gives back no more than its invoice asked for: line by line, and of each line's taxes.
CREDIT_NOTES = """
CREATE FUNCTION invoicing_credit_note_is_whole() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE of_invoice invoicing_invoice; net bigint; tax bigint; applied bigint; kept bigint; bad integer;
BEGIN
    PERFORM 1 FROM invoicing_invoicebalance WHERE invoice_id = NEW.invoice_id FOR UPDATE;
    SELECT * INTO of_invoice FROM invoicing_invoice WHERE id = NEW.invoice_id;
    SELECT sum(amount_minor), sum((SELECT coalesce(sum(part), 0) FROM unnest(tax_parts) AS part)) INTO net, tax
    FROM invoicing_creditnoteline WHERE credit_note_id = NEW.id AND invoice_id = NEW.invoice_id;
    SELECT coalesce(sum(amount_minor), 0) INTO applied FROM invoicing_allocation WHERE credit_note_id = NEW.id;
    SELECT coalesce(sum(amount_minor), 0) INTO kept FROM invoicing_creditmovement WHERE credit_note_id = NEW.id;
    IF of_invoice.company_id <> NEW.company_id OR of_invoice.vendor_id <> NEW.vendor_id
       OR of_invoice.currency <> NEW.currency OR NEW.issue_date < of_invoice.issue_date
       OR net IS DISTINCT FROM NEW.net_minor OR tax IS DISTINCT FROM NEW.tax_minor
       OR applied + kept <> NEW.total_minor
       OR EXISTS (SELECT 1 FROM invoicing_creditnoteline WHERE credit_note_id = NEW.id AND invoice_id <> NEW.invoice_id)
       OR NOT EXISTS (SELECT 1 FROM invoicing_creditnotenumber WHERE credit_note_id = NEW.id) THEN
        RAISE EXCEPTION 'credit note %: it lacks its number, does not add up, or is not of its invoice', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT l.position INTO bad
    FROM invoicing_creditnoteline mine
    JOIN LATERAL (
        SELECT coalesce(sum(amount_minor), 0) AS amount_minor, coalesce(sum(ends_on - starts_on), 0) AS days,
               max(ends_on) AS last
        FROM invoicing_creditnoteline WHERE invoice_id = mine.invoice_id AND corrects = mine.corrects
    ) AS credited ON true
    LEFT JOIN invoicing_invoiceline l ON l.invoice_id = mine.invoice_id AND l.position = mine.corrects
    LEFT JOIN invoicing_coverage g ON g.invoice_id = mine.invoice_id AND g.position = mine.corrects
    WHERE mine.credit_note_id = NEW.id
      AND (l.invoice_id IS NULL OR credited.amount_minor > l.amount_minor
           OR cardinality(mine.tax_parts) <> cardinality(l.tax_parts)
           OR (mine.starts_on IS NOT NULL AND (g.invoice_id IS NULL OR mine.ends_on > g.ends_on
               OR mine.starts_on < g.live_until OR credited.days <> g.ends_on - g.live_until))
           OR EXISTS (
               SELECT 1 FROM invoicing_creditnoteline c
               CROSS JOIN LATERAL unnest(c.tax_parts) WITH ORDINALITY AS part(minor, place)
               WHERE c.invoice_id = mine.invoice_id AND c.corrects = mine.corrects
               GROUP BY part.place HAVING sum(part.minor) > l.tax_parts[part.place] OR min(part.minor) < 0))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'credit note %: it gives back more of a line, its days or its taxes than was billed', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION invoicing_credit_line_comes_with_its_note() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM invoicing_creditnotenumber WHERE credit_note_id = NEW.credit_note_id) THEN
        RAISE EXCEPTION 'the credit note is issued' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER invoicing_creditnoteline_comes_with_its_note AFTER INSERT ON invoicing_creditnoteline
    FOR EACH ROW EXECUTE FUNCTION invoicing_credit_line_comes_with_its_note();
"""

# A write-off is applied to its invoice in the same transaction.
WRITE_OFF = """
CREATE FUNCTION invoicing_write_off_is_applied() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM invoicing_allocation WHERE write_off_id = NEW.id) THEN
        RAISE EXCEPTION 'write-off % is not applied to its invoice', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
"""

# Nobody allows more than the limit of the own role. Where a vendor says nothing: a clerk 100, a manager 5,000, an
# admin any amount of its currency's main unit (taken as a hundred minor units).
LIMITS = """
CREATE FUNCTION invoicing_approval_limit(of_vendor bigint, of_role text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE
        WHEN own.id IS NOT NULL THEN coalesce(own.limit_minor, 9223372036854775807)
        WHEN of_role = 'clerk' THEN 10000
        WHEN of_role = 'manager' THEN 500000
        WHEN of_role = 'admin' THEN 9223372036854775807
        ELSE 0 END
    FROM (SELECT) AS always
    LEFT JOIN invoicing_approvallimit own ON own.vendor_id = of_vendor AND own.role = of_role
$$;
GRANT EXECUTE ON FUNCTION invoicing_approval_limit TO comptoir_staff;
-- Behind the billing team's door a role is the visitor's own, whatever is written.
CREATE FUNCTION invoicing_has_role(of_vendor bigint, of_role text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT nullif(current_setting('app.user_id', true), '') IS NULL OR EXISTS (
        SELECT 1 FROM identity_staffmember WHERE vendor_id = of_vendor AND role = of_role AND ended_at IS NULL
            AND user_id = nullif(current_setting('app.user_id', true), '')::bigint)
$$;
CREATE FUNCTION invoicing_admins_set_limits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT invoicing_has_role(NEW.vendor_id, 'admin') THEN
        RAISE EXCEPTION 'an admin alone sets approval limits' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER invoicing_approvallimit_by_admins BEFORE INSERT OR UPDATE ON invoicing_approvallimit
    FOR EACH ROW EXECUTE FUNCTION invoicing_admins_set_limits();

CREATE FUNCTION invoicing_refuse_beyond_limit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.status = 'approved' AND NOT invoicing_has_role(NEW.vendor_id, NEW.approved_role) THEN
        RAISE EXCEPTION 'correction %: whoever allows it does not have the role %', NEW.id, NEW.approved_role
            USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM invoicing_invoice i WHERE i.id = NEW.invoice_id AND i.vendor_id = NEW.vendor_id) THEN
        RAISE EXCEPTION 'correction %: the invoice is another vendor''s', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status IN ('approved', 'done')
       AND NEW.amount_minor > invoicing_approval_limit(NEW.vendor_id, NEW.approved_role) THEN
        RAISE EXCEPTION 'correction %: the amount is above the limit of role %', NEW.id, NEW.approved_role
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER invoicing_correction_within_limit BEFORE INSERT OR UPDATE ON invoicing_correction
    FOR EACH ROW EXECUTE FUNCTION invoicing_refuse_beyond_limit();
"""


def of_company_and_vendor(table: str) -> migrations.RunSQL:
    return protect(table, portal=own_company("SELECT"), staff=own_vendor("SELECT"))


def parts(table: str, parent: dict[str, str]) -> migrations.RunSQL:
    return protect(table, portal=visible_parent("SELECT", **parent), staff=visible_parent("SELECT", **parent))


BALANCES = Access(
    "SELECT, UPDATE (in_flight_minor)",
    "EXISTS (SELECT 1 FROM invoicing_invoice parent WHERE parent.id = {table}.invoice_id)",
)
OF_OWN_COMPANIES = {"parent": "tenancy_company", "column": "company_id"}


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0002_rules")]
    operations = [
        migrations.RunSQL(RECEIVABLE, migrations.RunSQL.noop),
        migrations.RunSQL(ALLOCATION, migrations.RunSQL.noop),
        migrations.RunSQL(CREDIT, migrations.RunSQL.noop),
        migrations.RunSQL(CREDIT_NOTES, migrations.RunSQL.noop),
        migrations.RunSQL(WRITE_OFF, migrations.RunSQL.noop),
        migrations.RunSQL(LIMITS, migrations.RunSQL.noop),
        check_at_commit("invoicing_writeoff", "invoicing_write_off_is_applied"),
        check_at_commit("invoicing_allocation", "invoicing_allocation_is_posted"),
        check_at_commit("invoicing_creditmovement", "invoicing_movement_is_posted"),
        check_at_commit("invoicing_creditnote", "invoicing_credit_note_is_whole"),
        never_deleted("invoicing_invoicebalance"),
        never_deleted("invoicing_companycredit"),
        fixed_columns("invoicing_companycredit", ["company_id", "currency"]),
        append_only("invoicing_creditmovement"),
        append_only("invoicing_allocation"),
        append_only("invoicing_creditnote"),
        append_only("invoicing_creditnoteline"),
        append_only("invoicing_creditnotenumber"),
        append_only("invoicing_writeoff"),
        never_deleted("invoicing_revenuerecognition"),
        protect("invoicing_revenuerecognition", staff=own_vendor("SELECT")),
        never_deleted("invoicing_correction"),
        fixed_columns(
            "invoicing_correction", ["vendor_id", "invoice_id", "kind", "lines", "amount_minor", "reason", "requested_by"]
        ),
        protect("invoicing_invoicebalance", portal=BALANCES, staff=BALANCES),
        parts("invoicing_allocation", OF_OWN_INVOICES),
        of_company_and_vendor("invoicing_creditnote"),
        parts("invoicing_creditnoteline", OF_OWN_NOTES),
        parts("invoicing_creditnotenumber", OF_OWN_NOTES),
        protect("invoicing_writeoff", staff=visible_parent("SELECT", **OF_OWN_INVOICES)),
        protect("invoicing_approvallimit", staff=own_vendor("SELECT, INSERT, UPDATE (limit_minor)")),
        protect(
            "invoicing_correction",
            staff=own_vendor("SELECT, INSERT, UPDATE (status, approved_by, approved_role, outcome)"),
        ),
        protect(
            "invoicing_companycredit", portal=own_company("SELECT"), staff=visible_parent("SELECT", **OF_OWN_COMPANIES)
        ),
        parts("invoicing_creditmovement", {"parent": "invoicing_companycredit", "column": "credit_id"}),
    ]
