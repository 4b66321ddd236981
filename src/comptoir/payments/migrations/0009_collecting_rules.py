from django.db import migrations

from comptoir.kit.sql import append_only, fixed_columns, never_deleted
from comptoir.tenancy.rls import OWN_COMPANY, OWN_USER, Access, own_company, own_vendor, protect, visible_parent

# Missing money alone lets a bank debit be presented again, twice, for the same amount, within 180 days (Nacha Operating
# Rules, subsection 2.12.4); a card that is gone never is, any other 15 times in 30 days. The first attempt is locked,
# so that two that would follow it wait for each other.
RE_PRESENTMENT = """
CREATE FUNCTION payments_check_re_presentment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    original payments_payment;
    attempts int;
    lately int;
    bad text;
BEGIN
    SELECT * INTO original FROM payments_payment WHERE id = NEW.re_presents_id FOR UPDATE;
    IF original.re_presents_id IS NOT NULL OR original.origin <> 'autopay'
        OR (original.company_id, original.method_id, original.kind, original.currency)
           IS DISTINCT FROM (NEW.company_id, NEW.method_id, NEW.kind, NEW.currency)
    THEN
        RAISE EXCEPTION 'payment %: not another attempt of payment %', NEW.confirmation, original.id
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT count(*) FILTER (WHERE p.id <> original.id),
           count(*) FILTER (WHERE p.id <> original.id AND p.initiated_on > NEW.initiated_on - 30),
           min(p.failure_code || ' ' || p.status) FILTER (WHERE CASE NEW.kind
               WHEN 'us_bank_account' THEN p.status NOT IN ('failed', 'returned')
                    OR p.failure_code NOT IN ('R01', 'R09', 'insufficient_funds')
               ELSE p.status <> 'failed' OR p.failure_code IN (
                    'lost_card', 'stolen_card', 'pickup_card', 'restricted_card', 'fraudulent', 'invalid_account',
                    'expired_card', 'account_closed', 'do_not_try_again', 'stop_payment_order',
                    'revocation_of_authorization', 'revocation_of_all_authorizations') END)
    INTO attempts, lately, bad
    FROM payments_payment p
    WHERE (p.id = original.id OR p.re_presents_id = original.id) AND p.status <> 'canceled';
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'payment % is not presented again after: %', original.id, bad
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.kind = 'us_bank_account' AND (
        attempts >= 2 OR NEW.amount_minor <> original.amount_minor OR NEW.initiated_on > original.initiated_on + 180)
    THEN
        RAISE EXCEPTION 'payment % is presented again twice at most, for the same amount, within 180 days', original.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.kind = 'card' AND lately >= 15 THEN
        RAISE EXCEPTION 'payment % is presented again 15 times in 30 days at most', original.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_payment_re_presents BEFORE INSERT ON payments_payment
    FOR EACH ROW WHEN (NEW.re_presents_id IS NOT NULL) EXECUTE FUNCTION payments_check_re_presentment();
CREATE TRIGGER payments_payment_keeps_its_original BEFORE UPDATE ON payments_payment
    FOR EACH ROW WHEN (OLD.re_presents_id IS DISTINCT FROM NEW.re_presents_id OR OLD.refused_on <> NEW.refused_on)
    EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER payments_payment_automatic_is_the_workers BEFORE INSERT ON payments_payment
    FOR EACH ROW WHEN (NEW.origin = 'autopay' AND current_user IN ('comptoir_portal', 'comptoir_staff'))
    EXECUTE FUNCTION kit_refuse_change();
"""

# Nobody gets around the limits by calling another attempt a new one, or by paying something else with it.
SAME_INVOICES = """
CREATE FUNCTION payments_check_attempt() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE begun payments_payment;
BEGIN
    SELECT * INTO begun FROM payments_payment WHERE id = NEW.payment_id;
    IF begun.origin <> 'autopay' THEN
        RETURN NEW;
    END IF;
    IF begun.re_presents_id IS NOT NULL THEN
        IF NOT EXISTS (SELECT 1 FROM payments_paymentitem item
                       WHERE item.payment_id = begun.re_presents_id AND item.invoice_id = NEW.invoice_id
                         AND item.amount_minor >= NEW.amount_minor) THEN
            RAISE EXCEPTION 'payment %: invoice % is not what the first attempt was for', begun.id, NEW.invoice_id
                USING ERRCODE = 'check_violation';
        END IF;
    ELSIF EXISTS (SELECT 1 FROM payments_paymentitem item JOIN payments_payment p ON p.id = item.payment_id
                  WHERE item.invoice_id = NEW.invoice_id AND p.id <> begun.id AND p.origin = 'autopay'
                    AND p.method_id = begun.method_id AND p.status IN ('failed', 'returned')) THEN
        RAISE EXCEPTION 'payment %: invoice % was debited from this method in vain; another attempt says so',
            begun.id, NEW.invoice_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_paymentitem_attempt BEFORE INSERT ON payments_paymentitem
    FOR EACH ROW EXECUTE FUNCTION payments_check_attempt();
"""

RETRY_ENDS = """
CREATE TRIGGER payments_plannedretry_stays_ended BEFORE UPDATE ON payments_plannedretry
    FOR EACH ROW WHEN (OLD.made_id IS NOT NULL OR OLD.dropped_at IS NOT NULL) EXECUTE FUNCTION kit_refuse_change();
"""

REFUSED_ON = """
UPDATE payments_payment SET refused_on = (ended_at AT TIME ZONE 'UTC')::date WHERE status IN ('failed', 'returned')
"""


# A word on an invoice, and the news of its debit, are its own company's.
OWN_INVOICES = """
CREATE FUNCTION payments_check_own_invoice() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM invoicing_invoice i WHERE i.id = NEW.invoice_id AND i.company_id = NEW.company_id) THEN
        RAISE EXCEPTION '%: invoice % is another company''s', TG_TABLE_NAME, NEW.invoice_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_autopayinstruction_own_invoice BEFORE INSERT ON payments_autopayinstruction
    FOR EACH ROW EXECUTE FUNCTION payments_check_own_invoice();
CREATE TRIGGER payments_debitnotice_own_invoice BEFORE INSERT ON payments_debitnotice
    FOR EACH ROW EXECUTE FUNCTION payments_check_own_invoice();
"""

OF_OWN_COMPANIES = {"parent": "tenancy_company", "column": "company_id"}


class Migration(migrations.Migration):
    dependencies = [("payments", "0007_check_rules")]
    operations = [
        migrations.RunSQL(REFUSED_ON, migrations.RunSQL.noop),
        migrations.RunSQL(RE_PRESENTMENT, "DROP FUNCTION payments_check_re_presentment() CASCADE"),
        migrations.RunSQL(SAME_INVOICES, "DROP FUNCTION payments_check_attempt() CASCADE"),
        migrations.RunSQL(RETRY_ENDS, migrations.RunSQL.noop),
        never_deleted("payments_plannedretry"),
        fixed_columns("payments_plannedretry", ["after_id", "planned_on"]),
        never_deleted("payments_paymentpolicy"),
        protect(
            "payments_paymentpolicy",
            portal=visible_parent("SELECT", parent="tenancy_vendor", column="vendor_id"),
            staff=own_vendor("SELECT, INSERT, UPDATE"),
        ),
        protect(
            "payments_plannedretry",
            portal=visible_parent("SELECT", parent="payments_payment", column="after_id"),
            staff=visible_parent("SELECT", parent="payments_payment", column="after_id"),
        ),
        migrations.RunSQL(OWN_INVOICES, "DROP FUNCTION payments_check_own_invoice() CASCADE"),
        append_only("payments_autopayinstruction"),
        append_only("payments_debitnotice"),
        never_deleted("payments_autopaylimit"),
        fixed_columns("payments_autopaylimit", ["company_id"]),
        protect(
            "payments_autopayinstruction",
            portal=Access(
                "SELECT, INSERT",
                f"company_id = {OWN_COMPANY}",
                written=f"company_id = {OWN_COMPANY} AND given_by_id = {OWN_USER}",
            ),
            staff=visible_parent("SELECT", **OF_OWN_COMPANIES),
        ),
        protect(
            "payments_autopaylimit",
            portal=Access(
                "SELECT, INSERT, UPDATE (limit_minor, set_by_id, set_at)",
                f"company_id = {OWN_COMPANY}",
                written=f"company_id = {OWN_COMPANY} AND set_by_id = {OWN_USER}",
            ),
            staff=visible_parent("SELECT", **OF_OWN_COMPANIES),
        ),
        protect(
            "payments_debitnotice",
            portal=own_company("SELECT"),
            staff=visible_parent("SELECT", **OF_OWN_COMPANIES),
        ),
    ]
