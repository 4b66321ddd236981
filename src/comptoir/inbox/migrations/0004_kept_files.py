import uuid

import django.db.models.deletion
from django.db import migrations, models

from comptoir.kit.sql import fixed_columns
from comptoir.tenancy.rls import OWN_COMPANY, OWN_USER, OWN_VENDOR, Access, protect

# The mark of a key, a nonce, a tag: what is shorter was not sealed.
SEALED = """
ALTER TABLE inbox_keptfile ADD CONSTRAINT kept_file_is_sealed
    CHECK (octet_length(sealed_name) > 32 AND octet_length(sealed_content) = size_bytes + 32);
"""


class Migration(migrations.Migration):
    dependencies = [("inbox", "0003_events"), ("tenancy", "0003_door_events")]
    operations = [
        migrations.CreateModel(
            name="KeptFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("user_id", models.BigIntegerField(help_text="whose login")),
                (
                    "company",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.company",
                    ),
                ),
                (
                    "vendor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.vendor",
                    ),
                ),
                ("size_bytes", models.PositiveIntegerField()),
                ("sealed_name", models.BinaryField()),
                ("sealed_content", models.BinaryField()),
                ("kept_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["user_id", "kept_at"], name="kept_file_by_person")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("company", None), ("vendor__isnull", False)),
                            models.Q(("company__isnull", False), ("vendor", None)),
                            _connector="OR",
                        ),
                        name="kept_file_is_a_companys_or_a_teams",
                    )
                ],
            },
        ),
        migrations.RunSQL(SEALED, migrations.RunSQL.noop),
        fixed_columns("inbox_keptfile", ["public_id", "user_id", "company_id", "vendor_id", "size_bytes", "kept_at"]),
        protect(
            "inbox_keptfile",
            portal=Access("SELECT, INSERT, DELETE", f"company_id = {OWN_COMPANY} AND user_id = {OWN_USER}"),
            staff=Access("SELECT, INSERT, DELETE", f"vendor_id = {OWN_VENDOR} AND user_id = {OWN_USER}"),
        ),
    ]
