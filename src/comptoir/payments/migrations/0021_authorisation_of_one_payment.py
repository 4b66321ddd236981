import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0020_word_on_giving_in_rules")]

    operations = [
        migrations.AddField(
            model_name="authorisation",
            name="payment",
            field=models.OneToOneField(
                help_text="the one debit that it is for; none where it stands",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="payments.payment",
            ),
        ),
        migrations.AddField(
            model_name="authorisation",
            name="text_language",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="in which it was read; empty for old ones",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="authorisation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("payment", None),
                    models.Q(("active_since", None), ("ended_at", None), ("method", None)),
                    _connector="OR",
                ),
                name="authorisation_of_one_payment_never_stands",
            ),
        ),
    ]
