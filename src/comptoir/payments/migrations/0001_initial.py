import comptoir.payments.models.collecting
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.lookups
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0001_initial"),
        ("invoicing", "0001_initial"),
        ("ledger", "0001_initial"),
        ("subscriptions", "0001_initial"),
        ("tenancy", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PaymentMethod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                ("gateway_id", models.TextField(unique=True)),
                (
                    "nickname",
                    models.CharField(
                        blank=True, db_default="", default="", help_text="what its owner calls it", max_length=40
                    ),
                ),
                (
                    "is_default",
                    models.BooleanField(db_default=False, default=False, help_text="proposed when its company pays"),
                ),
                ("kind", models.TextField(choices=[("card", "Card"), ("us_bank_account", "Bank Account")])),
                ("brand", models.TextField(help_text="the card's brand or the bank's name")),
                ("last4", models.CharField(max_length=4)),
                ("expires_on", models.DateField(help_text="first day on which a card is no longer good", null=True)),
                (
                    "holder_type",
                    models.TextField(blank=True, default="", help_text="company or individual, of a bank account"),
                ),
                ("saved_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "unusable_reason",
                    models.TextField(blank=True, default="", help_text="why the bank refuses it for good"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["card", "us_bank_account"])), name="method_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last4__regex", "^[0-9]{4}$")), name="method_keeps_four_digits_only"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("expires_on__isnull", False), ("kind", "card")),
                            models.Q(("expires_on", None), ("kind", "us_bank_account")),
                            _connector="OR",
                        ),
                        name="cards_expire",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("company",),
                        name="one_default_method_per_company",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_default", False), ("removed_at", None), _connector="OR"),
                        name="removed_method_is_no_default",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                (
                    "origin",
                    models.TextField(
                        choices=[
                            ("autopay", "Autopay"),
                            ("one_time", "One Time"),
                            ("on_behalf", "On Behalf"),
                            ("check", "Check"),
                        ]
                    ),
                ),
                ("kind", models.TextField(choices=[("card", "Card"), ("us_bank_account", "Bank Account")])),
                (
                    "method",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="payments.paymentmethod"
                    ),
                ),
                ("method_label", models.TextField(blank=True, default="")),
                (
                    "entry_class",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="of a bank debit, once the account is known",
                        max_length=3,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("amount_minor", models.BigIntegerField()),
                (
                    "on_account_minor",
                    models.BigIntegerField(
                        db_default=0, default=0, help_text="what is meant for no invoice, and becomes credit"
                    ),
                ),
                (
                    "confirmation",
                    models.CharField(help_text="what customer and bank can quote", max_length=12, unique=True),
                ),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("created", "Created"),
                            ("action_required", "Action Required"),
                            ("processing", "Processing"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                            ("canceled", "Canceled"),
                            ("returned", "Returned"),
                            ("disputed", "Disputed"),
                            ("refunded", "Refunded"),
                        ],
                        default="created",
                    ),
                ),
                ("intent_id", models.TextField(null=True, unique=True)),
                ("session_id", models.TextField(null=True, unique=True)),
                (
                    "re_presents",
                    models.ForeignKey(
                        help_text="the first attempt, of which this is another one",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="re_presentments",
                        to="payments.payment",
                    ),
                ),
                (
                    "failure_code",
                    models.TextField(blank=True, default="", help_text="the processor's or the bank's code"),
                ),
                ("initiated_on", models.DateField(help_text="business date")),
                ("created_at", models.DateTimeField()),
                (
                    "submitting_at",
                    models.DateTimeField(
                        help_text="when the processor was first asked to debit; set before it is asked", null=True
                    ),
                ),
                (
                    "spent_keys",
                    models.PositiveSmallIntegerField(
                        db_default=0,
                        default=0,
                        help_text="how often the processor broke over it and keeps to that answer",
                    ),
                ),
                ("processing_at", models.DateTimeField(null=True)),
                ("succeeded_at", models.DateTimeField(null=True)),
                ("succeeded_on", models.DateField(help_text="business date of the posting", null=True)),
                ("ended_at", models.DateTimeField(help_text="failed, canceled, or came back", null=True)),
                ("refused_on", models.DateField(help_text="business date on which it failed or came back", null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("company"), models.OrderBy(models.F("id"), descending=True), name="payment_by_company"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="payment_is_above_zero"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "created",
                                    "action_required",
                                    "processing",
                                    "succeeded",
                                    "failed",
                                    "canceled",
                                    "returned",
                                    "disputed",
                                    "refunded",
                                ],
                            )
                        ),
                        name="payment_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "processing"), _negated=True),
                            ("processing_at__isnull", False),
                            _connector="OR",
                        ),
                        name="processing_payment_has_its_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status__in", ["succeeded", "returned", "disputed", "refunded"]),
                                ("succeeded_at__isnull", False),
                                ("succeeded_on__isnull", False),
                            ),
                            models.Q(
                                models.Q(
                                    ("status__in", ["succeeded", "returned", "disputed", "refunded"]), _negated=True
                                ),
                                ("succeeded_at", None),
                                ("succeeded_on", None),
                            ),
                            _connector="OR",
                        ),
                        name="payment_that_succeeded_has_its_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", False), ("status__in", ["failed", "canceled", "returned"])),
                            models.Q(
                                models.Q(("status__in", ["failed", "canceled", "returned"]), _negated=True),
                                ("ended_at", None),
                            ),
                            _connector="OR",
                        ),
                        name="payment_that_ended_has_its_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("origin", "autopay"), _negated=True), ("method__isnull", False), _connector="OR"
                        ),
                        name="autopay_has_a_method",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("on_account_minor__gte", 0),
                            ("on_account_minor__lte", models.F("amount_minor")),
                            models.Q(
                                models.Q(("origin", "autopay"), _negated=True), ("on_account_minor", 0), _connector="OR"
                            ),
                        ),
                        name="on_account_is_part_of_what_a_person_pays",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("entry_class", ""),
                            models.Q(("entry_class__in", ["CCD", "WEB", "TEL", "PPD"]), ("kind", "us_bank_account")),
                            _connector="OR",
                        ),
                        name="bank_debits_alone_have_an_entry_class",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("origin", "on_behalf"), _negated=True), ("method__isnull", False), _connector="OR"
                        ),
                        name="on_behalf_has_a_saved_method",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("re_presents", None), ("origin", "autopay"), _connector="OR"),
                        name="autopay_alone_presents_again",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("refused_on", None), ("status__in", ["failed", "returned"]), _connector="OR"
                        ),
                        name="refusal_has_its_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="disputes", to="payments.payment"
                    ),
                ),
                ("gateway_id", models.TextField(unique=True)),
                ("amount_minor", models.BigIntegerField(help_text="what was withdrawn")),
                ("fee_minor", models.BigIntegerField(default=0, help_text="what the processor took for it")),
                ("reason", models.TextField(help_text="the processor's word for why")),
                ("code", models.TextField(blank=True, default="", help_text="the network's code for why")),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("needs_response", "Needs Response"),
                            ("under_review", "Under Review"),
                            ("won", "Won"),
                            ("lost", "Lost"),
                        ]
                    ),
                ),
                ("respond_by", models.DateTimeField(help_text="until when evidence is taken", null=True)),
                ("opened_on", models.DateField(help_text="business date of the posting")),
                ("opened_at", models.DateTimeField()),
                ("decided_on", models.DateField(help_text="business date on which it was won or lost", null=True)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("decided_on", None)), fields=["payment"], name="dispute_is_open")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["needs_response", "under_review", "won", "lost"])),
                        name="dispute_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0), ("fee_minor__gte", 0)),
                        name="dispute_is_about_an_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_on__isnull", False), ("status__in", ["won", "lost"])),
                            models.Q(models.Q(("status__in", ["won", "lost"]), _negated=True), ("decided_on", None)),
                            _connector="OR",
                        ),
                        name="decided_dispute_has_its_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookEvent",
            fields=[
                ("event_id", models.TextField(primary_key=True, serialize=False)),
                ("account_id", models.TextField(blank=True, default="")),
                ("kind", models.TextField()),
                ("object_id", models.TextField(blank=True, default="")),
                ("payload", models.JSONField()),
                ("received_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("handled_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="BankFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("filename", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("profile_name", models.TextField(blank=True, default="")),
                ("profile", models.TextField(blank=True, default="", help_text="how a CSV file was read, in TOML")),
                ("checks_read", models.PositiveIntegerField(default=0)),
                ("known_before", models.PositiveIntegerField(default=0, help_text="lines that were here already")),
                (
                    "other_lines",
                    models.PositiveIntegerField(default=0, help_text="lines that are about something else than checks"),
                ),
                (
                    "returns_unknown",
                    models.JSONField(default=list, help_text="checks that came back and are not known here"),
                ),
                ("uploaded_by", models.TextField()),
                ("uploaded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("vendor", "sha256"), name="bank_file_is_read_once")],
            },
        ),
        migrations.CreateModel(
            name="DebitNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                ("invoice", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="invoicing.invoice")),
                ("kind", models.TextField(choices=[("invoice", "Invoice"), ("varying", "Varying")])),
                ("amount_minor", models.BigIntegerField(help_text="of the invoice")),
                ("debit_on", models.DateField()),
                ("sent_to", models.TextField()),
                ("sent_on", models.DateField(help_text="business date")),
                ("sent_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["invoice", "varying"])), name="notice_kind_is_known"
                    ),
                    models.UniqueConstraint(
                        fields=("invoice", "kind", "amount_minor", "debit_on"), name="debit_is_announced_once_by_each"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deposit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("currency", models.CharField(max_length=3)),
                ("deposited_on", models.DateField()),
                ("control_minor", models.BigIntegerField(help_text="what the checks must add up to")),
                (
                    "control_count",
                    models.PositiveIntegerField(help_text="how many there must be; the bank may not say", null=True),
                ),
                (
                    "status",
                    models.TextField(
                        choices=[("open", "Open"), ("closed", "Closed"), ("posted", "Posted"), ("dropped", "Dropped")],
                        default="open",
                    ),
                ),
                (
                    "bank_file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deposits",
                        to="payments.bankfile",
                    ),
                ),
                ("bank_line", models.TextField(help_text="print of the bank's line", null=True)),
                ("bank_reference", models.TextField(blank=True, default="", help_text="by which the bank knows it")),
                ("opened_by", models.TextField()),
                ("opened_at", models.DateTimeField()),
                ("closed_by", models.TextField(blank=True, default="")),
                ("posted_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["vendor", "-deposited_on", "-id"], name="deposit_by_vendor")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["open", "closed", "posted", "dropped"])),
                        name="deposit_status_is_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("control_minor__gt", 0)), name="deposit_is_above_zero"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("posted_at__isnull", False), ("status", "posted")),
                            models.Q(models.Q(("status", "posted"), _negated=True), ("posted_at", None)),
                            _connector="OR",
                        ),
                        name="posted_deposit_has_its_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["open", "dropped"]),
                            models.Q(("closed_by", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="closed_deposit_says_by_whom",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("bank_file__isnull", False), ("bank_line__isnull", False)),
                            models.Q(("bank_file", None), ("bank_line", None)),
                            _connector="OR",
                        ),
                        name="banks_deposit_has_its_line",
                    ),
                    models.UniqueConstraint(fields=("vendor", "bank_line"), name="banks_deposit_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DisputeAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="payments.dispute"
                    ),
                ),
                ("kind", models.TextField(choices=[("submit", "Submit"), ("accept", "Accept")])),
                ("text", models.TextField(help_text="why the payment was right, or why the team gives in")),
                (
                    "status",
                    models.TextField(
                        choices=[("requested", "Requested"), ("done", "Done"), ("refused", "Refused")],
                        default="requested",
                    ),
                ),
                ("outcome", models.TextField(blank=True, default="", help_text="why the processor did not take it")),
                (
                    "answered_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
                ),
                ("answered_by_label", models.TextField()),
                ("answered_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["submit", "accept"]), ("status__in", ["requested", "done", "refused"])
                        ),
                        name="dispute_answer_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="dispute_answer_says_why"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "refused"), models.Q(("outcome", ""), _negated=True)),
                            models.Q(models.Q(("status", "refused"), _negated=True), ("outcome", "")),
                            _connector="OR",
                        ),
                        name="refused_dispute_answer_says_why",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["requested", "done"])),
                        fields=("dispute",),
                        name="dispute_is_answered_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GatewayAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("account_id", models.TextField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="GatewayCustomer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("company", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                ("customer_id", models.TextField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="KnownPayer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("name", models.TextField(help_text="folded: small letters, without marks and legal forms")),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                ("remembered_by", models.TextField()),
                ("remembered_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("vendor", "name", "company"), name="known_payer_once"),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="known_payer_has_a_name"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Difference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("state", "State"),
                            ("amount", "Amount"),
                            ("currency", "Currency"),
                            ("money", "Money"),
                            ("fee", "Fee"),
                            ("twice", "Twice"),
                            ("not_ours", "Not Ours"),
                            ("not_theirs", "Not Theirs"),
                            ("payout", "Payout"),
                            ("clearing", "Clearing"),
                        ]
                    ),
                ),
                ("subject", models.TextField(help_text="the processor's name for it, or ours")),
                (
                    "payment",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="payments.payment"),
                ),
                ("currency", models.CharField(max_length=3)),
                ("ours", models.TextField(help_text="minor units, or a word")),
                ("theirs", models.TextField(help_text="minor units, or a word")),
                (
                    "explanation",
                    models.TextField(
                        blank=True,
                        choices=[
                            ("", "None"),
                            ("over_midnight", "Over Midnight"),
                            ("news_waits", "News Waits"),
                            ("books_closed", "Books Closed"),
                        ],
                        default="",
                    ),
                ),
                ("found_on", models.DateField(help_text="the day through which was compared")),
                ("closed_on", models.DateField(help_text="business date", null=True)),
                (
                    "settled_by",
                    models.TextField(blank=True, default="", help_text="a person; empty where it was gone by itself"),
                ),
                ("note", models.TextField(blank=True, default="")),
            ],
            options={
                "indexes": [models.Index(fields=["vendor", "-found_on"], name="difference_by_day")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_on", None)),
                        fields=("vendor", "kind", "subject", "currency"),
                        name="difference_from_processor_is_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "state",
                                    "amount",
                                    "currency",
                                    "money",
                                    "fee",
                                    "twice",
                                    "not_ours",
                                    "not_theirs",
                                    "payout",
                                    "clearing",
                                ],
                            )
                        ),
                        name="kind_of_difference_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("explanation__in", ["", "over_midnight", "news_waits", "books_closed"])),
                        name="explanation_is_a_known_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ours", models.F("theirs")), _negated=True),
                        name="difference_from_processor_differs",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("note", ""), ("settled_by", "")),
                            models.Q(
                                ("closed_on__isnull", False),
                                models.Q(("settled_by", ""), _negated=True),
                                models.Q(("note", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="settled_difference_says_by_whom_and_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="payments.payment"
                    ),
                ),
                ("invoice", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="invoicing.invoice")),
                ("amount_minor", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("payment", "invoice"), name="invoice_once_per_payment"),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="payment_item_is_above_zero"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExpiryReminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("method", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="payments.paymentmethod")),
                ("expires_on", models.DateField()),
                ("days_before", models.PositiveSmallIntegerField(help_text="30 or 7: the window in which it was told")),
                ("told_on", models.DateField(help_text="business date")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("method", "expires_on", "days_before"), name="expiry_told_once"),
                    models.CheckConstraint(
                        condition=models.Q(("days_before__in", [30, 7])), name="expiry_is_told_30_and_7_days_before"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Authorisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                (
                    "method",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="payments.paymentmethod"
                    ),
                ),
                ("text", models.TextField()),
                ("text_version", models.TextField()),
                ("text_sha256", models.CharField(max_length=64)),
                (
                    "given_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
                ),
                (
                    "given_by_label",
                    models.TextField(blank=True, db_default="", default="", help_text="their name, as it was then"),
                ),
                ("given_at", models.DateTimeField()),
                ("ip_address", models.GenericIPAddressField(null=True)),
                ("user_agent", models.TextField(blank=True, default="")),
                ("active_since", models.DateTimeField(help_text="when the method it is for was saved", null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_reason", models.TextField(blank=True, default="")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("active_since", None), ("method__isnull", False), _connector="OR"),
                        name="active_authorisation_has_a_method",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("ended_reason", "")),
                            models.Q(("ended_at__isnull", False), models.Q(("ended_reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="ended_authorisation_says_why",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("active_since__isnull", False), ("ended_at", None)),
                        fields=("company",),
                        name="one_active_authorisation_per_company",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                (
                    "debit_retries",
                    models.PositiveSmallIntegerField(
                        default=2, help_text="how often a bank debit is presented again; the network allows two"
                    ),
                ),
                (
                    "debit_retry_days",
                    models.PositiveSmallIntegerField(default=3, help_text="days after the refusal, at least"),
                ),
                (
                    "debit_retry_on_payday",
                    models.BooleanField(
                        default=False,
                        help_text="wait for the next usual payday after them: the 15th, or the month's last day",
                    ),
                ),
                (
                    "card_retry_days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(),
                        default=comptoir.payments.models.collecting.usual_card_days,
                        help_text="days after the first refusal",
                        size=None,
                    ),
                ),
                (
                    "return_fee_minor",
                    models.BigIntegerField(default=0, help_text="charged for a returned debit; 0: nothing"),
                ),
                (
                    "return_fee_cap_minor",
                    models.BigIntegerField(
                        help_text="the most that a company is charged so in a calendar month; empty: without limit",
                        null=True,
                    ),
                ),
                (
                    "return_fee_codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        default=comptoir.payments.models.collecting.codes_of_no_money,
                        size=None,
                    ),
                ),
                (
                    "return_fee_product",
                    models.ForeignKey(
                        help_text="under which the fee is charged; taxes follow from it",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "payment policies",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("debit_retries__lte", 2)), name="network_allows_two_re_presentments"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("debit_retry_days__gte", 1), ("debit_retry_days__lte", 60)),
                        name="debit_is_retried_within_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "card_retry_days__contained_by",
                                [
                                    1,
                                    2,
                                    3,
                                    4,
                                    5,
                                    6,
                                    7,
                                    8,
                                    9,
                                    10,
                                    11,
                                    12,
                                    13,
                                    14,
                                    15,
                                    16,
                                    17,
                                    18,
                                    19,
                                    20,
                                    21,
                                    22,
                                    23,
                                    24,
                                    25,
                                    26,
                                    27,
                                    28,
                                    29,
                                    30,
                                ],
                            ),
                            ("card_retry_days__len__lte", 15),
                        ),
                        name="card_is_retried_at_most_15_times_in_30_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("return_fee_minor", 0),
                            models.Q(("return_fee_minor__gt", 0), ("return_fee_product__isnull", False)),
                            _connector="OR",
                        ),
                        name="return_fee_has_its_product",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("return_fee_cap_minor", None), ("return_fee_cap_minor__gt", 0), _connector="OR"
                        ),
                        name="return_fee_cap_is_above_zero",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("return_fee_codes__contained_by", ["R01", "R09"])),
                        name="return_fee_is_for_missing_money",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlannedRetry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "after",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="retry", to="payments.payment"
                    ),
                ),
                ("planned_on", models.DateField(help_text="business date")),
                (
                    "made",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.payment"
                    ),
                ),
                ("dropped_at", models.DateTimeField(null=True)),
                (
                    "dropped_why",
                    models.TextField(
                        blank=True,
                        choices=[
                            ("paid", "Paid"),
                            ("no_consent", "No Consent"),
                            ("called_off", "Called Off"),
                            ("too_late", "Too Late"),
                        ],
                        default="",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "planned retries",
                "indexes": [
                    models.Index(
                        condition=models.Q(("dropped_at", None), ("made", None)),
                        fields=["planned_on"],
                        name="retry_that_waits_by_day",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("dropped_at", None), ("dropped_why", "")),
                            models.Q(
                                ("dropped_at__isnull", False),
                                ("dropped_why__in", ["paid", "no_consent", "called_off", "too_late"]),
                                ("made", None),
                            ),
                            _connector="OR",
                        ),
                        name="retry_is_made_or_dropped",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProcessorPayout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("gateway_id", models.TextField(unique=True)),
                ("currency", models.CharField(max_length=3)),
                (
                    "amount_minor",
                    models.BigIntegerField(help_text="below zero where the processor takes it from the bank"),
                ),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("on_its_way", "On Its Way"),
                            ("paid", "Paid"),
                            ("failed", "Failed"),
                            ("canceled", "Canceled"),
                        ]
                    ),
                ),
                ("sent_on", models.DateField()),
                ("arrives_on", models.DateField()),
                (
                    "is_itemised",
                    models.BooleanField(default=False, help_text="what it pays out is known, to the last movement"),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        help_text="arrival",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.journalentry",
                    ),
                ),
                (
                    "back_entry",
                    models.ForeignKey(
                        help_text="failure after it arrived",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.journalentry",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["vendor", "-sent_on", "-id"], name="payout_by_day")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["on_its_way", "paid", "failed", "canceled"])),
                        name="payout_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("back_entry", None), ("entry__isnull", False), ("status", "paid")),
                            models.Q(("back_entry", None), ("entry", None), ("status", "on_its_way")),
                            models.Q(
                                ("status__in", ["failed", "canceled"]),
                                models.Q(
                                    models.Q(("back_entry", None), ("entry", None)),
                                    models.Q(("back_entry__isnull", False), ("entry__isnull", False)),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="payout_is_in_the_books_while_it_is_in_the_bank",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProcessorMovement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("gateway_id", models.TextField(unique=True)),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("payment", "Payment"),
                            ("back", "Back"),
                            ("payout", "Payout"),
                            ("fee", "Fee"),
                            ("other", "Other"),
                        ]
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("amount_minor", models.BigIntegerField()),
                ("fee_minor", models.BigIntegerField()),
                ("moved_at", models.DateTimeField()),
                ("moved_on", models.DateField()),
                (
                    "intent_id",
                    models.TextField(blank=True, default="", help_text="the payment at the processor, empty for none"),
                ),
                ("source_id", models.TextField(blank=True, default="")),
                (
                    "payout",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="movements",
                        to="payments.processorpayout",
                    ),
                ),
                (
                    "fee_entry",
                    models.ForeignKey(
                        help_text="empty without a fee, and where it is posted with the dispute that it is for",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.journalentry",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["vendor", "moved_on"], name="movement_by_day"),
                    models.Index(
                        condition=models.Q(("intent_id", ""), _negated=True),
                        fields=["intent_id"],
                        name="movement_by_payment",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["payment", "back", "payout", "fee", "other"])),
                        name="movement_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("fee_entry", None), models.Q(("fee_minor", 0), ("kind", "back"), _connector="OR")
                            ),
                            models.Q(("fee_entry__isnull", False), models.Q(("fee_minor", 0), _negated=True)),
                            _connector="OR",
                        ),
                        name="processors_fee_is_in_the_books",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReceivedCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                (
                    "deposit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="checks", to="payments.deposit"
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("number", models.TextField(blank=True, default="", help_text="the check's own number")),
                ("payer", models.TextField(blank=True, default="", help_text="the name on the check")),
                (
                    "remittance",
                    models.TextField(
                        blank=True, default="", help_text="scan lines and invoice numbers that came with it"
                    ),
                ),
                ("bank_line", models.TextField(help_text="print of the bank's line", null=True)),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("entered", "Entered"),
                            ("waiting", "Waiting"),
                            ("applied", "Applied"),
                            ("returned", "Returned"),
                        ],
                        default="entered",
                    ),
                ),
                (
                    "payment",
                    models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, to="payments.payment"),
                ),
                (
                    "confidence",
                    models.PositiveSmallIntegerField(help_text="percent; of a match that the rules made", null=True),
                ),
                (
                    "reasons",
                    models.JSONField(default=list, help_text="why it was matched so: codes with what they name"),
                ),
                ("matched_by", models.TextField(blank=True, default="", help_text="the person who said so")),
                ("returned_on", models.DateField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "waiting")), fields=["vendor", "id"], name="check_waiting"
                    ),
                    models.Index(fields=["vendor", "amount_minor"], name="check_by_amount"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["entered", "waiting", "applied", "returned"])),
                        name="check_status_is_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="check_is_above_zero"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("payment__isnull", False), ("status", "applied")),
                            ("status", "returned"),
                            models.Q(("payment", None), ("status__in", ["entered", "waiting"])),
                            _connector="OR",
                        ),
                        name="applied_check_is_a_payment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("returned_on__isnull", False), ("status", "returned")),
                            models.Q(models.Q(("status", "returned"), _negated=True), ("returned_on", None)),
                            _connector="OR",
                        ),
                        name="returned_check_has_its_day",
                    ),
                    models.UniqueConstraint(fields=("vendor", "bank_line"), name="banks_check_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CheckDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "received",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="payments.receivedcheck",
                    ),
                ),
                ("kind", models.TextField(choices=[("apply", "Apply"), ("undo", "Undo"), ("return", "Return")])),
                (
                    "company",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="tenancy.company"),
                ),
                (
                    "amounts",
                    models.JSONField(default=dict, help_text="minor units by invoice id; what is left becomes credit"),
                ),
                ("note", models.TextField(blank=True, default="")),
                ("decided_by", models.TextField()),
                ("decided_on", models.DateField(help_text="business date")),
                (
                    "status",
                    models.TextField(
                        choices=[("requested", "Requested"), ("done", "Done"), ("refused", "Refused")],
                        default="requested",
                    ),
                ),
                ("outcome", models.TextField(blank=True, default="", help_text="why it could not be done")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["apply", "undo", "return"])),
                        name="check_decision_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["requested", "done", "refused"])),
                        name="check_decision_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("company__isnull", False), ("kind", "apply")),
                            models.Q(models.Q(("kind", "apply"), _negated=True), ("company", None)),
                            _connector="OR",
                        ),
                        name="a_check_is_applied_to_a_company",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "refused"), models.Q(("outcome", ""), _negated=True)),
                            models.Q(models.Q(("status", "refused"), _negated=True), ("outcome", "")),
                            _connector="OR",
                        ),
                        name="refused_check_decision_says_why",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "requested")), fields=("received",), name="one_decision_at_a_time"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReconciledDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("day", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("came_minor", models.BigIntegerField()),
                ("back_minor", models.BigIntegerField()),
                ("fees_minor", models.BigIntegerField()),
                ("paid_out_minor", models.BigIntegerField()),
                ("clearing_minor", models.BigIntegerField()),
                ("balance_minor", models.BigIntegerField()),
                ("on_its_way_minor", models.BigIntegerField()),
                (
                    "differing_minor",
                    models.BigIntegerField(help_text="what the differences of payments add up to, ours less theirs"),
                ),
                ("payments", models.PositiveIntegerField(help_text="how many were compared")),
                ("compared_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("vendor", "day", "currency"), name="day_is_reconciled_once_per_currency"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RecordedConsent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "payment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recorded_consent",
                        to="payments.payment",
                    ),
                ),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                (
                    "channel",
                    models.TextField(
                        choices=[
                            ("phone", "Phone"),
                            ("e_mail", "E Mail"),
                            ("letter", "Letter"),
                            ("in_person", "In Person"),
                        ]
                    ),
                ),
                ("given_by", models.TextField(help_text="who of the company consented")),
                ("given_on", models.DateField()),
                ("words", models.TextField()),
                ("text", models.TextField()),
                ("text_sha256", models.CharField(max_length=64)),
                (
                    "recorded_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
                ),
                ("recorded_by_label", models.TextField(help_text="their name, as it was then")),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["phone", "e_mail", "letter", "in_person"])),
                        name="consent_channel_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("given_by", ""), _negated=True),
                            models.Q(("words", ""), _negated=True),
                            models.Q(("text", ""), _negated=True),
                        ),
                        name="recorded_consent_says_who_and_what",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RefundRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                ("currency", models.CharField(max_length=3)),
                (
                    "amount_minor",
                    models.BigIntegerField(help_text="what its refunds add up to; counts against the limit"),
                ),
                (
                    "reason",
                    models.TextField(
                        choices=[
                            ("duplicate", "Duplicate"),
                            ("overpaid", "Overpaid"),
                            ("correction", "Correction"),
                            ("goodwill", "Goodwill"),
                            ("asked", "Asked"),
                        ]
                    ),
                ),
                ("explanation", models.TextField(help_text="for the team alone")),
                (
                    "status",
                    models.TextField(
                        choices=[("requested", "Requested"), ("approved", "Approved"), ("refused", "Refused")],
                        default="requested",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("requested_by_label", models.TextField(help_text="their name, as it was then")),
                ("requested_role", models.TextField()),
                ("requested_at", models.DateTimeField()),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_by_label", models.TextField(blank=True, default="")),
                ("decided_role", models.TextField(blank=True, default="")),
                ("decided_at", models.DateTimeField(null=True)),
                ("outcome", models.TextField(blank=True, default="", help_text="why it was turned down")),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "requested")), fields=["company"], name="refund_request_waits"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0), models.Q(("explanation", ""), _negated=True)),
                        name="refund_request_says_how_much_and_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reason__in", ["duplicate", "overpaid", "correction", "goodwill", "asked"])
                        ),
                        name="refund_reason_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["requested", "approved", "refused"])),
                        name="refund_request_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at", None),
                                ("decided_by", None),
                                ("decided_by_label", ""),
                                ("decided_role", ""),
                                ("status", "requested"),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("status__in", ["approved", "refused"]),
                                models.Q(("decided_by_label", ""), _negated=True),
                                models.Q(("decided_role", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="decided_refund_request_says_by_whom",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "refused"), models.Q(("outcome", ""), _negated=True)),
                            models.Q(models.Q(("status", "refused"), _negated=True), ("outcome", "")),
                            _connector="OR",
                        ),
                        name="refused_refund_request_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "asked",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="payments.refundrequest"
                    ),
                ),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                (
                    "payment",
                    models.ForeignKey(
                        help_text="empty: by a check",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="payments.payment",
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("amount_minor", models.BigIntegerField()),
                ("from_credit_minor", models.BigIntegerField(help_text="what the company's credit pays of it")),
                (
                    "confirmation",
                    models.CharField(help_text="what customer and bank can quote", max_length=12, unique=True),
                ),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("created", "Created"),
                            ("processing", "Processing"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                            ("canceled", "Canceled"),
                        ],
                        default="created",
                    ),
                ),
                ("gateway_id", models.TextField(null=True, unique=True)),
                ("check_number", models.TextField(blank=True, default="", help_text="of the check that was written")),
                (
                    "failure_code",
                    models.TextField(blank=True, default="", help_text="the processor's code, or our own"),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "spent_keys",
                    models.PositiveSmallIntegerField(
                        db_default=0,
                        default=0,
                        help_text="how often the processor broke over it and keeps to that answer",
                    ),
                ),
                (
                    "posted_at",
                    models.DateTimeField(
                        help_text="when its money left our books, before anybody was asked", null=True
                    ),
                ),
                ("posted_on", models.DateField(help_text="business date of the posting", null=True)),
                ("succeeded_on", models.DateField(help_text="business date on which it was done", null=True)),
                ("ended_on", models.DateField(help_text="business date on which it failed or was canceled", null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("company"), models.OrderBy(models.F("id"), descending=True), name="refund_by_company"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="refund_is_above_zero"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["created", "processing", "succeeded", "failed", "canceled"])
                        ),
                        name="refund_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("from_credit_minor__gte", 0),
                            ("from_credit_minor__lte", models.F("amount_minor")),
                            models.Q(
                                ("payment__isnull", False),
                                ("from_credit_minor", models.F("amount_minor")),
                                _connector="OR",
                            ),
                        ),
                        name="refund_by_check_is_all_credit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("posted_at__isnull", False),
                                ("posted_on__isnull", False),
                                ("status__in", ["processing", "succeeded", "failed"]),
                            ),
                            models.Q(("posted_at", None), ("posted_on", None), ("status__in", ["created", "canceled"])),
                            _connector="OR",
                        ),
                        name="refund_in_the_books_has_its_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("check_number", ""), ("payment__isnull", False)),
                                models.Q(("gateway_id", None), ("payment", None)),
                                _connector="OR",
                            ),
                            models.Q(
                                models.Q(("status", "succeeded"), _negated=True),
                                models.Q(
                                    ("gateway_id__isnull", False),
                                    ("payment__isnull", False),
                                    ("succeeded_on__isnull", False),
                                ),
                                models.Q(
                                    ("payment", None),
                                    ("succeeded_on__isnull", False),
                                    models.Q(("check_number", ""), _negated=True),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="refund_that_arrived_says_how",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_on__isnull", False),
                                ("status__in", ["failed", "canceled"]),
                                models.Q(("failure_code", ""), _negated=True),
                            ),
                            models.Q(
                                ("ended_on", None),
                                ("failure_code", ""),
                                ("status__in", ["created", "processing", "succeeded"]),
                            ),
                            _connector="OR",
                        ),
                        name="refund_that_ended_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RefundItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "refund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="payments.refund"
                    ),
                ),
                ("invoice", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="invoicing.invoice")),
                ("amount_minor", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("refund", "invoice"), name="invoice_once_per_refund"),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="refund_item_is_above_zero"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReturnFee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("payment", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to="payments.payment")),
                (
                    "charge",
                    models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to="subscriptions.oneoffcharge"),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("charged_on", models.DateField(help_text="business date")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="return_fee_is_above_zero")
                ],
            },
        ),
        migrations.CreateModel(
            name="SetupSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                ("kind", models.TextField(choices=[("card", "Card"), ("us_bank_account", "Bank Account")])),
                (
                    "authorisation",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="payments.authorisation"
                    ),
                ),
                ("session_id", models.TextField(null=True, unique=True)),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("created", "Created"),
                            ("open", "Open"),
                            ("verifying", "Verifying"),
                            ("completed", "Completed"),
                            ("ended", "Ended"),
                        ],
                        default="created",
                    ),
                ),
                (
                    "method",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="payments.paymentmethod"
                    ),
                ),
                ("started_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["created", "open", "verifying", "completed", "ended"])),
                        name="setup_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("method__isnull", False), ("status", "completed")),
                            models.Q(models.Q(("status", "completed"), _negated=True), ("method", None)),
                            _connector="OR",
                        ),
                        name="completed_setup_has_its_method",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BankVerification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                (
                    "setup",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verification",
                        to="payments.setupsession",
                    ),
                ),
                (
                    "payment",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verification",
                        to="payments.payment",
                    ),
                ),
                ("kind", models.TextField(choices=[("amounts", "Amounts"), ("descriptor_code", "Descriptor Code")])),
                ("url", models.TextField()),
                ("arrives_on", models.DateField()),
                ("asked_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(help_text="told right, given up, or called off", null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["amounts", "descriptor_code"])), name="deposit_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(
                            models.Func(
                                models.F("setup"),
                                models.F("payment"),
                                function="num_nonnulls",
                                output_field=models.IntegerField(),
                            ),
                            models.Value(1),
                        ),
                        name="verification_is_of_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AutopayInstruction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                ("invoice", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="invoicing.invoice")),
                ("kind", models.TextField(choices=[("call_off", "Call Off"), ("approve", "Approve")])),
                (
                    "amount_minor",
                    models.BigIntegerField(help_text="what was to be debited when it was said; an approval's most"),
                ),
                (
                    "given_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
                ),
                ("given_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["call_off", "approve"])), name="instruction_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="instruction_is_about_an_amount"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AutopayLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("company", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                ("limit_minor", models.BigIntegerField(help_text="of one invoice; empty: nobody is asked", null=True)),
                ("set_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
                ("set_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("limit_minor", None), ("limit_minor__gte", 0), _connector="OR"),
                        name="autopay_limit_is_an_amount",
                    )
                ],
            },
        ),
    ]
