from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0004_done_once")]
    operations = [
        migrations.AddConstraint(
            model_name="vendor",
            constraint=models.CheckConstraint(
                condition=Q(invoice_lead_days__lte=90) & Q(terms_days__lte=365), name="vendor_terms_are_within_bounds"
            ),
        ),
        migrations.RunSQL(
            "GRANT UPDATE (invoice_lead_days, terms_days) ON tenancy_vendor TO comptoir_staff",
            "REVOKE UPDATE (invoice_lead_days, terms_days) ON tenancy_vendor FROM comptoir_staff",
        ),
    ]
