import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("customers", "0001_initial"),
        ("tenancy", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("asked", "Asked"),
                            ("started", "Started"),
                            ("accepted", "Accepted"),
                            ("approved", "Approved"),
                            ("done", "Done"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                        ]
                    ),
                ),
                ("takes_effect_on", models.DateField(help_text="first day on which the stores are the buyer's")),
                (
                    "started_side",
                    models.TextField(choices=[("seller", "Seller"), ("buyer", "Buyer"), ("team", "Team")]),
                ),
                ("started_by", models.TextField()),
                ("started_at", models.DateTimeField()),
                ("store_count", models.PositiveIntegerField(default=0)),
                (
                    "asked_stores",
                    models.TextField(blank=True, default="", help_text="the stores, in the words of a buyer who asked"),
                ),
                (
                    "seller",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sales",
                        to="tenancy.company",
                    ),
                ),
                (
                    "seller_name",
                    models.TextField(help_text="in the words of a buyer who asked, until the seller is known"),
                ),
                (
                    "seller_email",
                    models.EmailField(
                        blank=True, default="", help_text="as a buyer who asked knows it", max_length=254
                    ),
                ),
                ("seller_accepted_at", models.DateTimeField(null=True)),
                ("seller_accepted_by", models.TextField(blank=True, default="")),
                (
                    "buyer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="purchases",
                        to="tenancy.company",
                    ),
                ),
                ("buyer_name", models.TextField(help_text="as it was named, until the buyer is known")),
                (
                    "buyer_number",
                    models.TextField(blank=True, default="", help_text="the customer number, as it was named"),
                ),
                (
                    "buyer_email",
                    models.EmailField(
                        blank=True, default="", help_text="who was invited to accept by a link", max_length=254
                    ),
                ),
                ("buyer_language", models.CharField(default="en", max_length=2)),
                ("buyer_accepted_at", models.DateTimeField(null=True)),
                ("buyer_accepted_by", models.TextField(blank=True, default="")),
                (
                    "invitation",
                    models.UUIDField(help_text="what the secrets of the present links are derived from", null=True),
                ),
                ("accept_hash", models.CharField(blank=True, default="", max_length=64)),
                ("withdraw_hash", models.CharField(blank=True, default="", max_length=64)),
                ("invitation_expires_at", models.DateTimeField(null=True)),
                ("approved_at", models.DateTimeField(null=True)),
                ("approved_by", models.TextField(blank=True, default="")),
                ("prices", models.TextField(blank=True, choices=[("agreed", "Agreed"), ("list", "List")], default="")),
                ("declined_at", models.DateTimeField(null=True)),
                ("declined_by", models.TextField(blank=True, default="")),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "withdrawn_side",
                    models.TextField(
                        blank=True, choices=[("seller", "Seller"), ("buyer", "Buyer"), ("team", "Team")], default=""
                    ),
                ),
                ("withdrawn_by", models.TextField(blank=True, default="")),
                ("reason", models.TextField(blank=True, default="", help_text="why it was declined or withdrawn")),
                ("done_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["vendor", "-id"], name="transfer_by_vendor"),
                    models.Index(
                        condition=models.Q(("status", "approved")),
                        fields=["vendor", "takes_effect_on"],
                        name="transfer_to_pass",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["asked", "started", "accepted", "approved", "done", "declined", "withdrawn"],
                            )
                        ),
                        name="transfer_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("started_side__in", ["seller", "buyer", "team"])),
                        name="transfer_starter_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("seller", None),
                            ("buyer", None),
                            models.Q(("seller", models.F("buyer")), _negated=True),
                            _connector="OR",
                        ),
                        name="buyer_is_not_the_seller",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("seller", None), ("status", "asked"), ("store_count", 0)),
                            ("status__in", ("declined", "withdrawn")),
                            models.Q(
                                ("seller__isnull", False),
                                ("status__in", ("started", "accepted", "approved", "done")),
                                ("store_count__gt", 0),
                            ),
                            _connector="OR",
                        ),
                        name="transfer_has_a_seller_and_stores",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ("declined", "withdrawn")),
                            models.Q(
                                ("status__in", ("asked", "started")),
                                models.Q(("seller_accepted_at", None), ("buyer_accepted_at", None), _connector="OR"),
                            ),
                            models.Q(
                                ("buyer_accepted_at__isnull", False),
                                ("seller_accepted_at__isnull", False),
                                ("status__in", ("accepted", "approved", "done")),
                            ),
                            _connector="OR",
                        ),
                        name="transfer_is_accepted_by_both",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("seller_accepted_at__isnull", False),
                                models.Q(("seller_accepted_by", ""), _negated=True),
                            ),
                            models.Q(("seller_accepted_at", None), ("seller_accepted_by", "")),
                            _connector="OR",
                        ),
                        name="seller_accepted_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("buyer_accepted_at__isnull", False), models.Q(("buyer_accepted_by", ""), _negated=True)
                            ),
                            models.Q(("buyer_accepted_at", None), ("buyer_accepted_by", "")),
                            _connector="OR",
                        ),
                        name="buyer_accepted_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("approved_at__isnull", False),
                                ("prices__in", ["agreed", "list"]),
                                models.Q(("approved_by", ""), _negated=True),
                                ("status__in", ("approved", "done", "withdrawn")),
                            ),
                            models.Q(
                                ("approved_at", None),
                                ("approved_by", ""),
                                ("prices", ""),
                                models.Q(("status__in", ("approved", "done")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="transfer_is_approved_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("declined_at__isnull", False),
                                ("status", "declined"),
                                models.Q(("declined_by", ""), _negated=True),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            models.Q(
                                ("declined_at", None),
                                models.Q(
                                    ("status", "declined"),
                                    models.Q(("declined_by", ""), _negated=True),
                                    models.Q(("reason", ""), _negated=True),
                                    _negated=True,
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="transfer_is_declined_with_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("withdrawn_at__isnull", False),
                                ("status", "withdrawn"),
                                ("withdrawn_side__in", ["seller", "buyer", "team"]),
                                models.Q(("withdrawn_by", ""), _negated=True),
                            ),
                            models.Q(
                                ("withdrawn_at", None),
                                models.Q(
                                    ("status", "withdrawn"),
                                    ("withdrawn_side__in", ["seller", "buyer", "team"]),
                                    models.Q(("withdrawn_by", ""), _negated=True),
                                    _negated=True,
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="transfer_is_withdrawn_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "declined"), _negated=True),
                            ("declined_at__isnull", False),
                            _connector="OR",
                        ),
                        name="declined_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "withdrawn"), _negated=True),
                            ("withdrawn_at__isnull", False),
                            _connector="OR",
                        ),
                        name="withdrawn_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at__isnull", False), ("status", "done")),
                            models.Q(("done_at", None), models.Q(("status", "done"), _negated=True)),
                            _connector="OR",
                        ),
                        name="transfer_is_done_when_it_is",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "done"), _negated=True), ("buyer__isnull", False), _connector="OR"
                        ),
                        name="done_with_a_buyer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("accept_hash", ""),
                                ("invitation", None),
                                ("invitation_expires_at", None),
                                ("withdraw_hash", ""),
                            ),
                            models.Q(
                                ("invitation__isnull", False),
                                ("invitation_expires_at__isnull", False),
                                models.Q(("accept_hash", ""), _negated=True),
                                models.Q(("withdraw_hash", ""), _negated=True),
                                models.Q(("buyer_email", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="invitation_is_whole",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("accept_hash", ""), _negated=True),
                        fields=("accept_hash",),
                        name="link_accepts_one_transfer",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("withdraw_hash", ""), _negated=True),
                        fields=("withdraw_hash",),
                        name="link_withdraws_one_transfer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("buyer_email", django.db.models.functions.text.Lower("buyer_email")),
                            ("seller_email", django.db.models.functions.text.Lower("seller_email")),
                        ),
                        name="transfer_emails_are_lower_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("seller_name", ""), _negated=True), models.Q(("buyer_name", ""), _negated=True)
                        ),
                        name="transfer_names_both",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("buyer_language__in", ["en", "fr", "es"])),
                        name="transfer_language_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "transfer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="note", to="transfers.transfer"
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        help_text="whose; empty: the team's",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="tenancy.company",
                    ),
                ),
                ("text", models.TextField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("text", ""), _negated=True), name="note_says_something")
                ],
            },
        ),
        migrations.CreateModel(
            name="NewCompany",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "transfer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="new_company", to="transfers.transfer"
                    ),
                ),
                ("name", models.TextField()),
                ("person", models.TextField()),
                ("language", models.CharField(max_length=2)),
                ("address_lines", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                (
                    "number",
                    models.TextField(blank=True, default="", help_text="the customer number that the team gives it"),
                ),
                ("given_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "new companies",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True), models.Q(("person", ""), _negated=True)
                        ),
                        name="new_company_has_names",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["en", "fr", "es"])), name="new_company_language_is_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="documents", to="transfers.transfer"
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        help_text="whose; empty: the team's",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="tenancy.company",
                    ),
                ),
                ("given_by", models.TextField()),
                ("given_at", models.DateTimeField()),
                ("media_type", models.TextField()),
                ("size_bytes", models.PositiveIntegerField()),
                ("sealed_name", models.BinaryField()),
                ("sealed_content", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="TransferStore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="stores", to="transfers.transfer"
                    ),
                ),
                ("location", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="customers.location")),
                (
                    "label",
                    models.TextField(
                        help_text="number and name as they were, since the buyer does not see the store yet"
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("transfer", "location"), name="store_once_per_transfer"),
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("location",),
                        name="one_open_transfer_per_store",
                    ),
                ],
            },
        ),
    ]
