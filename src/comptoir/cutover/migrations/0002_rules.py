from django.db import migrations

from comptoir.kit.sql import never_deleted
from comptoir.tenancy.rls import own_company, own_vendor, protect, visible_parent


class Migration(migrations.Migration):
    dependencies = [("cutover", "0001_initial"), ("tenancy", "0002_rules")]
    operations = [
        never_deleted("cutover_legacyimport"),
        never_deleted("cutover_wave"),
        never_deleted("cutover_move"),
        protect("cutover_legacyimport", staff=own_vendor("SELECT, INSERT")),
        protect(
            "cutover_legacycompany", staff=visible_parent("SELECT", parent="tenancy_company", column="company_id")
        ),
        protect("cutover_wave", staff=own_vendor("SELECT, INSERT, UPDATE (status, sent_at, sent_on)")),
        protect(
            "cutover_move",
            portal=own_company("SELECT, UPDATE (portal_opened_at)"),
            staff=visible_parent("SELECT, INSERT, UPDATE (letter_to)", parent="cutover_wave", column="wave_id"),
        ),
    ]
