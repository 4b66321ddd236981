import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cutover', '0017_tolerance_rules'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.TextField(help_text="the customer's")),
                ('item', models.TextField(blank=True, help_text="the store's number or the service's key; empty: the customer itself")),
                ('field', models.TextField()),
                ('before', models.TextField(blank=True)),
                ('after', models.TextField(blank=True)),
                ('read', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='cutover.legacyimport')),
            ],
            options={
                'indexes': [models.Index(fields=['read', 'id'], name='changes_of_an_import')],
                'constraints': [models.CheckConstraint(condition=models.Q(('before', models.F('after')), _negated=True), name='import_change_changes')],
            },
        ),
    ]
