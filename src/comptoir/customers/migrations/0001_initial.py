import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        # Others' tables first: each change of theirs has every table drawn again that is there by then.
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("oauth2_provider", "0022_refreshtoken_token_family_index"),
        ("procrastinate", "0041_post_retry_failed_job"),
        ("sessions", "0001_initial"),
        ("usersessions", "0001_initial"),
        ("tenancy", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Location",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("number", models.TextField()),
                ("name", models.TextField()),
                ("address", models.TextField(blank=True, default="")),
                ("city", models.TextField(blank=True, default="")),
                (
                    "county",
                    models.TextField(blank=True, default="", help_text="where its taxes differ; empty: the city's own"),
                ),
                ("state", models.TextField(blank=True, default="")),
                ("postal_code", models.TextField(blank=True, default="")),
                ("country", models.CharField(default="US", max_length=2)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("vendor", "number"), name="location_number_is_the_vendors_own")
                ],
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="members", to="tenancy.company"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "role",
                    models.TextField(
                        choices=[("owner", "Owner"), ("billing_manager", "Billing Manager"), ("viewer", "Viewer")]
                    ),
                ),
                ("joined_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("company", "user"),
                        name="one_role_per_company_and_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["owner", "billing_manager", "viewer"])),
                        name="member_role_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MemberInvitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="invitations", to="tenancy.company"
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                (
                    "role",
                    models.TextField(
                        choices=[("owner", "Owner"), ("billing_manager", "Billing Manager"), ("viewer", "Viewer")]
                    ),
                ),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                (
                    "invited_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
                ),
                ("invited_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["billing_manager", "viewer"])),
                        name="invited_member_is_no_owner",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="invited_member_is_lower_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("accepted_at", None), ("withdrawn_at", None), _connector="OR"),
                        name="invitation_ends_in_one_way",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at", None), ("withdrawn_at", None)),
                        fields=("company", "email"),
                        name="one_open_invitation_per_person",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ownership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ownerships", to="customers.location"
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ownerships", to="tenancy.company"
                    ),
                ),
                (
                    "period",
                    django.contrib.postgres.fields.ranges.DateRangeField(help_text="half-open; no end while it lasts"),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    models.F("location_id"),
                                    models.F("location_id"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            ("period", "&&"),
                        ],
                        name="one_owner_at_a_time",
                    ),
                    models.CheckConstraint(condition=models.Q(("period__isempty", False)), name="ownership_has_days"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaperWish",
            fields=[
                (
                    "company",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="paper_wish",
                        serialize=False,
                        to="tenancy.company",
                    ),
                ),
                ("invoices_by", models.TextField(choices=[("email", "Email"), ("both", "Both"), ("post", "Post")])),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("invoices_by__in", ["email", "both", "post"])), name="paper_wish_is_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StoreDifference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("vendor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.vendor")),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                (
                    "location",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="customers.location"),
                ),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("not_ours", "Not Ours"),
                            ("closed", "Closed"),
                            ("address_differs", "Address Differs"),
                            ("missing", "Missing"),
                        ]
                    ),
                ),
                ("ours", models.JSONField(help_text="what our list said then")),
                ("theirs", models.JSONField(help_text="what the owner says")),
                (
                    "said_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
                ),
                ("said_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_by", models.TextField(blank=True, default="")),
                (
                    "outcome",
                    models.TextField(
                        blank=True,
                        choices=[("put_right", "Put Right"), ("left", "Left"), ("taken_back", "Taken Back")],
                        default="",
                    ),
                ),
                ("note", models.TextField(blank=True, default="")),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("settled_at", None)), fields=["vendor", "said_at"], name="difference_open"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["not_ours", "closed", "address_differs", "missing"])),
                        name="difference_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "missing"), ("location", None)),
                            models.Q(models.Q(("kind", "missing"), _negated=True), ("location__isnull", False)),
                            _connector="OR",
                        ),
                        name="difference_is_of_a_store_or_misses_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", ""), ("settled_at", None), ("settled_by", "")),
                            models.Q(
                                ("outcome__in", ["put_right", "left", "taken_back"]),
                                ("settled_at__isnull", False),
                                models.Q(("settled_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="difference_is_settled_by_somebody",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("settled_at", None)),
                        fields=("company", "location"),
                        name="one_open_difference_per_store",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StoreVerification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("company", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="tenancy.company")),
                ("location", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="customers.location")),
                (
                    "answer",
                    models.TextField(
                        choices=[
                            ("right", "Right"),
                            ("not_ours", "Not Ours"),
                            ("closed", "Closed"),
                            ("address_differs", "Address Differs"),
                        ]
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
                ),
                ("answered_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("company", "location"), name="one_answer_per_store"),
                    models.CheckConstraint(
                        condition=models.Q(("answer__in", ["right", "not_ours", "closed", "address_differs"])),
                        name="store_answer_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contacts", to="tenancy.company"
                    ),
                ),
                ("role", models.TextField(choices=[("owner", "Owner"), ("billing", "Billing")])),
                ("name", models.TextField(blank=True, default="")),
                ("email", models.EmailField(max_length=254)),
            ],
            options={
                "indexes": [models.Index(fields=["email"], name="contact_by_email")],
                "constraints": [
                    models.UniqueConstraint(fields=("company", "role"), name="one_contact_per_role"),
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="contact_email_is_lower_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["owner", "billing"])), name="contact_role_is_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EmailChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="email_changes", to="tenancy.company"
                    ),
                ),
                (
                    "old_email",
                    models.EmailField(blank=True, help_text="empty: there was none to be told", max_length=254),
                ),
                ("new_email", models.EmailField(max_length=254)),
                ("confirm_hash", models.CharField(max_length=64, unique=True)),
                ("stop_hash", models.CharField(max_length=64, unique=True)),
                (
                    "asked_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
                ),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("stopped_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("new_email", django.db.models.functions.text.Lower("new_email"))),
                        name="new_email_is_lower_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("confirmed_at", None), ("told_at__isnull", False), _connector="OR"),
                        name="email_changes_when_the_old_was_told",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("confirmed_at", None), ("stopped_at", None)),
                        fields=("company",),
                        name="one_open_email_change",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExtraRecipient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="extra_recipients",
                        to="tenancy.company",
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("agree_hash", models.CharField(max_length=64, unique=True)),
                ("leave_hash", models.CharField(max_length=64, unique=True)),
                (
                    "asked_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
                ),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(help_text="until when the link to agree works")),
                ("agreed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="recipient_email_is_lower_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("agree_hash", models.F("leave_hash")), _negated=True),
                        name="recipient_links_differ",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("company", "email"),
                        name="recipient_once_per_company",
                    ),
                ],
            },
        ),
    ]
