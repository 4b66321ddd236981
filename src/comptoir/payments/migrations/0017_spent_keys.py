from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0016_reconciling_rules")]
    operations = [
        migrations.AddField(
            model_name="payment",
            name="spent_keys",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, help_text="how often the processor broke over it and keeps to that answer"
            ),
        )
    ]
