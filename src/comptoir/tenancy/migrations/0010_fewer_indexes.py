import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0009_brand_rules")]
    operations = [
        migrations.AlterField(
            model_name="company",
            name="vendor",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor"
            ),
        ),
    ]
