from django.db import migrations

from comptoir.kit.sql import append_only, fixed_columns, never_deleted
from comptoir.tenancy.rls import may_emit, own_vendor, protect, visible_parent

# Checks are typed into an open deposit; from when it is closed, neither it nor what stands on them ever changes.
ONLY_WHILE_OPEN = """
CREATE FUNCTION payments_deposit_is_open() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE into_deposit payments_deposit; deposit bigint;
BEGIN
    deposit := CASE WHEN TG_OP = 'DELETE' THEN OLD.deposit_id ELSE NEW.deposit_id END;
    SELECT * INTO into_deposit FROM payments_deposit WHERE id = deposit FOR SHARE;
    IF into_deposit.status <> 'open' THEN
        RAISE EXCEPTION 'deposit % is closed: its checks never change', deposit USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.vendor_id <> into_deposit.vendor_id THEN
        RAISE EXCEPTION 'a check goes into a deposit of its own vendor' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_receivedcheck_enters_open BEFORE INSERT OR DELETE ON payments_receivedcheck
    FOR EACH ROW EXECUTE FUNCTION payments_deposit_is_open();
CREATE TRIGGER payments_receivedcheck_starts_entered BEFORE INSERT ON payments_receivedcheck
    FOR EACH ROW WHEN (NEW.status <> 'entered') EXECUTE FUNCTION kit_refuse_change();

CREATE FUNCTION payments_deposit_moves_on() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE found_minor bigint; found_count bigint;
BEGIN
    IF NOT (OLD.status, NEW.status) IN (('open', 'closed'), ('open', 'dropped'), ('closed', 'posted')) THEN
        RAISE EXCEPTION 'deposit % cannot go from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status = 'dropped' THEN
        RETURN NEW;
    END IF;
    SELECT coalesce(sum(amount_minor), 0), count(*) INTO found_minor, found_count
    FROM payments_receivedcheck WHERE deposit_id = NEW.id;
    IF found_minor <> NEW.control_minor OR found_count <> coalesce(NEW.control_count, found_count) THEN
        RAISE EXCEPTION 'deposit % does not tie out: % checks over % where there must be % over %', NEW.id,
            found_count, found_minor, NEW.control_count, NEW.control_minor USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status = 'posted' AND EXISTS (
        SELECT 1 FROM payments_receivedcheck WHERE deposit_id = NEW.id AND status = 'entered') THEN
        RAISE EXCEPTION 'deposit %: a check of it is not in the books', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_deposit_moves_on BEFORE UPDATE ON payments_deposit
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION payments_deposit_moves_on();
CREATE TRIGGER payments_deposit_starts_open BEFORE INSERT ON payments_deposit
    FOR EACH ROW WHEN (NEW.status <> 'open') EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER payments_deposit_keeps_its_reference BEFORE UPDATE ON payments_deposit
    FOR EACH ROW WHEN (OLD.bank_line IS NOT NULL AND (OLD.bank_line IS DISTINCT FROM NEW.bank_line
                       OR OLD.bank_file_id IS DISTINCT FROM NEW.bank_file_id
                       OR OLD.bank_reference IS DISTINCT FROM NEW.bank_reference))
    EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER payments_checkdecision_is_done_once BEFORE UPDATE ON payments_checkdecision
    FOR EACH ROW WHEN (OLD.status <> 'requested') EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER payments_checkdecision_starts_requested BEFORE INSERT ON payments_checkdecision
    FOR EACH ROW WHEN (NEW.status <> 'requested') EXECUTE FUNCTION kit_refuse_change();
"""

# A check goes into the books, to its payment and back, and only so; its payment is over it, of its vendor's company.
STATES = """
CREATE FUNCTION payments_receivedcheck_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (OLD.status, NEW.status) IN (
        ('entered', 'waiting'), ('entered', 'applied'), ('waiting', 'applied'), ('waiting', 'returned'),
        ('applied', 'waiting'), ('applied', 'returned')
    ) THEN
        RAISE EXCEPTION 'check % cannot go from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_receivedcheck_moves_on BEFORE UPDATE ON payments_receivedcheck
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION payments_receivedcheck_moves_on();

CREATE FUNCTION payments_receivedcheck_is_its_payment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE now_of bigint;
BEGIN
    SELECT payment_id INTO now_of FROM payments_receivedcheck WHERE id = NEW.id;
    IF now_of IS DISTINCT FROM OLD.payment_id AND EXISTS (
        SELECT 1 FROM payments_payment WHERE id = OLD.payment_id AND status <> 'returned')
    THEN
        RAISE EXCEPTION 'check % leaves a payment that did not come back', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF now_of IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM payments_receivedcheck c
        JOIN payments_deposit d ON d.id = c.deposit_id
        JOIN payments_payment p ON p.id = c.payment_id
        JOIN tenancy_company o ON o.id = p.company_id
        WHERE c.id = NEW.id AND p.origin = 'check' AND p.amount_minor = c.amount_minor AND p.currency = d.currency
          AND o.vendor_id = c.vendor_id
          AND (c.status, p.status) IN (('applied', 'succeeded'), ('returned', 'returned')))
    THEN
        RAISE EXCEPTION 'check % is not what its payment says', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_receivedcheck_at_commit AFTER UPDATE ON payments_receivedcheck
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.payment_id IS NOT NULL OR OLD.payment_id IS NOT NULL)
    EXECUTE FUNCTION payments_receivedcheck_is_its_payment();

CREATE FUNCTION payments_check_payment_has_its_check() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (SELECT status FROM payments_payment WHERE id = NEW.id) <> 'returned' AND NOT EXISTS (
        SELECT 1 FROM payments_receivedcheck WHERE payment_id = NEW.id AND status = 'applied')
       OR (SELECT status FROM payments_payment WHERE id = NEW.id) <> 'succeeded' AND EXISTS (
        SELECT 1 FROM payments_receivedcheck WHERE payment_id = NEW.id AND status = 'applied')
    THEN
        RAISE EXCEPTION 'payment % is not what its check says', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_check_payment_at_commit AFTER INSERT OR UPDATE ON payments_payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.origin = 'check')
    EXECUTE FUNCTION payments_check_payment_has_its_check();

CREATE FUNCTION payments_check_own_company() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM payments_receivedcheck c JOIN tenancy_company o ON o.vendor_id = c.vendor_id
                   WHERE c.id = NEW.received_id AND o.id = NEW.company_id) THEN
        RAISE EXCEPTION 'the check is not of this company''s vendor' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_checkdecision_own_company BEFORE INSERT ON payments_checkdecision
    FOR EACH ROW WHEN (NEW.company_id IS NOT NULL) EXECUTE FUNCTION payments_check_own_company();
CREATE FUNCTION payments_known_payer_own_company() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM tenancy_company WHERE id = NEW.company_id AND vendor_id = NEW.vendor_id) THEN
        RAISE EXCEPTION 'a known payer is a company of the vendor' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_knownpayer_own_company BEFORE INSERT OR UPDATE ON payments_knownpayer
    FOR EACH ROW EXECUTE FUNCTION payments_known_payer_own_company();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0005_methods_and_consents_rules"), ("tenancy", "0003_door_events")]
    operations = [
        migrations.RunSQL(ONLY_WHILE_OPEN, migrations.RunSQL.noop),
        migrations.RunSQL(STATES, migrations.RunSQL.noop),
        append_only("payments_bankfile"),
        never_deleted("payments_deposit"),
        fixed_columns(
            "payments_deposit",
            ["vendor_id", "currency", "deposited_on", "control_minor", "control_count", "opened_by", "opened_at"],
        ),
        fixed_columns(
            "payments_receivedcheck",
            ["public_id", "vendor_id", "deposit_id", "amount_minor", "number", "payer", "remittance", "bank_line"],
        ),
        never_deleted("payments_checkdecision"),
        fixed_columns(
            "payments_checkdecision",
            ["received_id", "kind", "company_id", "amounts", "note", "decided_by", "decided_on"],
        ),
        never_deleted("payments_knownpayer"),
        fixed_columns("payments_knownpayer", ["vendor_id", "name", "company_id", "remembered_by", "remembered_at"]),
        protect("payments_bankfile", staff=own_vendor("SELECT, INSERT")),
        protect("payments_deposit", staff=own_vendor("SELECT, INSERT, UPDATE (status, closed_by, bank_file_id, bank_line, bank_reference)")),
        protect("payments_receivedcheck", staff=own_vendor("SELECT, INSERT, DELETE")),
        protect(
            "payments_checkdecision",
            staff=visible_parent("SELECT, INSERT", parent="payments_receivedcheck", column="received_id"),
        ),
        protect("payments_knownpayer", staff=own_vendor("SELECT")),
        may_emit("staff", "deposit_closed", "check_decided"),
    ]
