import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenancy", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Thread",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                (
                    "topic",
                    models.TextField(
                        choices=[
                            ("change_of_owner", "Change Of Owner"),
                            ("store_sold_or_closed", "Store Sold Or Closed"),
                            ("invoice_question", "Invoice Question"),
                            ("payment_problem", "Payment Problem"),
                            ("other", "Other"),
                            ("other_urgent", "Other Urgent"),
                        ]
                    ),
                ),
                (
                    "about",
                    models.TextField(
                        blank=True, default="", help_text="what it is attached to, e.g. invoice:<public id>"
                    ),
                ),
                ("urgent", models.BooleanField(default=False)),
                ("sealed_subject", models.BinaryField()),
                (
                    "opened_by_id",
                    models.BigIntegerField(help_text="whose login; people stand beside this package, not below"),
                ),
                ("opened_at", models.DateTimeField()),
                ("last_at", models.DateTimeField(help_text="of the last message, notes left aside")),
                ("answer_due_at", models.DateTimeField(null=True)),
                ("assigned_to_id", models.BigIntegerField(help_text="whose login, of the vendor's team", null=True)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["company", "-last_at"], name="thread_by_company"),
                    models.Index(
                        models.F("vendor"),
                        models.OrderBy(models.F("urgent"), descending=True),
                        models.F("answer_due_at"),
                        condition=models.Q(("closed_at", None)),
                        name="thread_waiting",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "topic__in",
                                [
                                    "change_of_owner",
                                    "store_sold_or_closed",
                                    "invoice_question",
                                    "payment_problem",
                                    "other",
                                    "other_urgent",
                                ],
                            )
                        ),
                        name="thread_topic_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("topic", "other_urgent"), _negated=True), ("urgent", True), _connector="OR"
                        ),
                        name="thread_urgent_is_so",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("closed_at", None), ("answer_due_at", None), _connector="OR"),
                        name="closed_thread_waits_for_nobody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("about", ""), ("about__regex", "^[a-z_]+:[0-9a-f-]{36}$"), _connector="OR"),
                        name="thread_is_about_a_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "thread",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="inbox.thread"
                    ),
                ),
                ("side", models.TextField(choices=[("customer", "Customer"), ("staff", "Staff")])),
                ("kind", models.TextField(choices=[("message", "Message"), ("note", "Note")], default="message")),
                ("author_id", models.BigIntegerField(help_text="whose login")),
                ("author_label", models.TextField()),
                ("sealed_text", models.BinaryField()),
                (
                    "files",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="how many files come with it, all written at once"
                    ),
                ),
                ("written_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["thread", "id"], name="message_by_thread")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("side__in", ["customer", "staff"])), name="message_side_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["message", "note"])), name="message_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "message"), ("side", "staff"), _connector="OR"),
                        name="notes_are_the_teams",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attachments", to="inbox.message"
                    ),
                ),
                ("media_type", models.TextField()),
                ("size_bytes", models.PositiveIntegerField()),
                ("sealed_name", models.BinaryField()),
                ("sealed_content", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="ReadMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "thread",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="marks", to="inbox.thread"
                    ),
                ),
                ("user_id", models.BigIntegerField(help_text="whose login")),
                ("through_message_id", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("thread", "user_id"), name="one_mark_per_thread_and_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="AnswerPromise",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("weekdays", models.CharField(help_text="1 is Monday, 7 is Sunday: 12345", max_length=7)),
                ("opens_at", models.TimeField()),
                ("closes_at", models.TimeField()),
                ("hours", models.PositiveSmallIntegerField()),
                ("urgent_hours", models.PositiveSmallIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("weekdays__regex", "^1?2?3?4?5?6?7?$"), models.Q(("weekdays", ""), _negated=True)
                        ),
                        name="promise_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("opens_at__lt", models.F("closes_at"))),
                        name="promise_opens_before_it_closes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("urgent_hours__gte", 1), ("urgent_hours__lte", models.F("hours")), ("hours__lte", 200)
                        ),
                        name="promise_is_sooner_when_urgent",
                    ),
                ],
            },
        ),
    ]
