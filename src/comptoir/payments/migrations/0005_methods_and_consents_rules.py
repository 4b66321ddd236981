from django.db import migrations

from comptoir.kit.sql import append_only, fixed_columns, never_deleted
from comptoir.tenancy.rls import OWN_USER, Access, may_emit, own_company, protect, visible_parent

# A card's last four digits, brand and expiry follow where its bank replaces it; a bank account is another one then.
CARDS_FOLLOW = """
DROP TRIGGER payments_paymentmethod_fixed_columns ON payments_paymentmethod;
CREATE TRIGGER payments_paymentmethod_bank_accounts_stay BEFORE UPDATE ON payments_paymentmethod
    FOR EACH ROW WHEN (OLD.kind <> 'card' AND OLD.last4 <> NEW.last4) EXECUTE FUNCTION kit_refuse_change();
GRANT UPDATE (nickname, is_default) ON payments_paymentmethod TO comptoir_portal;
UPDATE payments_paymentmethod SET is_default = true WHERE id IN (
    SELECT max(id) FROM payments_paymentmethod WHERE removed_at IS NULL GROUP BY company_id);
"""

# Whoever consented stays named, also after leaving the company.
WHO_CONSENTED = """
ALTER TABLE payments_authorisation DISABLE TRIGGER USER;
UPDATE payments_authorisation a SET given_by_label = coalesce(nullif(u.name, ''), u.email)
    FROM identity_user u WHERE u.id = a.given_by_id;
ALTER TABLE payments_authorisation ENABLE TRIGGER USER;
CREATE TRIGGER payments_authorisation_keeps_who BEFORE UPDATE ON payments_authorisation
    FOR EACH ROW WHEN (OLD.given_by_label <> NEW.given_by_label) EXECUTE FUNCTION kit_refuse_change();
"""

# What the entry class of a debit is, is known once, and stays.
ENTRY_CLASS = """
CREATE TRIGGER payments_payment_keeps_its_entry_class BEFORE UPDATE ON payments_payment
    FOR EACH ROW WHEN (OLD.entry_class <> '' AND OLD.entry_class <> NEW.entry_class)
    EXECUTE FUNCTION kit_refuse_change();
"""

# The team takes a payment only with the consent that it recorded, from a saved method; the worker then submits it.
ON_BEHALF = """
CREATE FUNCTION payments_check_on_behalf() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM payments_recordedconsent c
                   WHERE c.payment_id = NEW.id AND c.company_id = NEW.company_id) THEN
        RAISE EXCEPTION 'payment % is made on behalf of a company that did not consent', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_on_behalf_at_commit AFTER INSERT ON payments_payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.origin = 'on_behalf')
    EXECUTE FUNCTION payments_check_on_behalf();

CREATE FUNCTION payments_check_consent() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM payments_payment p
                   WHERE p.id = NEW.payment_id AND p.company_id = NEW.company_id AND p.origin = 'on_behalf') THEN
        RAISE EXCEPTION 'the consent is not to a payment on behalf of its company' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_recordedconsent_is_of_its_payment BEFORE INSERT ON payments_recordedconsent
    FOR EACH ROW EXECUTE FUNCTION payments_check_consent();

GRANT INSERT ON payments_payment, payments_paymentitem TO comptoir_staff;
GRANT USAGE ON SEQUENCE payments_payment_id_seq, payments_paymentitem_id_seq TO comptoir_staff;
ALTER POLICY staff ON payments_payment WITH CHECK (
    origin = 'on_behalf' AND EXISTS (SELECT 1 FROM tenancy_company c WHERE c.id = payments_payment.company_id));
"""

OF_OWN_COMPANIES = {"parent": "tenancy_company", "column": "company_id"}


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_on_account"), ("tenancy", "0003_door_events")]

    operations = [
        migrations.RunSQL(CARDS_FOLLOW, migrations.RunSQL.noop),
        fixed_columns("payments_paymentmethod", ["public_id", "company_id", "gateway_id", "kind"]),
        migrations.RunSQL(WHO_CONSENTED, migrations.RunSQL.noop),
        migrations.RunSQL(ENTRY_CLASS, migrations.RunSQL.noop),
        migrations.RunSQL(ON_BEHALF, migrations.RunSQL.noop),
        append_only("payments_expiryreminder"),
        append_only("payments_recordedconsent"),
        never_deleted("payments_bankverification"),
        fixed_columns(
            "payments_bankverification", ["company_id", "setup_id", "payment_id", "kind", "url", "arrives_on", "asked_at"]
        ),
        protect(
            "payments_expiryreminder",
            staff=visible_parent("SELECT", parent="payments_paymentmethod", column="method_id"),
        ),
        protect(
            "payments_bankverification",
            portal=own_company("SELECT"),
            staff=visible_parent("SELECT", **OF_OWN_COMPANIES),
        ),
        protect(
            "payments_recordedconsent",
            portal=own_company("SELECT"),
            staff=Access(
                "SELECT, INSERT",
                "EXISTS (SELECT 1 FROM tenancy_company parent WHERE parent.id = {table}.company_id)",
                written="EXISTS (SELECT 1 FROM tenancy_company parent WHERE parent.id = {table}.company_id)"
                f" AND recorded_by_id = {OWN_USER}",
            ),
        ),
        may_emit("staff", "payment_requested", "invoice_mail_requested", "pay_link_requested"),
    ]
