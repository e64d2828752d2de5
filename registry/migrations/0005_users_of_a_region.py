from django.db import migrations, models

from config.indexes import AddIndexAnew


class Migration(migrations.Migration):
    """A clerk of a region sees the clerks of it without reading all users, who are owners for the most part."""

    atomic = False

    dependencies = [("registry", "0004_statistics_of_people")]

    operations = [
        AddIndexAnew(
            model_name="user",
            index=models.Index(fields=["region"], name="user_region", opclasses=["varchar_pattern_ops"]),
        ),
    ]
