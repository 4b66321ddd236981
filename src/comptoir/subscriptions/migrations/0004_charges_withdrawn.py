import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from comptoir.kit.sql import append_only
from comptoir.tenancy.rls import protect, visible_parent


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0003_staff_stop")]
    operations = [
        migrations.AddField(
            model_name="oneoffcharge",
            name="repeats",
            field=models.OneToOneField(
                help_text="what it charges again, since that invoice was voided",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="subscriptions.oneoffcharge",
            ),
        ),
        migrations.CreateModel(
            name="ChargeWithdrawal",
            fields=[
                (
                    "charge",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="withdrawal",
                        serialize=False,
                        to="subscriptions.oneoffcharge",
                    ),
                ),
                ("reason", models.TextField()),
            ],
            options={"constraints": [models.CheckConstraint(condition=~Q(reason=""), name="withdrawal_says_why")]},
        ),
        append_only("subscriptions_chargewithdrawal"),
        protect(
            "subscriptions_chargewithdrawal",
            staff=visible_parent("SELECT, INSERT", parent="subscriptions_oneoffcharge", column="charge_id"),
        ),
    ]
