from django.db import migrations, models

IDS = """country, registration_scheme, registration_number, vat_id, tax_registration, electronic_scheme,
    electronic_address"""
GRANTS = f"""
GRANT UPDATE ({IDS}) ON tenancy_company TO comptoir_staff;
GRANT UPDATE ({IDS}, late_penalty) ON tenancy_vendor TO comptoir_staff;
"""
TAKEN_BACK = f"""
REVOKE UPDATE ({IDS}) ON tenancy_company FROM comptoir_staff;
REVOKE UPDATE ({IDS}, late_penalty) ON tenancy_vendor FROM comptoir_staff;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('tenancy', '0005_terms'),
    ]

    operations = [
        migrations.AddField(
            model_name='company',
            name='country',
            field=models.CharField(blank=True, default='', max_length=2),
        ),
        migrations.AddField(
            model_name='company',
            name='electronic_address',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='company',
            name='electronic_scheme',
            field=models.CharField(blank=True, default='', max_length=4),
        ),
        migrations.AddField(
            model_name='company',
            name='registration_number',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='company',
            name='registration_scheme',
            field=models.CharField(blank=True, default='', max_length=4),
        ),
        migrations.AddField(
            model_name='company',
            name='tax_registration',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='company',
            name='vat_id',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='vendor',
            name='country',
            field=models.CharField(blank=True, default='', max_length=2),
        ),
        migrations.AddField(
            model_name='vendor',
            name='electronic_address',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='vendor',
            name='electronic_scheme',
            field=models.CharField(blank=True, default='', max_length=4),
        ),
        migrations.AddField(
            model_name='vendor',
            name='late_penalty',
            field=models.DecimalField(decimal_places=2, help_text='per cent a year on what is paid late, as invoices say it', max_digits=4, null=True),
        ),
        migrations.AddField(
            model_name='vendor',
            name='registration_number',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='vendor',
            name='registration_scheme',
            field=models.CharField(blank=True, default='', max_length=4),
        ),
        migrations.AddField(
            model_name='vendor',
            name='tax_registration',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='vendor',
            name='vat_id',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddConstraint(
            model_name='company',
            constraint=models.CheckConstraint(condition=models.Q(('country__regex', '^([A-Z]{2})?$'), ('electronic_scheme__regex', '^([0-9]{4}|EM)?$'), ('registration_scheme__regex', '^([0-9]{4})?$'), ('vat_id__regex', '^([A-Z]{2}[0-9A-Z+*]{2,13})?$')), name='company_legal_ids_are_codes'),
        ),
        migrations.AddConstraint(
            model_name='company',
            constraint=models.CheckConstraint(condition=models.Q(('registration_scheme', ''), models.Q(('registration_number', ''), _negated=True), _connector='OR'), name='company_scheme_is_of_a_number'),
        ),
        migrations.AddConstraint(
            model_name='company',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('electronic_address', ''), ('electronic_scheme', '')), models.Q(models.Q(('electronic_scheme', ''), _negated=True), models.Q(('electronic_address', ''), _negated=True)), _connector='OR'), name='company_electronic_address_has_a_scheme'),
        ),
        migrations.AddConstraint(
            model_name='vendor',
            constraint=models.CheckConstraint(condition=models.Q(('country__regex', '^([A-Z]{2})?$'), ('electronic_scheme__regex', '^([0-9]{4}|EM)?$'), ('registration_scheme__regex', '^([0-9]{4})?$'), ('vat_id__regex', '^([A-Z]{2}[0-9A-Z+*]{2,13})?$')), name='vendor_legal_ids_are_codes'),
        ),
        migrations.AddConstraint(
            model_name='vendor',
            constraint=models.CheckConstraint(condition=models.Q(('registration_scheme', ''), models.Q(('registration_number', ''), _negated=True), _connector='OR'), name='vendor_scheme_is_of_a_number'),
        ),
        migrations.AddConstraint(
            model_name='vendor',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('electronic_address', ''), ('electronic_scheme', '')), models.Q(models.Q(('electronic_scheme', ''), _negated=True), models.Q(('electronic_address', ''), _negated=True)), _connector='OR'), name='vendor_electronic_address_has_a_scheme'),
        ),
        migrations.AddConstraint(
            model_name='vendor',
            constraint=models.CheckConstraint(condition=models.Q(('late_penalty', None), ('late_penalty__gt', 0), _connector='OR'), name='vendor_late_penalty_is_positive'),
        ),
        migrations.RunSQL(GRANTS, TAKEN_BACK),
    ]
