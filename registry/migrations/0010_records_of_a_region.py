from django.db import migrations, models

from config.indexes import AddIndexAnew


class Migration(migrations.Migration):
    """A district's records, of one kind or all, are found without looking up everybody who lives there."""

    atomic = False

    dependencies = [("registry", "0009_regions_of_records")]

    operations = [
        AddIndexAnew(
            model_name="passrecord",
            index=models.Index(
                fields=["region", "kind"], name="record_region", opclasses=["varchar_pattern_ops", "varchar_ops"]
            ),
        ),
    ]
