from django.db import migrations, models

from config.indexes import AddIndexAnew


class Migration(migrations.Migration):
    """A venue is found by how its name begins without reading all."""

    atomic = False

    dependencies = [("venues", "0003_statistics_of_venues")]

    operations = [
        AddIndexAnew(
            model_name="venue",
            index=models.Index(fields=["name"], name="venue_name_begins", opclasses=["varchar_pattern_ops"]),
        ),
    ]
