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
            name="DeliveryReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_id", models.TextField(unique=True)),
                (
                    "kind",
                    models.TextField(
                        choices=[("delivered", "delivered"), ("bounced", "bounced"), ("complained", "complained")]
                    ),
                ),
                ("reference", models.TextField(help_text="the message's own mark, which is in its Message-ID")),
                ("address", models.TextField()),
                ("detail", models.TextField()),
                ("received_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["delivered", "bounced", "complained"])),
                        name="delivery_report_kind_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                (
                    "company",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="tenancy.company"),
                ),
                ("key", models.TextField(unique=True)),
                ("to", models.EmailField(max_length=254)),
                ("sender_name", models.TextField()),
                ("reply_to", models.EmailField(max_length=254)),
                ("subject", models.TextField()),
                ("text", models.TextField()),
                ("html", models.TextField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "sending_at",
                    models.DateTimeField(help_text="when the hand-over began, put down before it did", null=True),
                ),
                (
                    "doubted_at",
                    models.DateTimeField(
                        help_text="when it was found that nobody knows whether the hand-over ended: a person decides",
                        null=True,
                    ),
                ),
                ("sent_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                (
                    "held_at",
                    models.DateTimeField(
                        help_text="when it was kept back, since mail to the address came back", null=True
                    ),
                ),
                ("delivered_at", models.DateTimeField(help_text="when the recipient's own server took it", null=True)),
                ("returned_at", models.DateTimeField(help_text="when it came back, or was called unwanted", null=True)),
                ("error", models.TextField(blank=True, default="")),
                (
                    "opens_a_door",
                    models.BooleanField(
                        default=False,
                        help_text="holds a link that lets its reader in: shown to nobody, forgotten once sent",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["company", "-id"], name="message_by_company"),
                    models.Index(
                        condition=models.Q(
                            ("doubted_at__isnull", False),
                            ("held_at__isnull", False),
                            ("failed_at__isnull", False),
                            _connector="OR",
                        ),
                        fields=["vendor", "-id"],
                        name="message_that_needs_someone",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sent_at", None), ("failed_at", None), _connector="OR"),
                        name="mail_is_sent_or_failed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("opens_a_door", False),
                            models.Q(("failed_at", None), ("sent_at", None)),
                            models.Q(("html", ""), ("text", "")),
                            _connector="OR",
                        ),
                        name="mail_that_opens_a_door_is_forgotten",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("failed_at", None), models.Q(("error", ""), _negated=True), _connector="OR"
                        ),
                        name="failed_mail_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sent_at", None), ("sending_at__isnull", False), _connector="OR"),
                        name="mail_sent_was_begun",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("doubted_at", None),
                            models.Q(("failed_at", None), ("sending_at__isnull", False), ("sent_at", None)),
                            _connector="OR",
                        ),
                        name="mail_in_doubt_was_begun_and_has_no_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("held_at", None),
                            models.Q(("failed_at", None), ("sending_at", None), ("sent_at", None)),
                            _connector="OR",
                        ),
                        name="mail_held_was_not_begun",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MarkedAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("address", models.EmailField(help_text="in lower case", max_length=254)),
                ("reason", models.TextField(choices=[("bounced", "Bounced"), ("complained", "Complained")])),
                ("detail", models.TextField(help_text="what the other side said")),
                (
                    "message",
                    models.ForeignKey(
                        help_text="the mail that it happened to",
                        on_delete=django.db.models.deletion.PROTECT,
                        to="mailer.message",
                    ),
                ),
                ("marked_at", models.DateTimeField()),
                ("cleared_at", models.DateTimeField(null=True)),
                ("cleared_by", models.TextField(blank=True, default="")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason__in", ["bounced", "complained"])), name="address_mark_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cleared_at", None), ("cleared_by", "")),
                            models.Q(("cleared_at__isnull", False), models.Q(("cleared_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="address_cleared_by_someone",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("cleared_at", None)),
                        fields=("vendor", "address"),
                        name="one_mark_per_address",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="attachments", to="mailer.message"
                    ),
                ),
                ("filename", models.TextField()),
                ("media_type", models.TextField()),
                ("content", models.BinaryField()),
            ],
        ),
    ]
