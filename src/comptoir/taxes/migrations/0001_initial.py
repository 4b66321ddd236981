import django.contrib.postgres.constraints
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenancy", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Jurisdiction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.TextField(help_text="e.g. US-IL-COOK-CHICAGO", unique=True)),
                ("name", models.TextField(help_text="as invoices call its tax")),
                (
                    "level",
                    models.TextField(
                        choices=[("country", "Country"), ("state", "State"), ("county", "County"), ("city", "City")]
                    ),
                ),
                ("country", models.CharField(max_length=2)),
                ("state", models.TextField(blank=True, default="")),
                ("county", models.TextField(blank=True, default="")),
                ("city", models.TextField(blank=True, default="")),
                (
                    "harmonised",
                    models.BooleanField(
                        default=False, help_text="a state's rate that holds the country's as well, as in Ontario"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("country", "state", "county", "city"), name="one_jurisdiction_per_area"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("level", "country"), ("state", ""), ("county", ""), ("city", "")),
                            models.Q(
                                ("level", "state"), models.Q(("state", ""), _negated=True), ("county", ""), ("city", "")
                            ),
                            models.Q(
                                ("level", "county"),
                                models.Q(("state", ""), _negated=True),
                                models.Q(("county", ""), _negated=True),
                                ("city", ""),
                            ),
                            models.Q(
                                ("level", "city"),
                                models.Q(("state", ""), _negated=True),
                                models.Q(("city", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="jurisdiction_level_is_its_areas",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("country__regex", "^[A-Z]{2}$"),
                            ("state__regex", "^[A-Z0-9]{0,3}$"),
                            models.Q(("code", ""), _negated=True),
                            models.Q(("name", ""), _negated=True),
                        ),
                        name="jurisdiction_has_codes_and_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("harmonised", False), ("level", "state"), _connector="OR"),
                        name="states_alone_harmonise",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExemptionCertificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                (
                    "jurisdiction",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="taxes.jurisdiction"),
                ),
                ("number", models.TextField()),
                ("reason", models.TextField()),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(help_text="first day on which it no longer counts", null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("company", "jurisdiction", "number"), name="one_certificate_per_number"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("number", ""), _negated=True), models.Q(("reason", ""), _negated=True)
                        ),
                        name="certificate_has_number_and_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until", None), ("valid_until__gt", models.F("valid_from")), _connector="OR"
                        ),
                        name="certificate_has_days",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Registration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                (
                    "jurisdiction",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="taxes.jurisdiction"),
                ),
                ("since", models.DateField()),
                ("until", models.DateField(help_text="first day without it; empty while it lasts", null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until", None), ("until__gt", models.F("since")), _connector="OR"),
                        name="registration_has_days",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    models.F("vendor_id"),
                                    models.F("vendor_id"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    models.F("jurisdiction_id"),
                                    models.F("jurisdiction_id"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            (models.Func(models.F("since"), models.F("until"), function="daterange"), "&&"),
                        ],
                        name="registered_once_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "jurisdiction",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="taxes.jurisdiction"),
                ),
                (
                    "category",
                    models.TextField(
                        choices=[
                            ("software", "Software"),
                            ("service", "Service"),
                            ("hardware", "Hardware"),
                            ("exempt", "Exempt"),
                        ]
                    ),
                ),
                ("rate", models.DecimalField(decimal_places=6, max_digits=9)),
                ("valid_from", models.DateField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("jurisdiction", "category", "valid_from"), name="one_tax_rate_per_date"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rate__gte", 0), ("rate__lt", 1)), name="tax_rate_is_a_share"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("category__in", ["software", "service", "hardware"])),
                        name="tax_rate_is_of_a_taxed_category",
                    ),
                ],
            },
        ),
    ]
