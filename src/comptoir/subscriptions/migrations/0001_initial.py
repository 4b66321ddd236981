import django.contrib.postgres.constraints
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0001_initial"),
        ("customers", "0001_initial"),
        ("tenancy", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="OneOffCharge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                (
                    "location",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="customers.location"),
                ),
                ("product", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.product")),
                ("description", models.TextField(help_text="as the invoice says it")),
                ("amount_minor", models.BigIntegerField()),
                ("charge_on", models.DateField()),
                (
                    "repeats",
                    models.OneToOneField(
                        help_text="what it charges again, since that invoice was voided",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="subscriptions.oneoffcharge",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["company", "charge_on"], name="charge_due")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="charge_is_positive"),
                    models.CheckConstraint(
                        condition=models.Q(("description", ""), _negated=True), name="charge_says_what_for"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BillingPreferences",
            fields=[
                (
                    "company",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="tenancy.company",
                    ),
                ),
                ("invoice_per_store", models.BooleanField(default=False)),
                (
                    "purchase_order",
                    models.TextField(blank=True, default="", help_text="its own reference, shown on each invoice"),
                ),
                ("terms_days", models.PositiveSmallIntegerField(help_text="empty: the vendor's", null=True)),
                (
                    "align_to_day",
                    models.PositiveSmallIntegerField(
                        help_text="day of month on which the periods of all its subscriptions begin; empty: each its own",
                        null=True,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "billing preferences",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("align_to_day", None), ("align_to_day__range", (1, 31)), _connector="OR"),
                        name="aligned_to_a_day_of_month",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("terms_days", None), ("terms_days__lte", 365), _connector="OR"),
                        name="terms_are_a_year_at_most",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="subscriptions", to="tenancy.company"
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="customers.location"),
                ),
                ("plan", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.plan")),
                ("legacy_key", models.TextField(blank=True, default="", help_text="what the old system called it")),
                ("anchor_day", models.PositiveSmallIntegerField(help_text="day of month on which its periods begin")),
                (
                    "agreed_price_minor",
                    models.BigIntegerField(
                        help_text="per full period, where it differs from the plan's price", null=True
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(help_text="first day without service", null=True)),
                ("minimum_term_ends_on", models.DateField(null=True)),
                (
                    "billed_from",
                    models.DateField(help_text="first day that Comptoir bills: the old system's billed-through"),
                ),
                ("billed_through", models.DateField(help_text="first day not yet billed")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("anchor_day__range", (1, 31))), name="anchor_day_is_a_day_of_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                        name="subscription_does_not_end_before_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("agreed_price_minor", None), ("agreed_price_minor__gte", 0), _connector="OR"
                        ),
                        name="agreed_price_is_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("billed_through__gte", models.F("billed_from"))),
                        name="billed_through_is_not_before_billed_from",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("legacy_key", ""), _negated=True),
                        fields=("vendor", "legacy_key"),
                        name="subscription_imported_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Discount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="discounts",
                        to="subscriptions.subscription",
                    ),
                ),
                ("kind", models.TextField(choices=[("percent", "Percent"), ("amount", "Amount")])),
                (
                    "basis_points",
                    models.PositiveIntegerField(help_text="hundredths of a percent of the price", null=True),
                ),
                ("amount_minor", models.BigIntegerField(help_text="per full period", null=True)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(help_text="first day on which no period gets it any more", null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["percent", "amount"])), name="discount_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount_minor", None), ("basis_points__isnull", False), ("kind", "percent")),
                            models.Q(("amount_minor__isnull", False), ("basis_points", None), ("kind", "amount")),
                            _connector="OR",
                        ),
                        name="discount_is_a_percentage_or_an_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("basis_points", None), ("basis_points__range", (1, 10000)), _connector="OR"
                        ),
                        name="discount_is_up_to_the_whole_price",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor", None), ("amount_minor__gt", 0), _connector="OR"),
                        name="discount_amount_is_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                        name="discount_does_not_end_before_it_starts",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    models.F("subscription_id"),
                                    models.F("subscription_id"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            (models.Func(models.F("starts_on"), models.F("ends_on"), function="daterange"), "&&"),
                        ],
                        name="one_discount_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChargeWithdrawal",
            fields=[
                (
                    "charge",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="withdrawal",
                        serialize=False,
                        to="subscriptions.oneoffcharge",
                    ),
                ),
                ("reason", models.TextField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="withdrawal_says_why"
                    )
                ],
            },
        ),
    ]
