import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("subscriptions", "0001_initial"),
        ("tenancy", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ComparisonRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                (
                    "tolerance_minor",
                    models.BigIntegerField(help_text="up to which a company's unexplained difference is let pass"),
                ),
                ("requested_by", models.TextField()),
                ("requested_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("companies", models.PositiveIntegerField(help_text="how many there are to compare")),
                ("compared", models.PositiveIntegerField(default=0)),
                ("reached", models.BigIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("tolerance_minor__gte", 0)), name="tolerance_is_not_negative"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("finished_at", None)), fields=("vendor",), name="one_comparison_at_a_time"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ComparisonSignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                ("fingerprint", models.CharField(max_length=64)),
                ("reason", models.TextField()),
                (
                    "signed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("signed_by_name", models.TextField()),
                ("signed_at", models.DateTimeField()),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("withdrawn_by_name", models.TextField(blank=True, default="")),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="signature_says_why"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                            models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="withdrawn_signature_says_by_whom",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("company", "fingerprint"),
                        name="difference_is_signed_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LegacyImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                (
                    "kind",
                    models.TextField(
                        choices=[("customers", "Customers"), ("invoices", "Invoices")], default="customers"
                    ),
                ),
                ("is_trial", models.BooleanField(default=False)),
                ("profile_name", models.TextField()),
                ("profile", models.TextField(help_text="the mapping profile it was read through, in TOML")),
                ("filename", models.TextField()),
                ("content", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "status",
                    models.TextField(
                        choices=[("requested", "Requested"), ("done", "Done"), ("refused", "Refused")],
                        default="requested",
                    ),
                ),
                ("requested_by", models.TextField()),
                ("requested_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "report",
                    models.JSONField(help_text="counts and findings; why, when it was refused as a whole", null=True),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["requested", "done", "refused"])),
                        name="import_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["customers", "invoices"])), name="import_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at", None), ("report", None), ("status", "requested")),
                            models.Q(
                                models.Q(("status", "requested"), _negated=True),
                                ("finished_at__isnull", False),
                                ("report__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="finished_import_has_its_report",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LegacyCompany",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("company", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                (
                    "content_hash",
                    models.CharField(help_text="of the imported data: the same again is unchanged", max_length=64),
                ),
                (
                    "paid_by",
                    models.TextField(
                        choices=[("ach", "Ach"), ("card", "Card"), ("check", "Check"), ("other", "Other")]
                    ),
                ),
                ("paid_by_words", models.TextField(help_text="how the old system took payment, in its own words")),
                ("phone", models.TextField(blank=True, default="")),
                ("balance_minor", models.BigIntegerField(help_text="owed in the old system; below zero: was owed")),
                ("last_invoice_number", models.TextField(blank=True, default="")),
                ("last_invoice_minor", models.BigIntegerField(null=True)),
                (
                    "imported_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="cutover.legacyimport"),
                ),
            ],
            options={
                "verbose_name_plural": "legacy companies",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("paid_by__in", ["ach", "card", "check", "other"])),
                        name="legacy_paid_by_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LegacyInvoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                ("number", models.TextField()),
                ("issued_on", models.DateField()),
                ("lines", models.JSONField()),
                ("net_minor", models.BigIntegerField()),
                ("tax_minor", models.BigIntegerField()),
                ("total_minor", models.BigIntegerField()),
                (
                    "open_minor",
                    models.BigIntegerField(help_text="still owed on it in the old system, when it was last imported"),
                ),
                (
                    "content_hash",
                    models.CharField(help_text="of the imported data: the same again is unchanged", max_length=64),
                ),
                (
                    "imported_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="cutover.legacyimport"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["company", "-issued_on"], name="last_old_invoice")],
                "constraints": [
                    models.UniqueConstraint(fields=("company", "number"), name="old_invoice_imported_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "total_minor",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("net_minor"), "+", models.F("tax_minor")
                                ),
                            )
                        ),
                        name="old_invoice_adds_up",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Comparison",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("company", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                ("run", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="cutover.comparisonrun")),
                (
                    "old_invoice",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="cutover.legacyinvoice"
                    ),
                ),
                (
                    "verdict",
                    models.TextField(
                        choices=[
                            ("matched", "Matched"),
                            ("explained", "Explained"),
                            ("unexplained", "Unexplained"),
                            ("alone", "Alone"),
                        ]
                    ),
                ),
                ("is_current", models.BooleanField(default=True)),
                ("old_minor", models.BigIntegerField(null=True)),
                ("new_minor", models.BigIntegerField()),
                ("difference_minor", models.BigIntegerField()),
                (
                    "unexplained_minor",
                    models.BigIntegerField(help_text="what no rule explains, whichever way, added up"),
                ),
                ("lines", models.JSONField()),
                ("problem", models.JSONField(help_text="why the next invoice cannot be reckoned", null=True)),
                ("fingerprint", models.CharField(max_length=64)),
                ("compared_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ["matched", "explained", "unexplained", "alone"])),
                        name="verdict_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("old_invoice", None), ("old_minor", None), ("verdict", "alone")),
                            models.Q(
                                models.Q(("verdict", "alone"), _negated=True),
                                ("old_invoice__isnull", False),
                                ("old_minor__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="compared_with_an_old_invoice",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LetterText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("kind", models.TextField()),
                ("language", models.CharField(max_length=2)),
                ("subject", models.TextField(blank=True)),
                ("body", models.TextField(blank=True)),
                ("written_by", models.TextField()),
                ("written_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [models.Index(fields=["vendor", "kind", "language", "-id"], name="letter_text_editions")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["letter", "reminder", "deadline"])),
                        name="letter_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["en", "fr", "es"])), name="letter_language_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("body", ""), ("subject", "")),
                            models.Q(models.Q(("subject", ""), _negated=True), models.Q(("body", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="letter_has_subject_and_body",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Wave",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("name", models.TextField()),
                (
                    "first_invoice_month",
                    models.DateField(help_text="first day of the month whose invoices are the first made here"),
                ),
                ("letter_on", models.DateField(help_text="when the letters are to go out; empty: not said", null=True)),
                ("deadline", models.DateField(help_text="until when owners are asked to save a payment method")),
                (
                    "criteria",
                    models.JSONField(
                        default=dict, help_text="which companies it is for, as filters; empty: hand-picked"
                    ),
                ),
                ("status", models.TextField(choices=[("planned", "Planned"), ("sent", "Sent")], default="planned")),
                ("sent_at", models.DateTimeField(null=True)),
                ("sent_on", models.DateField(help_text="business date", null=True)),
                (
                    "stopped_at",
                    models.DateTimeField(
                        help_text="since when nobody of it is moved any more, until it goes on", null=True
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("vendor", "name"), name="wave_name_is_the_vendors_own"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at", None), ("sent_on", None), ("status", "planned")),
                            models.Q(("sent_at__isnull", False), ("sent_on__isnull", False), ("status", "sent")),
                            _connector="OR",
                        ),
                        name="sent_wave_has_its_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_invoice_month__day", 1)), name="first_invoice_month_is_a_first"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("letter_on", None), ("letter_on__lte", models.F("deadline")), _connector="OR"
                        ),
                        name="letter_goes_before_the_deadline",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stopped_at", None), ("status", "sent"), _connector="OR"),
                        name="only_a_sent_wave_is_stopped",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Move",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        help_text="in its letter's link, which opens nothing",
                        unique=True,
                    ),
                ),
                (
                    "wave",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="moves", to="cutover.wave"
                    ),
                ),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                ("moved_on", models.DateField(help_text="business date from which it is billed here", null=True)),
                ("moved_at", models.DateTimeField(null=True)),
                (
                    "problem",
                    models.TextField(blank=True, default="", help_text="why it could not be moved when that was tried"),
                ),
                (
                    "reached_by",
                    models.TextField(
                        blank=True, choices=[("email", "Email"), ("paper", "Paper"), ("call", "Call")], default=""
                    ),
                ),
                (
                    "letter_to",
                    models.EmailField(
                        blank=True, default="", help_text="empty: no address, the letter goes on paper", max_length=254
                    ),
                ),
                ("letter_sent_at", models.DateTimeField(null=True)),
                (
                    "printed_at",
                    models.DateTimeField(help_text="when its letter was put together for the printer", null=True),
                ),
                ("called_at", models.DateTimeField(null=True)),
                ("call_note", models.TextField(blank=True, default="", help_text="what was said on the telephone")),
                ("portal_opened_at", models.DateTimeField(null=True)),
                ("taken_back_at", models.DateTimeField(null=True)),
                ("taken_back_why", models.TextField(blank=True, default="")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("letter_sent_at", None), models.Q(("letter_to", ""), _negated=True), _connector="OR"
                        ),
                        name="letter_went_to_an_address",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("taken_back_at", None)), fields=("company",), name="company_moves_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("letter_sent_at", None), ("moved_at", None), ("moved_on", None), ("reached_by", "")
                            ),
                            models.Q(
                                ("moved_at__isnull", False),
                                ("moved_on__isnull", False),
                                ("reached_by__in", ["email", "paper", "call"]),
                            ),
                            _connector="OR",
                        ),
                        name="moved_company_has_its_day_and_is_told",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("problem", ""), ("moved_on", None), _connector="OR"),
                        name="moved_company_had_no_problem",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("taken_back_at", None), ("taken_back_why", "")),
                            models.Q(("taken_back_at__isnull", False), models.Q(("taken_back_why", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="company_taken_back_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("call_note", ""), ("called_at", None)),
                            models.Q(("called_at__isnull", False), models.Q(("call_note", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="call_has_its_note",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "move",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="letters", to="cutover.move"
                    ),
                ),
                (
                    "reference",
                    models.TextField(help_text="under which its paper is kept, and its mail is known", unique=True),
                ),
                ("to", models.EmailField(blank=True, default="", help_text="empty: on paper", max_length=254)),
                (
                    "why",
                    models.TextField(
                        choices=[("first", "First"), ("next_address", "Next Address"), ("again", "Again")]
                    ),
                ),
                (
                    "request",
                    models.UUIDField(help_text="what asked for it, so that it is written once", null=True, unique=True),
                ),
                ("written_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("why__in", ["first", "next_address", "again"])),
                        name="letter_reason_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "move",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="handovers", to="cutover.move"
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="subscriptions.subscription"),
                ),
                ("billed_through", models.DateField(help_text="first day that the old system has not billed")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("move", "subscription"), name="service_is_handed_over_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="HoldOut",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "wave",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="hold_outs", to="cutover.wave"
                    ),
                ),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                ("reason", models.TextField()),
                ("by", models.TextField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("wave", "company"), name="held_out_once"),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="hold_out_says_why"),
                ],
            },
        ),
        migrations.CreateModel(
            name="WaveNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "wave",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="cutover.wave"
                    ),
                ),
                ("kind", models.TextField(choices=[("reminder", "Reminder"), ("deadline", "Deadline")])),
                ("due_on", models.DateField()),
                ("done_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["reminder", "deadline"])), name="wave_notice_kind_is_known"
                    ),
                    models.UniqueConstraint(fields=("wave", "kind", "due_on"), name="wave_notice_once_a_day"),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "deadline")), fields=("wave",), name="wave_has_one_deadline"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ComparisonNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                ("text", models.TextField()),
                (
                    "written_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
                ),
                ("written_by_name", models.TextField()),
                ("written_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="comparison_note_says_something"
                    )
                ],
            },
        ),
    ]
