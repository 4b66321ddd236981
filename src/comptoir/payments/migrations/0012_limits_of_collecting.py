from django.db import migrations

# What may be presented again is what is listed; a code that nobody knows is not. payments/return_codes.py says the
# same, and a test holds the two together.
LISTED = """
CREATE FUNCTION payments_may_be_presented_again(kind text, code text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    SELECT code IN ('R01', 'R09', 'insufficient_funds') OR (kind = 'card' AND code IN (
        'card_declined', 'generic_decline', 'do_not_honor', 'call_issuer', 'approve_with_id', 'no_action_taken',
        'try_again_later', 'processing_error', 'reenter_transaction', 'issuer_not_available', 'card_velocity_exceeded',
        'withdrawal_count_limit_exceeded'))
$$;
"""

# As in 0009, but for what may be presented again.
RE_PRESENTMENT = """
CREATE OR REPLACE FUNCTION payments_check_re_presentment() RETURNS trigger
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
           min(p.failure_code || ' ' || p.status) FILTER (WHERE
               NOT payments_may_be_presented_again(NEW.kind, p.failure_code)
               OR NOT (p.status = 'failed' OR (p.status = 'returned' AND NEW.kind = 'us_bank_account')))
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
"""

# In a calendar month no company is charged more for returns than its vendor set; what comes at the same moment waits.
MONTHLY = """
CREATE FUNCTION payments_check_return_fees_of_month() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    company tenancy_company;
    most bigint;
    charged bigint;
BEGIN
    SELECT c.* INTO company FROM tenancy_company c JOIN payments_payment p ON p.company_id = c.id
    WHERE p.id = NEW.payment_id FOR NO KEY UPDATE OF c;
    SELECT return_fee_cap_minor INTO most FROM payments_paymentpolicy WHERE vendor_id = company.vendor_id;
    SELECT coalesce(sum(f.amount_minor), 0) INTO charged
    FROM payments_returnfee f JOIN payments_payment p ON p.id = f.payment_id
    WHERE p.company_id = company.id AND date_trunc('month', f.charged_on) = date_trunc('month', NEW.charged_on);
    IF charged + NEW.amount_minor > most THEN
        RAISE EXCEPTION 'company %: no more than % is charged for returns in a month', company.id, most
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_returnfee_of_month BEFORE INSERT ON payments_returnfee
    FOR EACH ROW EXECUTE FUNCTION payments_check_return_fees_of_month();
"""

# Automatic is what the worker begins: a page that says so is refused as whatever else is not its business.
AUTOMATIC = """
DROP TRIGGER payments_payment_automatic_is_the_workers ON payments_payment;
CREATE POLICY automatic_is_the_workers ON payments_payment AS RESTRICTIVE FOR INSERT
    TO comptoir_portal, comptoir_staff WITH CHECK (origin <> 'autopay');
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0011_taking_news")]
    operations = [
        migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (LISTED, RE_PRESENTMENT, MONTHLY, AUTOMATIC)
    ]
