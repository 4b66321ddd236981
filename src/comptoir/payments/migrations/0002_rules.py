from django.db import migrations

from comptoir.kit.sql import append_only, fixed_columns, never_deleted
from comptoir.tenancy.rls import Access, own_company, own_vendor, protect, visible_parent

TRANSITIONS = """
CREATE FUNCTION payments_check_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (OLD.status, NEW.status) IN (
        ('created', 'action_required'), ('created', 'processing'), ('created', 'succeeded'), ('created', 'failed'),
        ('created', 'canceled'),
        ('action_required', 'processing'), ('action_required', 'succeeded'), ('action_required', 'failed'),
        ('action_required', 'canceled'),
        ('processing', 'succeeded'), ('processing', 'failed'), ('processing', 'canceled'),
        ('succeeded', 'returned'), ('succeeded', 'disputed'), ('succeeded', 'refunded'),
        ('disputed', 'succeeded'), ('disputed', 'returned')
    ) THEN
        RAISE EXCEPTION 'payment % cannot go from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF current_user = 'comptoir_portal'
        AND (OLD.status NOT IN ('created', 'action_required') OR NEW.status NOT IN ('action_required', 'canceled'))
    THEN
        RAISE EXCEPTION 'payment % goes from % to % by the processor''s word alone', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_payment_transition BEFORE UPDATE ON payments_payment
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION payments_check_transition();
CREATE FUNCTION payments_check_start() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a payment begins as created and unknown to the processor, not as %', NEW.status
        USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER payments_payment_begins BEFORE INSERT ON payments_payment
    FOR EACH ROW WHEN (NEW.status <> 'created' OR NEW.session_id IS NOT NULL OR NEW.intent_id IS NOT NULL)
    EXECUTE FUNCTION payments_check_start();
CREATE TRIGGER payments_payment_keeps_its_names BEFORE UPDATE ON payments_payment
    FOR EACH ROW WHEN (OLD.session_id <> NEW.session_id OR OLD.intent_id <> NEW.intent_id
                       OR (OLD.session_id IS NOT NULL AND NEW.session_id IS NULL))
    EXECUTE FUNCTION kit_refuse_change();
"""

# What is in flight on an invoice is what payments under way are meant for, and a payment is meant for its company's
# own invoices, to the cent.
IN_FLIGHT = """
CREATE FUNCTION payments_check(checked payments_payment) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bad bigint;
BEGIN
    IF checked.method_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM payments_paymentmethod m WHERE m.id = checked.method_id AND m.company_id = checked.company_id)
    THEN
        RAISE EXCEPTION 'payment %: its method is another company''s', checked.id USING ERRCODE = 'check_violation';
    END IF;
    IF (SELECT coalesce(sum(amount_minor), 0) FROM payments_paymentitem WHERE payment_id = checked.id)
        <> checked.amount_minor
    THEN
        RAISE EXCEPTION 'payment %: its items do not add up to its amount', checked.id
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

CREATE FUNCTION payments_check_in_flight() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM payments_check(NEW);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_in_flight_at_commit AFTER INSERT OR UPDATE OF status ON payments_payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_check_in_flight();

CREATE FUNCTION payments_check_item() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM payments_check(p) FROM payments_payment p WHERE p.id = NEW.payment_id;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_item_at_commit AFTER INSERT ON payments_paymentitem
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_check_item();

-- The other way round: nobody frees what is on its way by writing the balance alone.
CREATE FUNCTION payments_check_held() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (SELECT b.in_flight_minor FROM invoicing_invoicebalance b WHERE b.invoice_id = NEW.invoice_id) <> (
        SELECT coalesce(sum(item.amount_minor), 0)
        FROM payments_paymentitem item JOIN payments_payment p ON p.id = item.payment_id
        WHERE item.invoice_id = NEW.invoice_id AND p.status IN ('created', 'action_required', 'processing'))
    THEN
        RAISE EXCEPTION 'what is in flight on invoice % differs from what payments under way are meant for',
            NEW.invoice_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_held_at_commit AFTER UPDATE OF in_flight_minor ON invoicing_invoicebalance
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_check_held();
"""

# Consent and visits to the processor's page are about the company's own methods, and what has ended stays so.
OWN_METHODS = """
CREATE FUNCTION payments_check_own_method() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM payments_paymentmethod m WHERE m.id = NEW.method_id AND m.company_id = NEW.company_id) THEN
        RAISE EXCEPTION '% %: its method is another company''s', TG_TABLE_NAME, NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_authorisation_own_method BEFORE INSERT OR UPDATE ON payments_authorisation
    FOR EACH ROW WHEN (NEW.method_id IS NOT NULL) EXECUTE FUNCTION payments_check_own_method();
CREATE TRIGGER payments_setupsession_own_method BEFORE INSERT OR UPDATE ON payments_setupsession
    FOR EACH ROW WHEN (NEW.method_id IS NOT NULL) EXECUTE FUNCTION payments_check_own_method();
CREATE TRIGGER payments_authorisation_stays_ended BEFORE UPDATE ON payments_authorisation
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER payments_setupsession_stays_ended BEFORE UPDATE ON payments_setupsession
    FOR EACH ROW WHEN (OLD.status IN ('completed', 'ended')) EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER payments_paymentmethod_stays_removed BEFORE UPDATE ON payments_paymentmethod
    FOR EACH ROW WHEN (OLD.removed_at IS NOT NULL) EXECUTE FUNCTION kit_refuse_change();
"""

OF_OWN_COMPANIES = {"parent": "tenancy_company", "column": "company_id"}
PORTAL_STARTS_PAYMENTS = "SELECT, INSERT, UPDATE (status, session_id, ended_at)"


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial"), ("invoicing", "0002_rules")]
    operations = [
        migrations.RunSQL(TRANSITIONS, "DROP FUNCTION payments_check_transition() CASCADE"),
        migrations.RunSQL(IN_FLIGHT, migrations.RunSQL.noop),
        migrations.RunSQL(OWN_METHODS, "DROP FUNCTION payments_check_own_method() CASCADE"),
        never_deleted("payments_payment"),
        fixed_columns(
            "payments_payment",
            [
                "public_id",
                "company_id",
                "origin",
                "kind",
                "method_id",
                "currency",
                "amount_minor",
                "confirmation",
                "initiated_on",
            ],
        ),
        append_only("payments_paymentitem"),
        never_deleted("payments_paymentmethod"),
        fixed_columns("payments_paymentmethod", ["public_id", "company_id", "gateway_id", "kind", "last4"]),
        never_deleted("payments_authorisation"),
        fixed_columns(
            "payments_authorisation",
            [
                "public_id",
                "company_id",
                "text",
                "text_version",
                "text_sha256",
                "given_by_id",
                "given_at",
                "ip_address",
                "user_agent",
            ],
        ),
        never_deleted("payments_webhookevent"),
        fixed_columns("payments_webhookevent", ["event_id", "account_id", "kind", "payload", "received_at"]),
        protect(
            "payments_gatewayaccount",
            portal=visible_parent("SELECT", parent="tenancy_vendor", column="vendor_id"),
            staff=own_vendor("SELECT"),
        ),
        protect(
            "payments_gatewaycustomer",
            portal=own_company("SELECT, INSERT"),
            staff=visible_parent("SELECT", **OF_OWN_COMPANIES),
        ),
        protect(
            "payments_paymentmethod",
            portal=own_company("SELECT, UPDATE (removed_at)"),
            staff=visible_parent("SELECT", **OF_OWN_COMPANIES),
        ),
        protect(
            "payments_authorisation",
            portal=own_company("SELECT, INSERT, UPDATE (method_id, active_since, ended_at, ended_reason)"),
            staff=visible_parent("SELECT", **OF_OWN_COMPANIES),
        ),
        protect(
            "payments_setupsession",
            portal=own_company("SELECT, INSERT, UPDATE (session_id, status)"),
            staff=visible_parent("SELECT", **OF_OWN_COMPANIES),
        ),
        protect(
            "payments_payment",
            portal=own_company(PORTAL_STARTS_PAYMENTS),
            staff=visible_parent("SELECT", **OF_OWN_COMPANIES),
        ),
        protect(
            "payments_paymentitem",
            portal=visible_parent("SELECT, INSERT", parent="payments_payment", column="payment_id"),
            staff=visible_parent("SELECT", parent="payments_payment", column="payment_id"),
        ),
        protect("payments_webhookevent", intake=Access("SELECT (event_id), INSERT", "true")),
    ]
