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
            name="JournalBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("posted_on", models.DateField()),
                ("reason", models.TextField(help_text="what was posted, e.g. bill_run:4 or payment:17")),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "closed",
                    models.BooleanField(db_default=False, default=False, help_text="set by the database at commit"),
                ),
            ],
            options={
                "verbose_name_plural": "journal batches",
            },
        ),
        migrations.CreateModel(
            name="JournalEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="ledger.journalbatch"
                    ),
                ),
                ("description", models.TextField()),
            ],
            options={
                "verbose_name_plural": "journal entries",
            },
        ),
        migrations.CreateModel(
            name="LedgerAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                (
                    "code",
                    models.TextField(
                        choices=[
                            ("receivable", "Receivable"),
                            ("deferred_revenue", "Deferred Revenue"),
                            ("revenue", "Revenue"),
                            ("tax_payable", "Tax Payable"),
                            ("processor_clearing", "Processor Clearing"),
                            ("processor_fees", "Processor Fees"),
                            ("bank", "Bank"),
                            ("customer_credit", "Customer Credit"),
                            ("disputed", "Disputed"),
                            ("suspense", "Suspense"),
                            ("bad_debt", "Bad Debt"),
                            ("opening_balance", "Opening Balance"),
                        ]
                    ),
                ),
                (
                    "part",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="a jurisdiction's code, e.g. US-IL"
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("vendor", "code", "part", "currency"), name="ledger_account_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "code__in",
                                [
                                    "receivable",
                                    "deferred_revenue",
                                    "revenue",
                                    "tax_payable",
                                    "processor_clearing",
                                    "processor_fees",
                                    "bank",
                                    "customer_credit",
                                    "disputed",
                                    "suspense",
                                    "bad_debt",
                                    "opening_balance",
                                ],
                            )
                        ),
                        name="ledger_account_code_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("code", "tax_payable"), models.Q(("part", ""), _negated=True)),
                            models.Q(models.Q(("code", "tax_payable"), _negated=True), ("part", "")),
                            _connector="OR",
                        ),
                        name="tax_alone_is_by_jurisdiction",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "entry_id", "position", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="ledger.journalentry",
                    ),
                ),
                ("position", models.SmallIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="ledger.ledgeraccount",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="tenancy.company",
                    ),
                ),
                ("document_id", models.BigIntegerField(null=True)),
                ("amount_minor", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("document_id__isnull", False)),
                        fields=["document_id"],
                        name="posting_by_document",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor", 0), _negated=True), name="posting_is_not_zero"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BookClosing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("closed_through", models.DateField(help_text="the last closed day")),
                ("closed_by", models.TextField()),
                ("reason", models.TextField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("vendor", "closed_through"), name="books_closed_once_through_a_day"
                    ),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="closing_says_why"),
                ],
            },
        ),
    ]
