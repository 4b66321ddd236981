import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenancy", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AnswerEdition",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "vendor",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor"),
                ),
                ("language", models.CharField(max_length=2)),
                ("key", models.TextField(help_text="what addresses call the question, in every language")),
                ("question", models.TextField()),
                ("body", models.TextField()),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        help_text="in the list; shipped ones stand at 10, 20, 30 and so on"
                    ),
                ),
                ("is_shown", models.BooleanField()),
                ("written_by", models.TextField()),
                ("written_by_id", models.BigIntegerField()),
                ("written_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [models.Index(fields=["vendor", "language", "key", "-id"], name="answer_editions")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["en", "fr", "es"])), name="answer_language_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("key__regex", "^[a-z0-9-]{1,60}$")), name="answer_key_is_for_addresses"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("question", ""), _negated=True), models.Q(("body", ""), _negated=True)
                        ),
                        name="answer_has_words",
                    ),
                ],
            },
        ),
    ]
