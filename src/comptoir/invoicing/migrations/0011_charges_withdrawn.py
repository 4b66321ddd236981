from django.db import migrations

# Held, a charge is either billed or withdrawn: a bill run holds it, too, before it looks whether it was withdrawn.
# By row, since few lines are of charges: for the others the condition alone is looked at.
WITHDRAWN = """
CREATE FUNCTION invoicing_withdraw_unbilled() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM subscriptions_oneoffcharge WHERE id = NEW.charge_id FOR UPDATE;
    IF EXISTS (SELECT 1 FROM invoicing_invoiceline l WHERE l.charge_id = NEW.charge_id) THEN
        RAISE EXCEPTION 'charge % is billed; it is credited, not withdrawn', NEW.charge_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER invoicing_withdraw_unbilled BEFORE INSERT ON subscriptions_chargewithdrawal
    FOR EACH ROW EXECUTE FUNCTION invoicing_withdraw_unbilled();

CREATE FUNCTION invoicing_bill_no_withdrawn_charge() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM subscriptions_oneoffcharge WHERE id = NEW.charge_id FOR UPDATE;
    IF EXISTS (SELECT 1 FROM subscriptions_chargewithdrawal w WHERE w.charge_id = NEW.charge_id) THEN
        RAISE EXCEPTION 'charge % is withdrawn', NEW.charge_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER invoicing_bill_no_withdrawn_charge AFTER INSERT ON invoicing_invoiceline
    FOR EACH ROW WHEN (NEW.charge_id IS NOT NULL) EXECUTE FUNCTION invoicing_bill_no_withdrawn_charge();
"""

# Charged again is only what was given back in full, and as it was.
AGAIN = """
CREATE FUNCTION invoicing_charge_again_when_given_back() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM subscriptions_oneoffcharge before JOIN invoicing_invoiceline l ON l.charge_id = before.id
        WHERE before.id = NEW.repeats_id AND before.company_id = NEW.company_id AND before.product_id = NEW.product_id
          AND before.location_id IS NOT DISTINCT FROM NEW.location_id AND before.amount_minor = NEW.amount_minor
          AND l.amount_minor = (SELECT sum(n.amount_minor) FROM invoicing_creditnoteline n
                                WHERE n.invoice_id = l.invoice_id AND n.corrects = l.position)) THEN
        RAISE EXCEPTION 'charge % repeats one that was not given back, or another', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER invoicing_charge_again_at_commit AFTER INSERT ON subscriptions_oneoffcharge
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.repeats_id IS NOT NULL)
    EXECUTE FUNCTION invoicing_charge_again_when_given_back();
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0010_problem_codes"), ("subscriptions", "0004_charges_withdrawn")]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (WITHDRAWN, AGAIN)]
