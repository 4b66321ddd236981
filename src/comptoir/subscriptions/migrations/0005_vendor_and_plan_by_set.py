import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_plans_keep_their_ids"), ("subscriptions", "0004_charges_withdrawn")]
    operations = [
        migrations.AlterField(
            model_name="subscription",
            name="vendor",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor"
            ),
        ),
        migrations.AlterField(
            model_name="subscription",
            name="plan",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="catalog.plan"
            ),
        ),
    ]
