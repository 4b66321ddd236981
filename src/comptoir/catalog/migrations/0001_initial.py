import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenancy", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Product",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("code", models.SlugField()),
                ("name", models.TextField()),
                (
                    "tax_category",
                    models.TextField(
                        choices=[
                            ("software", "Software"),
                            ("service", "Service"),
                            ("hardware", "Hardware"),
                            ("exempt", "Exempt"),
                        ],
                        default="software",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("vendor", "code"), name="product_code_is_the_vendors_own"),
                    models.CheckConstraint(
                        condition=models.Q(("tax_category__in", ["software", "service", "hardware", "exempt"])),
                        name="tax_category_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("product", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.product")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("code", models.SlugField()),
                ("name", models.TextField()),
                (
                    "cadence",
                    models.TextField(
                        choices=[("monthly", "Monthly"), ("quarterly", "Quarterly"), ("annual", "Annual")]
                    ),
                ),
                (
                    "scope",
                    models.TextField(choices=[("location", "Location"), ("company", "Company")], default="company"),
                ),
                (
                    "addon_of",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="addons", to="catalog.plan"
                    ),
                ),
                (
                    "minimum_term_months",
                    models.PositiveSmallIntegerField(help_text="how long a new subscription lasts at least", null=True),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("vendor", "code"), name="plan_code_is_the_vendors_own"),
                    models.CheckConstraint(
                        condition=models.Q(("cadence__in", ["monthly", "quarterly", "annual"])),
                        name="plan_cadence_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("scope__in", ["location", "company"])), name="plan_scope_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("minimum_term_months", None), ("minimum_term_months__range", (1, 120)), _connector="OR"
                        ),
                        name="minimum_term_is_up_to_ten_years",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Price",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="prices", to="catalog.plan"
                    ),
                ),
                ("valid_from", models.DateField()),
                ("amount_minor", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "valid_from"), name="one_price_per_plan_and_date"),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gte", 0)), name="price_is_not_negative"),
                ],
            },
        ),
    ]
