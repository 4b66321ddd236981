from django.db import migrations

from comptoir.kit.sql import fixed_columns, never_deleted
from comptoir.tenancy.rls import may_emit, own_vendor, protect

# What the processor's books say is kept as it was read; a movement is in one payout for ever, a payout arrives once.
READ_ONCE = """
CREATE TRIGGER payments_processormovement_stays_in_its_payout BEFORE UPDATE ON payments_processormovement
    FOR EACH ROW WHEN (OLD.payout_id IS NOT NULL AND OLD.payout_id IS DISTINCT FROM NEW.payout_id)
    EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER payments_processorpayout_arrives_once BEFORE UPDATE ON payments_processorpayout
    FOR EACH ROW WHEN ((OLD.entry_id IS NOT NULL AND OLD.entry_id IS DISTINCT FROM NEW.entry_id)
                       OR (OLD.back_entry_id IS NOT NULL AND OLD.back_entry_id IS DISTINCT FROM NEW.back_entry_id)
                       OR (OLD.is_itemised AND NOT NEW.is_itemised))
    EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER payments_difference_stays_closed BEFORE UPDATE ON payments_difference
    FOR EACH ROW WHEN (OLD.closed_on IS NOT NULL) EXECUTE FUNCTION kit_refuse_change();
"""

# A movement and the payout that it is in are one vendor's.
OWN_PAYOUT = """
CREATE FUNCTION payments_check_own_payout() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM payments_processorpayout p
                   WHERE p.id = NEW.payout_id AND p.vendor_id = NEW.vendor_id AND p.currency = NEW.currency) THEN
        RAISE EXCEPTION 'movement %: its payout is another vendor''s, or in another currency', NEW.gateway_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_processormovement_own_payout BEFORE INSERT OR UPDATE ON payments_processormovement
    FOR EACH ROW WHEN (NEW.payout_id IS NOT NULL) EXECUTE FUNCTION payments_check_own_payout();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0014_refund_rules")]
    operations = [
        migrations.RunSQL(READ_ONCE, migrations.RunSQL.noop),
        migrations.RunSQL(OWN_PAYOUT, "DROP FUNCTION payments_check_own_payout() CASCADE"),
        never_deleted("payments_processormovement"),
        fixed_columns(
            "payments_processormovement",
            [
                "vendor_id",
                "gateway_id",
                "kind",
                "currency",
                "amount_minor",
                "fee_minor",
                "moved_at",
                "moved_on",
                "intent_id",
                "source_id",
                "fee_entry_id",
            ],
        ),
        never_deleted("payments_processorpayout"),
        fixed_columns("payments_processorpayout", ["vendor_id", "gateway_id", "currency", "amount_minor", "sent_on"]),
        never_deleted("payments_reconciledday"),
        fixed_columns("payments_reconciledday", ["vendor_id", "day", "currency"]),
        never_deleted("payments_difference"),
        fixed_columns(
            "payments_difference",
            ["public_id", "vendor_id", "kind", "subject", "payment_id", "currency", "found_on"],
        ),
        protect("payments_processormovement", staff=own_vendor("SELECT")),
        protect("payments_processorpayout", staff=own_vendor("SELECT")),
        protect("payments_reconciledday", staff=own_vendor("SELECT")),
        protect("payments_difference", staff=own_vendor("SELECT, UPDATE (closed_on, settled_by, note)")),
        may_emit("staff", "reconciliation_requested"),
    ]
