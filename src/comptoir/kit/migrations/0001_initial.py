import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                (
                    "topic",
                    models.TextField(help_text="the object whose events are delivered in order, e.g. invoice:17"),
                ),
                ("vendor_id", models.BigIntegerField(null=True)),
                ("company_id", models.BigIntegerField(null=True)),
                ("data", models.JSONField(default=dict)),
                ("request_id", models.TextField(blank=True, default="")),
                ("occurred_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="EventDelivery",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="kit.event"
                    ),
                ),
                ("listener", models.TextField()),
                ("topic", models.TextField()),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("last_error", models.TextField(blank=True, default="")),
                ("next_attempt_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("done_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at", None)),
                        fields=["listener", "topic", "id"],
                        name="delivery_pending",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("event", "listener"), name="one_delivery_per_listener")
                ],
            },
        ),
    ]
