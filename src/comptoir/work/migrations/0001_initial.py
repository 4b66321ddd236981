import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenancy", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="WorkItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                (
                    "company",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="tenancy.company"),
                ),
                ("kind", models.TextField()),
                ("subject", models.TextField(help_text="what it is about, as type:public id")),
                ("is_urgent", models.BooleanField(default=False)),
                ("due_at", models.DateTimeField(help_text="when an answer was promised", null=True)),
                ("opened_at", models.DateTimeField()),
                ("assigned_user_id", models.BigIntegerField(null=True)),
                ("assigned_label", models.TextField(blank=True, default="")),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.TextField(blank=True, default="")),
                ("closing_note", models.TextField(blank=True, default="")),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("vendor"),
                        models.OrderBy(models.F("is_urgent"), descending=True),
                        models.OrderBy(models.F("due_at"), nulls_last=True),
                        models.F("id"),
                        condition=models.Q(("closed_at", None)),
                        name="work_that_waits",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("vendor", "kind", "subject"),
                        name="work_is_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", ""), _negated=True), models.Q(("subject", ""), _negated=True)
                        ),
                        name="work_says_what_it_is_about",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("assigned_label", ""), ("assigned_user_id", None)),
                            models.Q(
                                ("assigned_user_id__isnull", False), models.Q(("assigned_label", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="assigned_work_names_the_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("closed_by", ""), ("closing_note", "")),
                            models.Q(("closed_at__isnull", False), models.Q(("closed_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="closed_work_says_by_whom",
                    ),
                ],
            },
        ),
    ]
