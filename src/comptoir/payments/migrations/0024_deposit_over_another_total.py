import django.db.models.deletion
from django.db import migrations, models

# A deposit of ours is one that the bank credited over another total: of the same vendor, with no checks of its own, and
# given up. What was said of it stays.
RULES = """
CREATE FUNCTION payments_deposit_is_told_by() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM payments_deposit t
        WHERE t.id = NEW.told_by_id AND t.vendor_id = NEW.vendor_id AND t.currency = NEW.currency
          AND t.bank_line IS NOT NULL AND t.status = 'dropped'
          AND NOT EXISTS (SELECT 1 FROM payments_receivedcheck c WHERE c.deposit_id = t.id))
    THEN
        RAISE EXCEPTION 'deposit % is not what the bank credited over another total', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payments_deposit_is_told_by BEFORE UPDATE ON payments_deposit
    FOR EACH ROW WHEN (OLD.told_by_id IS NULL AND NEW.told_by_id IS NOT NULL)
    EXECUTE FUNCTION payments_deposit_is_told_by();
CREATE TRIGGER payments_deposit_starts_untold BEFORE INSERT ON payments_deposit
    FOR EACH ROW WHEN (NEW.told_by_id IS NOT NULL) EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER payments_deposit_keeps_who_told BEFORE UPDATE ON payments_deposit
    FOR EACH ROW WHEN (OLD.told_by_id IS NOT NULL AND (OLD.told_by_id IS DISTINCT FROM NEW.told_by_id
                       OR OLD.told_note <> NEW.told_note))
    EXECUTE FUNCTION kit_refuse_change();
GRANT UPDATE (told_by_id, told_note) ON payments_deposit TO comptoir_staff;
"""

# Words of the processor's that were not known to be final when they came.
REFUSED_FOR_GOOD = """
UPDATE payments_paymentmethod m SET unusable_reason = p.failure_code FROM payments_payment p
WHERE p.method_id = m.id AND m.removed_at IS NULL AND m.unusable_reason = '' AND p.status IN ('failed', 'returned')
  AND p.failure_code IN ('bank_account_frozen', 'incorrect_account_details', 'invalid_account_number',
                         'payment_method_bank_account_blocked', 'recipient_deceased');
"""


class Migration(migrations.Migration):

    dependencies = [("payments", "0023_bank_reference")]

    operations = [
        migrations.AddField(
            model_name='deposit',
            name='told_by',
            field=models.OneToOneField(help_text="the bank's deposit that is this one, over another total", null=True, on_delete=django.db.models.deletion.PROTECT, to='payments.deposit'),
        ),
        migrations.AddField(
            model_name='deposit',
            name='told_note',
            field=models.TextField(blank=True, db_default='', default='', help_text="what differs, by a person's word"),
        ),
        migrations.AddConstraint(
            model_name='deposit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('told_by', None), ('told_note', '')), models.Q(('bank_line', None), ('status__in', ['closed', 'posted']), ('told_by__isnull', False), models.Q(('told_note', ''), _negated=True)), _connector='OR'), name='deposit_over_another_total_says_why'),
        ),
        migrations.RunSQL(REFUSED_FOR_GOOD, migrations.RunSQL.noop),
        migrations.RunSQL(RULES, "DROP FUNCTION payments_deposit_is_told_by() CASCADE"),
    ]
