from django.db import migrations

from comptoir.kit.sql import keeps_what_is_pointed_at


class Migration(migrations.Migration):
    """Numbers name their series, and companies their bill run, and are looked at once."""

    dependencies = [("invoicing", "0018_cover_at_once")]
    operations = [keeps_what_is_pointed_at("invoicing_numberseries"), keeps_what_is_pointed_at("invoicing_billrun")]
