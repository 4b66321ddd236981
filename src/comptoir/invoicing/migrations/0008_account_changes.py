from django.db import migrations

from comptoir.tenancy.rls import OWN_COMPANY, OWN_VENDOR

# What moved what a company owes, less its credit, entry by entry: read from the ledger itself, so that a statement
# of account cannot say anything else. Found by the company's invoices and its credit, as no posting is indexed by
# company. A customer's page may not read the ledger: it gets this much of it, of its own company alone.
CHANGES = f"""
CREATE FUNCTION invoicing_account_changes(of_company bigint, of_currency text) RETURNS TABLE (
    entry_id bigint, posted_on date, said text, invoice_id bigint, payment_public_id uuid, credit_note_id bigint,
    amount_minor bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH moved AS (
        SELECT p.entry_id FROM invoicing_invoice i JOIN ledger_posting p ON p.document_id = i.id
        WHERE i.company_id = of_company
        UNION
        SELECT m.entry_id FROM invoicing_companycredit c JOIN invoicing_creditmovement m ON m.credit_id = c.id
        WHERE c.company_id = of_company
    )
    SELECT e.id, b.posted_on, e.description, max(p.document_id),
           (array_agg(coalesce(a.payment_public_id, m.payment_public_id)))[1],
           max(coalesce(a.credit_note_id, m.credit_note_id)), sum(p.amount_minor)::bigint
    FROM moved
    JOIN ledger_posting p ON p.entry_id = moved.entry_id AND p.company_id = of_company
    JOIN ledger_ledgeraccount l ON l.id = p.account_id AND l.code IN ('receivable', 'customer_credit')
        AND l.currency = of_currency
    JOIN ledger_journalentry e ON e.id = p.entry_id
    JOIN ledger_journalbatch b ON b.id = e.batch_id
    LEFT JOIN invoicing_allocation a ON a.entry_id = e.id
    LEFT JOIN invoicing_creditmovement m ON m.entry_id = e.id
    WHERE current_setting('role') = 'none' OR EXISTS (
        SELECT 1 FROM tenancy_company c WHERE c.id = of_company AND (c.id = {OWN_COMPANY} OR c.vendor_id = {OWN_VENDOR}))
    GROUP BY e.id, b.id HAVING sum(p.amount_minor) <> 0
    ORDER BY b.posted_on, e.id
$$;
GRANT EXECUTE ON FUNCTION invoicing_account_changes TO comptoir_portal, comptoir_staff;
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0004_check_batch_by_itself"), ("ledger", "0006_money_of_nobody")]
    operations = [migrations.RunSQL(CHANGES, "DROP FUNCTION invoicing_account_changes")]
