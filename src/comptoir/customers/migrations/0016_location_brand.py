from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0015_fewer_indexes")]
    operations = [
        migrations.AddField(
            model_name="location",
            name="brand",
            field=models.TextField(
                blank=True, db_default="", default="", help_text="the franchise on its sign; empty: not known"
            ),
        ),
    ]
