from django.db import migrations

# A payment is meant for its company's own invoices, to the cent; what is meant for none is on account.
ADDS_UP = """
CREATE OR REPLACE FUNCTION payments_check(checked payments_payment) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bad bigint;
BEGIN
    IF checked.method_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM payments_paymentmethod m WHERE m.id = checked.method_id AND m.company_id = checked.company_id)
    THEN
        RAISE EXCEPTION 'payment %: its method is another company''s', checked.id USING ERRCODE = 'check_violation';
    END IF;
    IF (SELECT coalesce(sum(amount_minor), 0) FROM payments_paymentitem WHERE payment_id = checked.id)
        + checked.on_account_minor <> checked.amount_minor
    THEN
        RAISE EXCEPTION 'payment %: its items and what is on account do not add up to its amount', checked.id
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT item.invoice_id INTO bad
    FROM payments_paymentitem item
    JOIN invoicing_invoice i ON i.id = item.invoice_id
    JOIN invoicing_invoicebalance b ON b.invoice_id = item.invoice_id
    WHERE item.payment_id = checked.id
      AND (i.company_id <> checked.company_id OR i.currency <> checked.currency OR b.in_flight_minor <> (
        SELECT coalesce(sum(other.amount_minor), 0)
        FROM payments_paymentitem other JOIN payments_payment p ON p.id = other.payment_id
        WHERE other.invoice_id = item.invoice_id AND p.status IN ('created', 'action_required', 'processing')))
    LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'payment %: invoice % is another company''s or currency''s, or what is in flight on it differs',
            checked.id, bad USING ERRCODE = 'check_violation';
    END IF;
END $$;
CREATE TRIGGER payments_payment_keeps_on_account BEFORE UPDATE ON payments_payment
    FOR EACH ROW WHEN (OLD.on_account_minor <> NEW.on_account_minor) EXECUTE FUNCTION kit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0004_check_batch_by_itself"), ("payments", "0002_rules")]

    operations = [
        migrations.RunSQL(ADDS_UP, migrations.RunSQL.noop),
    ]
