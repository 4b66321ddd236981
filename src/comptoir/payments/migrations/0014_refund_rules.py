from django.db import migrations

from comptoir.kit.sql import append_only, fixed_columns, never_deleted
from comptoir.tenancy.rls import OWN_COMPANY, Access, may_emit, own_company, protect, visible_parent

# Who asks is who is at the page, in the own role; who allows is, too, and is somebody else above the asker's limit.
REQUESTS = """
CREATE FUNCTION payments_check_refund_request() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    of_vendor bigint := (SELECT vendor_id FROM tenancy_company WHERE id = NEW.company_id);
    acting bigint := nullif(current_setting('app.user_id', true), '')::bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'requested' OR acting <> NEW.requested_by_id
            OR NOT invoicing_has_role(of_vendor, NEW.requested_role)
        THEN
            RAISE EXCEPTION 'a refund is asked for by the person at the page, in the own role, and then decided'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.status <> 'requested' THEN
        RAISE EXCEPTION 'refund request % is decided', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF acting <> NEW.decided_by_id OR NOT invoicing_has_role(of_vendor, NEW.decided_role) THEN
        RAISE EXCEPTION 'refund request %: whoever decides it does not have the role %', OLD.id, NEW.decided_role
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status = 'approved' AND (
        NEW.amount_minor > invoicing_approval_limit(of_vendor, NEW.decided_role)
        OR (NEW.decided_by_id = NEW.requested_by_id
            AND NEW.amount_minor > invoicing_approval_limit(of_vendor, NEW.requested_role)))
    THEN
        RAISE EXCEPTION 'refund request %: the amount is above the limit of who allows it, or of who asked for it',
            OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_refundrequest_decided BEFORE INSERT OR UPDATE ON payments_refundrequest
    FOR EACH ROW EXECUTE FUNCTION payments_check_refund_request();
"""

# Never more than a payment brought, also where two are asked for at once: its row is held while a refund is added.
REFUNDS = """
CREATE FUNCTION payments_check_refund_start() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE paid payments_payment; gone bigint;
BEGIN
    IF NEW.status <> 'created' OR NEW.gateway_id IS NOT NULL OR NEW.check_number <> '' THEN
        RAISE EXCEPTION 'a refund begins as created, and unknown to the processor' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM payments_refundrequest r WHERE r.id = NEW.asked_id AND r.status = 'requested'
                   AND r.company_id = NEW.company_id AND r.currency = NEW.currency) THEN
        RAISE EXCEPTION 'a refund is part of an undecided request of its own company and currency'
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.payment_id IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT * INTO paid FROM payments_payment WHERE id = NEW.payment_id FOR UPDATE;
    IF paid.company_id <> NEW.company_id OR paid.currency <> NEW.currency OR paid.origin = 'check'
        OR paid.status <> 'succeeded'
    THEN
        RAISE EXCEPTION 'payment % cannot go back to company % by a refund', paid.id, NEW.company_id
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT coalesce(sum(amount_minor), 0) INTO gone FROM payments_refund
    WHERE payment_id = NEW.payment_id AND status IN ('created', 'processing', 'succeeded');
    IF gone + NEW.amount_minor > paid.amount_minor THEN
        RAISE EXCEPTION 'payment %: % of % has gone back or is about to; % more cannot', paid.id, gone,
            paid.amount_minor, NEW.amount_minor USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_refund_begins BEFORE INSERT ON payments_refund
    FOR EACH ROW EXECUTE FUNCTION payments_check_refund_start();

CREATE FUNCTION payments_check_refund_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE allowed text := (SELECT status FROM payments_refundrequest WHERE id = NEW.asked_id);
BEGIN
    IF NOT (OLD.status, NEW.status) IN (
        ('created', 'processing'), ('created', 'canceled'), ('processing', 'succeeded'), ('processing', 'failed'),
        ('succeeded', 'failed'))
    THEN
        RAISE EXCEPTION 'refund % cannot go from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status = 'processing' AND (allowed <> 'approved' OR (NEW.payment_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM payments_payment WHERE id = NEW.payment_id AND status = 'succeeded')))
    THEN
        RAISE EXCEPTION 'refund %: it is not allowed, or its payment is not there', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_refund_goes_on BEFORE UPDATE ON payments_refund
    FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION payments_check_refund_step();

-- The team's pages say of a check that it was written, and cancel what was turned down; all else is the processor's word.
CREATE FUNCTION payments_check_refund_by_hand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'comptoir_staff' AND NOT (
        (OLD.status = 'created' AND NEW.status = 'canceled')
        OR (OLD.status = 'processing' AND NEW.status = 'succeeded' AND NEW.payment_id IS NULL))
    THEN
        RAISE EXCEPTION 'refund % goes from % to % by the processor''s word alone', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_refund_by_hand BEFORE UPDATE ON payments_refund
    FOR EACH ROW EXECUTE FUNCTION payments_check_refund_by_hand();
CREATE TRIGGER payments_refund_keeps_its_names BEFORE UPDATE ON payments_refund
    FOR EACH ROW WHEN (OLD.gateway_id IS NOT NULL AND OLD.gateway_id IS DISTINCT FROM NEW.gateway_id
                       OR (OLD.check_number <> '' AND OLD.check_number <> NEW.check_number)
                       OR (OLD.posted_on IS NOT NULL AND OLD.posted_on IS DISTINCT FROM NEW.posted_on))
    EXECUTE FUNCTION kit_refuse_change();
"""

# A refund adds up to what was asked for, and what it took from credit and invoices is in the books, to the cent.
ADDS_UP = """
CREATE FUNCTION payments_check_refund(checked bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE r payments_refund; items bigint; credit bigint; bad bigint; sign int;
BEGIN
    SELECT * INTO r FROM payments_refund WHERE id = checked;
    SELECT coalesce(sum(amount_minor), 0) INTO items FROM payments_refunditem WHERE refund_id = r.id;
    IF items + r.from_credit_minor <> r.amount_minor OR (
        SELECT sum(part.amount_minor) FROM payments_refund part WHERE part.asked_id = r.asked_id) IS DISTINCT FROM (
        SELECT asked.amount_minor FROM payments_refundrequest asked WHERE asked.id = r.asked_id)
    THEN
        RAISE EXCEPTION 'refund %: it does not add up to what was asked for', r.id USING ERRCODE = 'check_violation';
    END IF;
    sign := CASE WHEN r.status IN ('created', 'canceled') THEN 0 ELSE 1 END;
    SELECT coalesce(sum(amount_minor), 0) INTO credit FROM invoicing_creditmovement
    WHERE refund_public_id = r.public_id;
    SELECT coalesce(i.invoice_id, a.invoice_id) INTO bad
    FROM (SELECT item.invoice_id, item.amount_minor, v.company_id FROM payments_refunditem item
          JOIN invoicing_invoice v ON v.id = item.invoice_id WHERE item.refund_id = r.id) i
    FULL JOIN (SELECT invoice_id, -sum(amount_minor) AS amount FROM invoicing_allocation
               WHERE refund_public_id = r.public_id GROUP BY 1) a ON a.invoice_id = i.invoice_id
    WHERE sign * coalesce(i.amount_minor, 0) <> coalesce(a.amount, 0) OR i.company_id <> r.company_id
    LIMIT 1;
    IF bad IS NOT NULL
        OR credit <> (CASE WHEN r.status = 'failed' THEN r.amount_minor ELSE 0 END) - sign * r.from_credit_minor
    THEN
        RAISE EXCEPTION 'refund %: what it took from credit and invoices is not in the books', r.id
            USING ERRCODE = 'check_violation';
    END IF;
END $$;
CREATE FUNCTION payments_check_refund_of() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM payments_check_refund(NEW.id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_refund_at_commit AFTER INSERT OR UPDATE OF status ON payments_refund
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_check_refund_of();
CREATE FUNCTION payments_check_refund_of_item() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM payments_check_refund(NEW.refund_id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_refunditem_at_commit AFTER INSERT ON payments_refunditem
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_check_refund_of_item();
CREATE FUNCTION payments_check_refund_parts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (SELECT sum(amount_minor) FROM payments_refund WHERE asked_id = NEW.id) IS DISTINCT FROM NEW.amount_minor THEN
        RAISE EXCEPTION 'refund request %: its refunds do not add up to it', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_refundrequest_at_commit AFTER INSERT ON payments_refundrequest
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_check_refund_parts();
"""

DISPUTES = """
CREATE FUNCTION payments_check_dispute() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NOT (OLD.status = NEW.status OR (OLD.status, NEW.status) IN (
        ('needs_response', 'under_review'), ('needs_response', 'won'), ('needs_response', 'lost'),
        ('under_review', 'won'), ('under_review', 'lost')))
    THEN
        RAISE EXCEPTION 'dispute % cannot go from % to %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.amount_minor > (SELECT amount_minor FROM payments_payment WHERE id = NEW.payment_id) THEN
        RAISE EXCEPTION 'a dispute is about no more than was paid' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_dispute_goes_on BEFORE INSERT OR UPDATE ON payments_dispute
    FOR EACH ROW EXECUTE FUNCTION payments_check_dispute();
CREATE FUNCTION payments_check_dispute_answer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE acting bigint := nullif(current_setting('app.user_id', true), '')::bigint;
BEGIN
    IF NEW.status <> 'requested' OR acting <> NEW.answered_by_id OR NOT EXISTS (
        SELECT 1 FROM payments_dispute WHERE id = NEW.dispute_id AND status = 'needs_response')
    THEN
        RAISE EXCEPTION 'dispute % takes no answer, or not by this person', NEW.dispute_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_disputeanswer_begins BEFORE INSERT ON payments_disputeanswer
    FOR EACH ROW EXECUTE FUNCTION payments_check_dispute_answer();
CREATE TRIGGER payments_disputeanswer_stays BEFORE UPDATE ON payments_disputeanswer
    FOR EACH ROW WHEN (OLD.status <> 'requested') EXECUTE FUNCTION kit_refuse_change();
"""

# A payment is refunded when all of it has gone back, disputed while a dispute of it is open, and neither otherwise.
STATES = """
CREATE OR REPLACE FUNCTION payments_check_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (OLD.status, NEW.status) IN (
        ('created', 'action_required'), ('created', 'processing'), ('created', 'succeeded'), ('created', 'failed'),
        ('created', 'canceled'),
        ('action_required', 'processing'), ('action_required', 'succeeded'), ('action_required', 'failed'),
        ('action_required', 'canceled'),
        ('processing', 'succeeded'), ('processing', 'failed'), ('processing', 'canceled'),
        ('succeeded', 'returned'), ('succeeded', 'disputed'), ('succeeded', 'refunded'),
        ('disputed', 'succeeded'), ('disputed', 'returned'), ('disputed', 'refunded'),
        ('refunded', 'succeeded'), ('refunded', 'returned'), ('refunded', 'disputed')
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
CREATE FUNCTION payments_check_money_back(checked bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE p payments_payment;
BEGIN
    SELECT * INTO p FROM payments_payment WHERE id = checked;
    IF p.status IN ('succeeded', 'refunded') AND (p.status = 'refunded') <> (p.amount_minor = (
        SELECT coalesce(sum(amount_minor), 0) FROM payments_refund
        WHERE payment_id = p.id AND status = 'succeeded'))
    THEN
        RAISE EXCEPTION 'payment % is refunded when all of it has gone back, and only then', p.id
            USING ERRCODE = 'check_violation';
    END IF;
    IF (p.status = 'disputed') <> EXISTS (
        SELECT 1 FROM payments_dispute WHERE payment_id = p.id AND decided_on IS NULL)
    THEN
        RAISE EXCEPTION 'payment % is disputed while a dispute of it is open, and only then', p.id
            USING ERRCODE = 'check_violation';
    END IF;
END $$;
CREATE FUNCTION payments_check_money_back_of() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM payments_check_money_back(NEW.payment_id);
    RETURN NULL;
END $$;
CREATE FUNCTION payments_check_money_back_of_payment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM payments_check_money_back(NEW.id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_money_back_at_commit AFTER UPDATE OF status ON payments_payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.status IN ('succeeded', 'disputed', 'refunded') OR NEW.status IN ('disputed', 'refunded'))
    EXECUTE FUNCTION payments_check_money_back_of_payment();
CREATE CONSTRAINT TRIGGER payments_refund_of_payment_at_commit AFTER UPDATE OF status ON payments_refund
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.payment_id IS NOT NULL)
    EXECUTE FUNCTION payments_check_money_back_of();
CREATE CONSTRAINT TRIGGER payments_dispute_of_payment_at_commit AFTER INSERT OR UPDATE ON payments_dispute
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_check_money_back_of();
"""

OF_OWN_COMPANIES = {"parent": "tenancy_company", "column": "company_id"}
OF_OWN_PAYMENTS = {"parent": "payments_payment", "column": "payment_id"}
OF_OWN_REFUNDS = {"parent": "payments_refund", "column": "refund_id"}


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0012_limits_of_collecting"),
        ("invoicing", "0012_batches_of_a_run"),
        ("ledger", "0007_check_companies_once"),
    ]
    operations = [
        migrations.RunSQL(REQUESTS, migrations.RunSQL.noop),
        migrations.RunSQL(REFUNDS, migrations.RunSQL.noop),
        migrations.RunSQL(ADDS_UP, migrations.RunSQL.noop),
        migrations.RunSQL(DISPUTES, migrations.RunSQL.noop),
        migrations.RunSQL(STATES, migrations.RunSQL.noop),
        never_deleted("payments_refundrequest"),
        fixed_columns(
            "payments_refundrequest",
            [
                "public_id",
                "company_id",
                "currency",
                "amount_minor",
                "reason",
                "explanation",
                "requested_by_id",
                "requested_by_label",
                "requested_role",
                "requested_at",
            ],
        ),
        never_deleted("payments_refund"),
        fixed_columns(
            "payments_refund",
            [
                "public_id",
                "asked_id",
                "company_id",
                "payment_id",
                "currency",
                "amount_minor",
                "from_credit_minor",
                "confirmation",
                "created_at",
            ],
        ),
        append_only("payments_refunditem"),
        never_deleted("payments_dispute"),
        fixed_columns(
            "payments_dispute",
            ["public_id", "payment_id", "gateway_id", "amount_minor", "reason", "code", "opened_on", "opened_at"],
        ),
        never_deleted("payments_disputeanswer"),
        fixed_columns(
            "payments_disputeanswer",
            ["dispute_id", "kind", "text", "answered_by_id", "answered_by_label", "answered_at"],
        ),
        protect(
            "payments_refundrequest",
            portal=own_company("SELECT (id, company_id, reason)"),
            staff=visible_parent(
                "SELECT, INSERT,"
                " UPDATE (status, decided_by_id, decided_by_label, decided_role, decided_at, outcome)",
                **OF_OWN_COMPANIES,
            ),
        ),
        protect(
            "payments_refund",
            portal=Access("SELECT", f"company_id = {OWN_COMPANY} AND status IN ('processing', 'succeeded', 'failed')"),
            staff=visible_parent(
                "SELECT, INSERT, UPDATE (status, check_number, succeeded_on, ended_on, failure_code)",
                **OF_OWN_COMPANIES,
            ),
        ),
        protect(
            "payments_refunditem",
            portal=visible_parent("SELECT", **OF_OWN_REFUNDS),
            staff=visible_parent("SELECT, INSERT", **OF_OWN_REFUNDS),
        ),
        protect(
            "payments_dispute",
            portal=visible_parent("SELECT", **OF_OWN_PAYMENTS),
            staff=visible_parent("SELECT", **OF_OWN_PAYMENTS),
        ),
        protect(
            "payments_disputeanswer",
            staff=visible_parent("SELECT, INSERT", parent="payments_dispute", column="dispute_id"),
        ),
        may_emit("staff", "refund_approved", "refund_made", "refund_check_unwritten", "dispute_answered"),
    ]
