from django.db import migrations

# Giving in costs the amount: above the limit of who gives in, somebody else allows it first, in the own role.
BEGINS = """
CREATE OR REPLACE FUNCTION payments_check_dispute_answer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    acting bigint := nullif(current_setting('app.user_id', true), '')::bigint;
    disputed payments_dispute;
    of_vendor bigint;
BEGIN
    SELECT * INTO disputed FROM payments_dispute WHERE id = NEW.dispute_id;
    IF NEW.status NOT IN ('waiting', 'requested') OR acting <> NEW.answered_by_id
        OR disputed.status IS DISTINCT FROM 'needs_response'
    THEN
        RAISE EXCEPTION 'dispute % takes no answer, or not by this person', NEW.dispute_id
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT c.vendor_id INTO of_vendor FROM payments_payment p JOIN tenancy_company c ON c.id = p.company_id
    WHERE p.id = disputed.payment_id;
    IF NEW.kind = 'accept' AND (NOT invoicing_has_role(of_vendor, NEW.answered_role) OR (
        NEW.status = 'requested'
        AND disputed.amount_minor > invoicing_approval_limit(of_vendor, NEW.answered_role)))
    THEN
        RAISE EXCEPTION 'dispute %: its amount is above the limit of who gives in', NEW.dispute_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""

DECIDED = """
CREATE FUNCTION payments_check_giving_in() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    acting bigint := nullif(current_setting('app.user_id', true), '')::bigint;
    disputed payments_dispute;
    of_vendor bigint;
BEGIN
    SELECT * INTO disputed FROM payments_dispute WHERE id = NEW.dispute_id;
    SELECT c.vendor_id INTO of_vendor FROM payments_payment p JOIN tenancy_company c ON c.id = p.company_id
    WHERE p.id = disputed.payment_id;
    IF NEW.status NOT IN ('requested', 'turned_down') OR NEW.decided_by_id IS NULL OR acting <> NEW.decided_by_id
        OR NOT invoicing_has_role(of_vendor, NEW.decided_role)
    THEN
        RAISE EXCEPTION 'dispute %: what waits is allowed or turned down, by the person at the page', NEW.dispute_id
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status = 'requested' AND (NEW.decided_by_id = NEW.answered_by_id OR disputed.status <> 'needs_response'
        OR disputed.amount_minor > invoicing_approval_limit(of_vendor, NEW.decided_role))
    THEN
        RAISE EXCEPTION 'dispute %: somebody else, whose limit covers the amount, allows giving in', NEW.dispute_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_disputeanswer_decided BEFORE UPDATE ON payments_disputeanswer
    FOR EACH ROW WHEN (OLD.status = 'waiting') EXECUTE FUNCTION payments_check_giving_in();

DROP TRIGGER payments_disputeanswer_stays ON payments_disputeanswer;
CREATE TRIGGER payments_disputeanswer_stays BEFORE UPDATE ON payments_disputeanswer
    FOR EACH ROW WHEN (
        OLD.status NOT IN ('waiting', 'requested') OR OLD.answered_role <> NEW.answered_role
        OR (OLD.status = 'requested' AND (
            NEW.status IN ('waiting', 'turned_down') OR OLD.decided_by_id IS DISTINCT FROM NEW.decided_by_id
            OR OLD.decided_by_label <> NEW.decided_by_label OR OLD.decided_role <> NEW.decided_role
            OR OLD.decided_at IS DISTINCT FROM NEW.decided_at)))
    EXECUTE FUNCTION kit_refuse_change();

-- The team's pages decide what waits; whether the processor took an answer is its word alone.
CREATE FUNCTION payments_check_answer_by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'comptoir_staff' THEN
        RAISE EXCEPTION 'what becomes of answer % is the processor''s word alone', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_disputeanswer_by_hand BEFORE UPDATE ON payments_disputeanswer
    FOR EACH ROW WHEN (OLD.status <> 'waiting') EXECUTE FUNCTION payments_check_answer_by_hand();
GRANT UPDATE (status, outcome, decided_by_id, decided_by_label, decided_role, decided_at)
    ON payments_disputeanswer TO comptoir_staff;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0019_word_on_giving_in")]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (BEGINS, DECIDED)]
