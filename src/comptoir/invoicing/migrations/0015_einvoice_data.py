from django.db import migrations, models

from comptoir.kit.sql import fixed_columns

WITHOUT_SELLER = "DROP TRIGGER invoicing_invoicebatch_fixed_columns ON invoicing_invoicebatch"


class Migration(migrations.Migration):

    dependencies = [
        ("invoicing", "0014_refunds_in_statements"),
        ('tenancy', '0006_legal_ids'),
    ]

    operations = [
        migrations.AddField(
            model_name='creditnote',
            name='seller',
            field=models.JSONField(db_default={}, default=dict, help_text="the vendor's name in law, address and ids"),
        ),
        migrations.AddField(
            model_name='invoicebatch',
            name='seller',
            field=models.JSONField(db_default={}, default=dict, help_text="the vendor's name in law, address and ids"),
        ),
        migrations.AddField(
            model_name='invoiceline',
            name='unit',
            field=models.CharField(db_default='C62', default='C62', help_text='UN/ECE recommendation 20', max_length=3),
        ),
        migrations.AddField(
            model_name='invoiceline',
            name='vat_category',
            field=models.CharField(blank=True, db_default='', default='', help_text='UNTDID 5305; empty: issued before it was kept', max_length=2),
        ),
        migrations.AlterField(
            model_name='invoice',
            name='bill_to',
            field=models.JSONField(help_text='name, address lines and ids, as they were'),
        ),
        migrations.AddConstraint(
            model_name='invoiceline',
            constraint=models.CheckConstraint(condition=models.Q(('unit__regex', '^[A-Z0-9]{2,3}$')), name='line_unit_is_a_code'),
        ),
        migrations.AddConstraint(
            model_name='invoiceline',
            constraint=models.CheckConstraint(condition=models.Q(('vat_category', ''), models.Q(('tax_positions__len__gt', 0), ('vat_category', 'S')), models.Q(('tax_positions', []), ('vat_category__in', ['Z', 'E', 'AE', 'O'])), _connector='OR'), name='line_is_taxed_as_its_category_says'),
        ),
        migrations.RunSQL(WITHOUT_SELLER, migrations.RunSQL.noop),
        fixed_columns("invoicing_invoicebatch", ["id", "vendor_id", "run_id", "recorded_at", "seller"]),
    ]
