import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cutover', '0020_outdating_rules'),
    ]

    operations = [
        migrations.CreateModel(
            name='DeadlinePaper',
            fields=[
                ('move', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='deadline_paper', serialize=False, to='cutover.move')),
                ('written_at', models.DateTimeField()),
                ('printed_at', models.DateTimeField(help_text='when it was put together for the printer', null=True)),
            ],
        ),
    ]
