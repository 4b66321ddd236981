import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0017_own_companies_by_id")]
    operations = [
        migrations.RemoveConstraint(model_name="ownership", name="one_owner_at_a_time"),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                name="one_owner_at_a_time",
                expressions=[
                    (models.Func(models.F("location_id"), models.Value(0), function="point"), "~="),
                    ("period", django.contrib.postgres.fields.ranges.RangeOperators.OVERLAPS),
                ],
            ),
        ),
    ]
