import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.lookups
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("customers", "0001_initial"),
        ("ledger", "0001_initial"),
        ("subscriptions", "0001_initial"),
        ("tenancy", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BillRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("through", models.DateField(help_text="periods that start on or before this day are billed")),
                ("issue_date", models.DateField()),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("requested", "Requested"),
                            ("planned", "Planned"),
                            ("issuing", "Issuing"),
                            ("issued", "Issued"),
                            ("canceled", "Canceled"),
                        ],
                        default="requested",
                    ),
                ),
                ("requested_by", models.TextField()),
                ("requested_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("planned_at", models.DateTimeField(null=True)),
                ("issued_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["requested", "planned", "issuing", "issued", "canceled"])),
                        name="bill_run_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "canceled"),
                            models.Q(("planned_at", None), ("status", "requested")),
                            models.Q(
                                models.Q(("status__in", ["requested", "canceled"]), _negated=True),
                                ("planned_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="bill_run_planned_has_its_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("issued_at__isnull", False), ("status", "issued")),
                            models.Q(models.Q(("status", "issued"), _negated=True), ("issued_at", None)),
                            _connector="OR",
                        ),
                        name="bill_run_issued_has_its_time",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["issued", "canceled"]), _negated=True),
                        fields=("vendor",),
                        name="one_bill_run_under_way",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InvoiceBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                (
                    "run",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="invoicing.billrun"),
                ),
                (
                    "seller",
                    models.JSONField(
                        db_default={}, default=dict, help_text="the vendor's name in law, address and ids"
                    ),
                ),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "closed",
                    models.BooleanField(
                        db_default=False, default=False, help_text="set by the database when it has checked"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "invoice batches",
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("public_id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), unique=True)),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="invoicing.invoicebatch"
                    ),
                ),
                (
                    "vendor",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="tenancy.vendor",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="tenancy.company"
                    ),
                ),
                (
                    "kind",
                    models.TextField(
                        choices=[("service", "Service"), ("opening", "Opening")],
                        db_default="service",
                        default="service",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        help_text="if per store",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="customers.location",
                    ),
                ),
                ("issue_date", models.DateField()),
                ("due_date", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("language", models.CharField(max_length=2)),
                ("bill_to", models.JSONField(help_text="name, address lines and ids, as they were")),
                ("purchase_order", models.TextField(blank=True, db_default="", default="")),
                ("net_minor", models.BigIntegerField()),
                ("tax_minor", models.BigIntegerField()),
                ("total_minor", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("net_minor__gte", 0),
                            ("tax_minor__gte", 0),
                            (
                                "total_minor",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("net_minor"), "+", models.F("tax_minor")
                                ),
                            ),
                        ),
                        name="invoice_total_is_net_and_tax",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_date__gte", models.F("issue_date"))), name="invoice_is_due_after_issue"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["service", "opening"])), name="invoice_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "opening"), _negated=True), ("tax_minor", 0), _connector="OR"
                        ),
                        name="opening_invoice_has_no_tax_of_its_own",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditNote",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="credit_notes", to="invoicing.invoice"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="invoicing.billrun"),
                ),
                (
                    "reason",
                    models.TextField(
                        choices=[
                            ("service_ended", "Service Ended"),
                            ("correction", "Correction"),
                            ("goodwill", "Goodwill"),
                            ("void", "Void"),
                        ]
                    ),
                ),
                ("explanation", models.TextField()),
                ("issue_date", models.DateField()),
                ("bill_to", models.JSONField(help_text="name and address lines, as they were")),
                (
                    "seller",
                    models.JSONField(
                        db_default={}, default=dict, help_text="the vendor's name in law, address and ids"
                    ),
                ),
                ("language", models.CharField(max_length=2)),
                ("currency", models.CharField(max_length=3)),
                ("net_minor", models.BigIntegerField()),
                ("tax_minor", models.BigIntegerField()),
                ("total_minor", models.BigIntegerField()),
                ("issued_by", models.TextField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("net_minor__gte", 0),
                            ("tax_minor__gte", 0),
                            (
                                "total_minor",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("net_minor"), "+", models.F("tax_minor")
                                ),
                            ),
                        ),
                        name="credit_note_total_is_net_and_tax",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason__in", ["service_ended", "correction", "goodwill", "void"])),
                        name="credit_reason_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("explanation", ""), _negated=True), name="credit_note_says_why"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RevenueRecognition",
            fields=[
                (
                    "vendor",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="tenancy.vendor",
                    ),
                ),
                ("recognised_until", models.DateField(help_text="first day that is not recognised yet", null=True)),
            ],
        ),
        migrations.CreateModel(
            name="BillRunItem",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "run_id", "company_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="invoicing.billrun",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="tenancy.company",
                    ),
                ),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("planned", "Planned"),
                            ("invoiced", "Invoiced"),
                            ("nothing_due", "Nothing Due"),
                            ("exception", "Exception"),
                        ]
                    ),
                ),
                ("planned_minor", models.BigIntegerField(default=0, help_text="the invoices' totals, taxes included")),
                ("planned_lines", models.PositiveIntegerField(default=0)),
                (
                    "credit_minor",
                    models.BigIntegerField(default=0, help_text="what will be given back for service that ended"),
                ),
                ("reason", models.JSONField(help_text="why it cannot be billed: a code, and its values", null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["planned", "invoiced", "nothing_due", "exception"])),
                        name="bill_run_item_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "exception"), ("reason__has_key", "code")),
                            models.Q(models.Q(("status", "exception"), _negated=True), ("reason__isnull", True)),
                            _connector="OR",
                        ),
                        name="bill_run_exception_has_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BillRunPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="invoicing.billrun"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "company_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("planned_at", models.DateTimeField(null=True)),
                ("issued_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "position"), name="one_bill_run_part_per_position"),
                    models.CheckConstraint(
                        condition=models.Q(("issued_at", None), ("planned_at__isnull", False), _connector="OR"),
                        name="bill_run_part_is_planned_before_it_is_issued",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CompanyCredit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                ("currency", models.CharField(max_length=3)),
                ("balance_minor", models.BigIntegerField(db_default=0, default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("company", "currency"), name="one_credit_per_currency"),
                    models.CheckConstraint(
                        condition=models.Q(("balance_minor__gte", 0)), name="credit_is_not_overdrawn"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NumberSeries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                (
                    "kind",
                    models.TextField(
                        choices=[("invoice", "Invoice"), ("opening", "Opening"), ("credit_note", "Credit Note")]
                    ),
                ),
                ("prefix", models.TextField()),
                ("next_number", models.BigIntegerField(default=1)),
            ],
            options={
                "verbose_name_plural": "number series",
                "constraints": [
                    models.UniqueConstraint(fields=("vendor", "kind"), name="one_series_per_kind"),
                    models.UniqueConstraint(fields=("vendor", "prefix"), name="one_series_per_prefix"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["invoice", "opening", "credit_note"])),
                        name="series_kind_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditNoteNumber",
            fields=[
                (
                    "credit_note",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="numbered",
                        serialize=False,
                        to="invoicing.creditnote",
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="invoicing.numberseries"
                    ),
                ),
                ("number", models.BigIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("series", "number"), name="credit_note_number_once")],
            },
        ),
        migrations.CreateModel(
            name="CreditMovement",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "credit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="movements",
                        to="invoicing.companycredit",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="ledger.journalentry"
                    ),
                ),
                (
                    "credit_note",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="invoicing.creditnote"
                    ),
                ),
                (
                    "payment_public_id",
                    models.UUIDField(help_text="the payment, in payments, that left it or came back", null=True),
                ),
                (
                    "refund_public_id",
                    models.UUIDField(help_text="the refund, in payments, that took it or failed", null=True),
                ),
                ("amount_minor", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["payment_public_id"], name="credit_by_payment"),
                    models.Index(
                        condition=models.Q(("refund_public_id__isnull", False)),
                        fields=["refund_public_id"],
                        name="credit_by_refund",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor", 0), _negated=True), name="credit_movement_is_not_zero"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("credit_note", None), ("payment_public_id", None)),
                            models.Q(("credit_note", None), ("refund_public_id", None)),
                            models.Q(("payment_public_id", None), ("refund_public_id", None)),
                            _connector="OR",
                        ),
                        name="credit_movement_has_one_source",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("credit_note", None), ("amount_minor__gt", 0), _connector="OR"),
                        name="a_credit_note_adds_credit",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InvoiceBalance",
            fields=[
                (
                    "invoice",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="balance",
                        serialize=False,
                        to="invoicing.invoice",
                    ),
                ),
                ("open_minor", models.BigIntegerField()),
                ("in_flight_minor", models.BigIntegerField(db_default=0, default=0)),
                ("settled_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("in_flight_minor__gte", 0), ("open_minor__gte", models.F("in_flight_minor"))
                        ),
                        name="payable_is_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("open_minor", 0), ("settled_at__isnull", False)),
                            models.Q(("open_minor__gt", 0), ("settled_at", None)),
                            _connector="OR",
                        ),
                        name="settled_invoice_has_its_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InvoiceNumber",
            fields=[
                (
                    "invoice",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="numbered",
                        serialize=False,
                        to="invoicing.invoice",
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="invoicing.numberseries",
                    ),
                ),
                ("number", models.BigIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("series", "number"), name="invoice_number_once")],
            },
        ),
        migrations.CreateModel(
            name="CreditNoteLine",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "credit_note_id", "position", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "credit_note",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="invoicing.creditnote",
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "invoice",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="invoicing.invoice"
                    ),
                ),
                ("corrects", models.PositiveIntegerField(help_text="position of the line on the invoice")),
                ("starts_on", models.DateField(null=True)),
                ("ends_on", models.DateField(null=True)),
                ("amount_minor", models.BigIntegerField(help_text="without taxes")),
                (
                    "tax_parts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["invoice", "corrects"], name="credit_by_line")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount_minor__gt", 0), ("ends_on", None), ("starts_on", None)),
                            models.Q(
                                ("amount_minor__gte", 0),
                                ("ends_on__gt", models.F("starts_on")),
                                ("starts_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="credit_line_gives_back_days_or_an_amount",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Coverage",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "invoice_id", "position", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="invoicing.invoice",
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "subscription",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="subscriptions.subscription",
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("live_until", models.DateField()),
            ],
            options={
                "verbose_name_plural": "coverage",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("live_until__gt", models.F("starts_on"))),
                        fields=("subscription", "starts_on"),
                        name="service_day_billed_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("live_until__gte", models.F("starts_on")), ("live_until__lte", models.F("ends_on"))
                        ),
                        name="coverage_lives_within_its_days",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="corrections", to="invoicing.invoice"
                    ),
                ),
                (
                    "kind",
                    models.TextField(choices=[("credit", "Credit"), ("void", "Void"), ("write_off", "Write Off")]),
                ),
                (
                    "lines",
                    models.JSONField(
                        default=list, help_text="of a credit: pairs of position and minor units, no taxes"
                    ),
                ),
                (
                    "amount_minor",
                    models.BigIntegerField(help_text="what it is about, taxes included; counts against the limit"),
                ),
                (
                    "reason",
                    models.TextField(
                        choices=[
                            ("service_ended", "Service Ended"),
                            ("correction", "Correction"),
                            ("goodwill", "Goodwill"),
                            ("void", "Void"),
                        ]
                    ),
                ),
                ("explanation", models.TextField()),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("requested", "Requested"),
                            ("approved", "Approved"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                        ]
                    ),
                ),
                ("requested_by", models.TextField()),
                ("requested_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("approved_by", models.TextField(blank=True, default="")),
                ("approved_role", models.TextField(blank=True, default="")),
                ("outcome", models.TextField(blank=True, default="", help_text="why it was refused")),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "requested")), fields=["vendor"], name="correction_waits"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["credit", "void", "write_off"])),
                        name="correction_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["requested", "approved", "done", "refused"])),
                        name="correction_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0), models.Q(("explanation", ""), _negated=True)),
                        name="correction_says_how_much_and_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["requested", "refused"]),
                            models.Q(
                                models.Q(("approved_by", ""), _negated=True),
                                models.Q(("approved_role", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="correction_was_approved_by_someone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "refused"), _negated=True),
                            models.Q(("outcome", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="refused_correction_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InvoiceLine",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "invoice_id", "position", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="invoicing.invoice",
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "subscription",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="subscriptions.subscription",
                    ),
                ),
                (
                    "charge",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="subscriptions.oneoffcharge",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="customers.location",
                    ),
                ),
                ("location_label", models.TextField(blank=True, default="")),
                ("description", models.TextField()),
                ("starts_on", models.DateField(null=True)),
                ("ends_on", models.DateField(null=True)),
                (
                    "full_days",
                    models.PositiveSmallIntegerField(help_text="days of the period that the price pays for", null=True),
                ),
                ("unit_minor", models.BigIntegerField(help_text="the price of the full period, or of the charge")),
                (
                    "discount_minor",
                    models.BigIntegerField(db_default=0, default=0, help_text="taken off the full period's price"),
                ),
                ("amount_minor", models.BigIntegerField(help_text="without taxes")),
                (
                    "tax_positions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "tax_parts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "unit",
                    models.CharField(
                        db_default="C62", default="C62", help_text="UN/ECE recommendation 20", max_length=3
                    ),
                ),
                (
                    "vat_category",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="UNTDID 5305; empty: issued before it was kept",
                        max_length=2,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("unit__regex", "^[A-Z0-9]{2,3}$")), name="line_unit_is_a_code"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("vat_category", ""),
                            models.Q(("tax_positions__len__gt", 0), ("vat_category", "S")),
                            models.Q(("tax_positions", []), ("vat_category__in", ["Z", "E", "AE", "O"])),
                            _connector="OR",
                        ),
                        name="line_is_taxed_as_its_category_says",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ends_on", None), ("full_days", None), ("starts_on", None), ("subscription", None)
                            ),
                            models.Q(
                                ("charge", None),
                                ("ends_on__gt", models.F("starts_on")),
                                ("full_days__gt", 0),
                                ("starts_on__isnull", False),
                                ("subscription__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="line_of_a_subscription_has_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_minor__gte", 0),
                            ("discount_minor__gte", 0),
                            ("unit_minor__gte", models.F("discount_minor")),
                        ),
                        name="line_amounts_are_not_negative",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("charge__isnull", False)), fields=("charge",), name="charge_billed_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InvoiceTax",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "invoice_id", "position", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taxes",
                        to="invoicing.invoice",
                    ),
                ),
                ("position", models.SmallIntegerField()),
                ("jurisdiction_code", models.TextField()),
                ("name", models.TextField(help_text="as the invoice calls it")),
                ("category", models.TextField()),
                ("rate", models.DecimalField(decimal_places=6, max_digits=9)),
                ("taxable_minor", models.BigIntegerField()),
                ("tax_minor", models.BigIntegerField()),
            ],
            options={
                "verbose_name_plural": "invoice taxes",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rate__gte", 0),
                            ("taxable_minor__gte", 0),
                            (
                                "tax_minor",
                                models.Func(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("taxable_minor"), "*", models.F("rate")
                                    ),
                                    function="round",
                                    output_field=models.DecimalField(),
                                ),
                            ),
                        ),
                        name="tax_is_its_rate_of_what_is_taxable",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WriteOff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="write_offs", to="invoicing.invoice"
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("reason", models.TextField()),
                ("written_off_on", models.DateField()),
                ("written_off_by", models.TextField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="write_off_is_positive"),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="write_off_says_why"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Allocation",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="allocations", to="invoicing.invoice"
                    ),
                ),
                ("payment_public_id", models.UUIDField(help_text="the payment, in payments", null=True)),
                (
                    "credit_note",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="invoicing.creditnote"
                    ),
                ),
                (
                    "write_off",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="invoicing.writeoff"
                    ),
                ),
                (
                    "credit_movement",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="invoicing.creditmovement"
                    ),
                ),
                (
                    "refund_public_id",
                    models.UUIDField(help_text="the refund, in payments, that takes a payment's part off", null=True),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="ledger.journalentry"
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("allocated_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["payment_public_id"], name="allocation_by_payment"),
                    models.Index(
                        condition=models.Q(("refund_public_id__isnull", False)),
                        fields=["refund_public_id"],
                        name="allocation_by_refund",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor", 0), _negated=True), name="allocation_is_not_zero"
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(
                            models.Func(
                                models.F("payment_public_id"),
                                models.F("credit_note"),
                                models.F("write_off"),
                                models.F("credit_movement"),
                                function="num_nonnulls",
                                output_field=models.IntegerField(),
                            ),
                            models.Value(1),
                        ),
                        name="allocation_has_one_source",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("payment_public_id__isnull", False),
                            ("credit_movement__isnull", False),
                            ("amount_minor__gt", 0),
                            _connector="OR",
                        ),
                        name="only_payments_and_credit_come_back",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("refund_public_id", None),
                            models.Q(("amount_minor__lt", 0), ("payment_public_id__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_refund_takes_a_payment_off",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApprovalLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("role", models.TextField()),
                ("limit_minor", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("vendor", "role"), name="one_approval_limit_per_role"),
                    models.CheckConstraint(
                        condition=models.Q(("limit_minor", None), ("limit_minor__gte", 0), _connector="OR"),
                        name="approval_limit_is_not_negative",
                    ),
                ],
            },
        ),
    ]
