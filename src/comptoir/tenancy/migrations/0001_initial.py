import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="DoorEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.TextField(help_text="whose door: portal or staff")),
                ("name", models.TextField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("role", "name"), name="door_event_once"),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["portal", "staff"])), name="door_event_is_of_a_door"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Vendor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("country", models.CharField(blank=True, default="", max_length=2)),
                ("registration_scheme", models.CharField(blank=True, default="", max_length=4)),
                ("registration_number", models.TextField(blank=True, default="")),
                ("vat_id", models.TextField(blank=True, default="")),
                ("tax_registration", models.TextField(blank=True, default="")),
                ("electronic_scheme", models.CharField(blank=True, default="", max_length=4)),
                ("electronic_address", models.TextField(blank=True, default="")),
                ("slug", models.SlugField(unique=True)),
                ("name", models.TextField(help_text="what its customers call it")),
                ("legal_name", models.TextField()),
                (
                    "currency",
                    models.CharField(max_length=3, validators=[django.core.validators.RegexValidator("^[A-Z]{3}$")]),
                ),
                ("time_zone", models.TextField(default="America/New_York")),
                ("language", models.CharField(default="en", max_length=2)),
                ("address_lines", models.JSONField(default=list)),
                (
                    "email",
                    models.EmailField(help_text="the billing team's address, shown to customers", max_length=254),
                ),
                ("phone", models.TextField(blank=True, default="")),
                (
                    "colour",
                    models.CharField(
                        default="#1f5f8b",
                        max_length=7,
                        validators=[django.core.validators.RegexValidator("^#[0-9a-f]{6}$")],
                    ),
                ),
                ("logo", models.BinaryField(null=True)),
                ("logo_media_type", models.TextField(blank=True, default="")),
                (
                    "sender_name",
                    models.TextField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="whom mail is from; empty: “… Billing”, in each language",
                    ),
                ),
                (
                    "invoice_lead_days",
                    models.PositiveSmallIntegerField(
                        default=15, help_text="days before a period starts on which its invoice is issued"
                    ),
                ),
                (
                    "terms_days",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="days after a period starts on which its invoice is due"
                    ),
                ),
                (
                    "late_penalty",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="per cent a year on what is paid late, as invoices say it",
                        max_digits=4,
                        null=True,
                    ),
                ),
                (
                    "business_date",
                    models.DateField(
                        help_text="where a sandbox vendor's test clock stands; empty: the calendar's today counts",
                        null=True,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("country__regex", "^([A-Z]{2})?$"),
                            ("electronic_scheme__regex", "^([0-9]{4}|EM)?$"),
                            ("registration_scheme__regex", "^([0-9]{4})?$"),
                            ("vat_id__regex", "^([A-Z]{2}[0-9A-Z+*]{2,13})?$"),
                        ),
                        name="vendor_legal_ids_are_codes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("registration_scheme", ""),
                            models.Q(("registration_number", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="vendor_scheme_is_of_a_number",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("electronic_address", ""), ("electronic_scheme", "")),
                            models.Q(
                                models.Q(("electronic_scheme", ""), _negated=True),
                                models.Q(("electronic_address", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="vendor_electronic_address_has_a_scheme",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("late_penalty", None), ("late_penalty__gt", 0), _connector="OR"),
                        name="vendor_late_penalty_is_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("invoice_lead_days__lte", 90), ("terms_days__lte", 365)),
                        name="vendor_terms_are_within_bounds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="vendor_currency_is_a_code"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("colour__regex", "^#[0-9a-f]{6}$")), name="vendor_colour_is_hex"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("slug__regex", "^[a-z0-9-]+$")), name="vendor_slug_is_lower_case"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("logo__isnull", True), models.Q(("logo_media_type", ""), _negated=True), _connector="OR"
                        ),
                        name="vendor_logo_has_a_media_type",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Company",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("country", models.CharField(blank=True, default="", max_length=2)),
                ("registration_scheme", models.CharField(blank=True, default="", max_length=4)),
                ("registration_number", models.TextField(blank=True, default="")),
                ("vat_id", models.TextField(blank=True, default="")),
                ("tax_registration", models.TextField(blank=True, default="")),
                ("electronic_scheme", models.CharField(blank=True, default="", max_length=4)),
                ("electronic_address", models.TextField(blank=True, default="")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("number", models.TextField(help_text="the customer number, as the vendor writes it")),
                ("name", models.TextField()),
                ("language", models.CharField(default="en", max_length=2)),
                ("address_lines", models.JSONField(default=list)),
                (
                    "billed_since",
                    models.DateField(
                        help_text="the day on which its billing moved here; empty: the old system still bills it",
                        null=True,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "companies",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("country__regex", "^([A-Z]{2})?$"),
                            ("electronic_scheme__regex", "^([0-9]{4}|EM)?$"),
                            ("registration_scheme__regex", "^([0-9]{4})?$"),
                            ("vat_id__regex", "^([A-Z]{2}[0-9A-Z+*]{2,13})?$"),
                        ),
                        name="company_legal_ids_are_codes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("registration_scheme", ""),
                            models.Q(("registration_number", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="company_scheme_is_of_a_number",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("electronic_address", ""), ("electronic_scheme", "")),
                            models.Q(
                                models.Q(("electronic_scheme", ""), _negated=True),
                                models.Q(("electronic_address", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="company_electronic_address_has_a_scheme",
                    ),
                    models.UniqueConstraint(fields=("vendor", "number"), name="company_number_is_the_vendors_own"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("number", ""), _negated=True), models.Q(("name", ""), _negated=True)
                        ),
                        name="company_has_number_and_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["en", "fr", "es"])), name="company_language_is_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "vendor",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor"),
                ),
                (
                    "company",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="tenancy.company"),
                ),
                (
                    "actor_kind",
                    models.TextField(choices=[("customer", "customer"), ("staff", "staff"), ("system", "system")]),
                ),
                ("actor_user_id", models.BigIntegerField(null=True)),
                ("actor_label", models.TextField()),
                ("action", models.TextField()),
                ("subject", models.TextField(help_text="what was changed, e.g. wave:3")),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("reason", models.TextField(blank=True, default="")),
                ("request_id", models.TextField(blank=True, default="")),
            ],
            options={
                "verbose_name_plural": "audit entries",
                "indexes": [
                    models.Index(fields=["company", "-id"], name="audit_by_company"),
                    models.Index(
                        models.F("vendor"), models.OrderBy(models.F("id"), descending=True), name="audit_by_vendor"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("actor_kind", "system"), ("actor_user_id__isnull", False), _connector="OR"),
                        name="audit_names_the_person",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DoneOnce",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("reference", models.UUIDField()),
                ("done_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("vendor", "reference"), name="form_is_done_once")],
            },
        ),
    ]
