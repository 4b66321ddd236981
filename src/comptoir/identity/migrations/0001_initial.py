import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenancy", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("name", models.TextField(blank=True, default="")),
                ("language", models.CharField(default="en", max_length=2)),
                ("is_active", models.BooleanField(default=True)),
                ("date_joined", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"), name="one_login_per_address"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="login_is_lower_case",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LoginAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("address", models.EmailField(max_length=254)),
            ],
            options={
                "verbose_name_plural": "login addresses",
                "indexes": [models.Index(fields=["address"], name="login_by_address")],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "address"), name="login_address_once"),
                    models.CheckConstraint(
                        condition=models.Q(("address", django.db.models.functions.text.Lower("address"))),
                        name="login_address_is_lower_case",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LoginEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("logged_in", "Logged In"),
                            ("login_failed", "Login Failed"),
                            ("second_step_failed", "Second Step Failed"),
                            ("password_changed", "Password Changed"),
                            ("way_added", "Way Added"),
                            ("way_removed", "Way Removed"),
                            ("sessions_ended", "Sessions Ended"),
                        ]
                    ),
                ),
                (
                    "way",
                    models.TextField(blank=True, default="", help_text="of logging in: totp, webauthn, recovery_codes"),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ip", models.GenericIPAddressField()),
                ("user_agent", models.CharField(blank=True, default="", max_length=200)),
            ],
            options={
                "indexes": [models.Index(fields=["user", "-id"], name="login_events_of_a_person")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "logged_in",
                                    "login_failed",
                                    "second_step_failed",
                                    "password_changed",
                                    "way_added",
                                    "way_removed",
                                    "sessions_ended",
                                ],
                            )
                        ),
                        name="login_event_kind_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StaffInvitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("email", models.EmailField(max_length=254)),
                (
                    "role",
                    models.TextField(
                        choices=[("clerk", "Clerk"), ("manager", "Manager"), ("auditor", "Auditor"), ("admin", "Admin")]
                    ),
                ),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("invited_by", models.TextField()),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["clerk", "manager", "auditor", "admin"])),
                        name="invited_role_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="invited_email_is_lower_case",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StaffMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="staff_of",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "role",
                    models.TextField(
                        choices=[("clerk", "Clerk"), ("manager", "Manager"), ("auditor", "Auditor"), ("admin", "Admin")]
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("vendor", "user"),
                        name="one_role_per_vendor_and_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["clerk", "manager", "auditor", "admin"])),
                        name="staff_role_is_known",
                    ),
                ],
            },
        ),
    ]
