from django.db import migrations

from comptoir.tenancy.rls import own_vendor, protect


class Migration(migrations.Migration):
    """The billing team sees which invoices a bill run made."""

    dependencies = [("invoicing", "0011_charges_withdrawn")]
    operations = [protect("invoicing_invoicebatch", staff=own_vendor("SELECT"))]
